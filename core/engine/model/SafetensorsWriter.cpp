// Writes what Safetensors.h declares: the header first, then each tensor's bytes, one tensor in memory at a time.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "core/base/Files.h"
#include "core/base/Json.h"
#include "core/engine/model/Safetensors.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

Result<std::string> type_name(const std::string& name, at::ScalarType type) {
    switch (type) {
        case at::kBool: return "BOOL";
        case at::kByte: return "U8";
        case at::kChar: return "I8";
        case at::kShort: return "I16";
        case at::kInt: return "I32";
        case at::kLong: return "I64";
        case at::kHalf: return "F16";
        case at::kBFloat16: return "BF16";
        case at::kFloat: return "F32";
        case at::kDouble: return "F64";
        case at::kComplexFloat: return "C64";
        default:
            return failure(
                Error::unsupported("The tensor \"" + name + "\" is of a type that safetensors cannot hold: " + at::toString(type) + "."));
    }
}

using Order = std::vector<const NamedTensors::value_type*>;

/// The length, the JSON and the spaces that bring the data to a multiple of eight bytes.
Result<std::string> header_of(const Order& order, const std::map<std::string, std::string>& metadata) {
    std::string text = "{";
    if (!metadata.empty()) text += "\"__metadata__\":" + Json(metadata).dump();
    std::uint64_t offset = 0;
    for (const auto* item : order) {
        const auto& [name, tensor] = *item;
        const std::uint64_t end = offset + static_cast<std::uint64_t>(tensor.nbytes());
        if (text.size() > 1) text += ",";
        text += Json(name).dump() + ":{\"dtype\":\"" + LOSSMITH_TRY(type_name(name, tensor.scalar_type())) +
                "\",\"shape\":" + Json(tensor.sizes().vec()).dump() + ",\"data_offsets\":" + Json({offset, end}).dump() + "}";
        offset = end;
    }
    text += "}";
    text.append((8 - text.size() % 8) % 8, ' ');
    const std::uint64_t length = text.size();
    std::string header(sizeof length, '\0');
    std::memcpy(header.data(), &length, sizeof length);
    return header + text;
}

/// The file while it is being made: gone again unless it was put in place.
class PartFile {
public:
    explicit PartFile(const std::filesystem::path& path) : m_path(path), m_part(path.string() + ".part") {
        m_handle = ::open(m_part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    ~PartFile() {
        if (m_handle >= 0) {
            ::close(m_handle);
            ::unlink(m_part.c_str());
        }
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    [[nodiscard]] Status write(const void* bytes, std::size_t count) {
        if (m_handle < 0) return failed("The file could not be made");
        const char* at = static_cast<const char*>(bytes);
        while (count > 0) {
            const ssize_t written = ::write(m_handle, at, std::min<std::size_t>(count, 1U << 30U));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failed("The file could not be written");
            at += written;
            count -= static_cast<std::size_t>(written);
        }
        return {};
    }

    [[nodiscard]] Status put_in_place() {
        if (::fsync(m_handle) != 0) return failed("The file could not be flushed to disk");
        if (::rename(m_part.c_str(), m_path.c_str()) != 0) return failed("The file could not be put in place");
        ::close(std::exchange(m_handle, -1));
        return flush_to_disk(m_path);
    }

private:
    [[nodiscard]] Status failed(const std::string& what) const {
        const int code = errno;
        Error error = Error::io(what + ": " + std::strerror(code) + ".").in_file(m_path.string());
        if (code == ENOSPC || code == EDQUOT) error.hint = "Free some room on this disk and try again.";
        if (code == EACCES || code == EROFS) error.hint = "Choose a folder that you may write to.";
        return failure(std::move(error));
    }

    std::filesystem::path m_path;
    std::filesystem::path m_part;
    int m_handle = -1;
};

}  // namespace

Status write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                         const std::map<std::string, std::string>& metadata) {
    Order order;
    std::set<std::string> names = {"__metadata__"};
    for (const auto& item : tensors) {
        if (!item.second.defined()) return failure(Error::internal("The tensor \"" + item.first + "\" to be written has no value."));
        if (!names.insert(item.first).second) return failure(Error::internal("The tensor \"" + item.first + "\" would be written twice."));
        order.push_back(&item);
    }
    // Readers view the bytes in place, so each tensor must begin at a multiple of its element's size: wide elements go first.
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* left, const auto* right) { return left->second.element_size() > right->second.element_size(); });
    return without_exceptions([&]() -> Status {
        const std::string header = LOSSMITH_TRY(header_of(order, metadata));
        PartFile file(path);
        LOSSMITH_CHECK(file.write(header.data(), header.size()));
        for (const auto* item : order) {
            const at::Tensor tensor = item->second.detach().cpu().contiguous();
            LOSSMITH_CHECK(file.write(tensor.data_ptr(), tensor.nbytes()));
        }
        return file.put_in_place();
    });
}

}  // namespace lossmith::engine
