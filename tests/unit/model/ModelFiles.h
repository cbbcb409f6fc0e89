// What the tests of model files share: folders, safetensors, zip archives and pickles made byte by byte, right or wrong.
#pragma once

#include <QByteArray>
#include <QTemporaryDir>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::test {

/// A folder of its own for a test's files.
class Folder {
public:
    std::filesystem::path path() const { return m_folder.path().toStdString(); }
    std::filesystem::path write(const std::string& name, std::string_view bytes) const;

private:
    QTemporaryDir m_folder;
};

/// tests/data/golden/NAME
std::filesystem::path golden(const std::string& name);

std::string bytes_of(const std::filesystem::path& path);

/// The error as a user reads it, hint included; "accepted" when there is none; and for an error that is not fit for a user
/// (a fault of the program, no full sentence) a line that says so, which no test expects.
QByteArray sentence(const Error& error);
template <typename T>
QByteArray refusal(const Result<T>& result) {
    return result ? QByteArray("accepted") : sentence(result.error());
}

/// A number's bytes, lowest first.
template <typename Number>
std::string little(Number number) {
    std::string bytes;
    for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>((static_cast<std::uint64_t>(number) >> (8 * i)) & 0xffU);
    return bytes;
}

/// A safetensors file of this header and these data.
std::string safetensors(std::string_view header, std::string_view data);

/// A zip archive's entry; the lies are what its directory says instead of the truth.
struct ZipItem {
    std::string name;
    std::string bytes;
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::int64_t packed_lie = -1;
    std::int64_t size_lie = -1;
    std::int64_t offset_lie = -1;
    bool zip64 = false;  ///< sizes and offset in the extra field, as in archives above 4 GiB
};
std::string zip(const std::vector<ZipItem>& items);

/// Pickle instructions of protocol 2, as torch.save writes them.
namespace pickle {
std::string text(std::string_view value);
std::string number(std::int64_t value);
std::string tuple(const std::vector<std::string>& items);
std::string numbers(const std::vector<std::int64_t>& values);
std::string global(std::string_view module, std::string_view name);

struct Tensor {
    std::string name = "wte.weight";
    std::string type = "FloatStorage";
    std::string key = "0";
    std::int64_t elements = 4;
    std::int64_t offset = 0;
    std::vector<std::int64_t> sizes = {2, 2};
    std::vector<std::int64_t> strides = {2, 1};
};
std::string tensor(const Tensor& tensor);  ///< the value alone, without its name
std::string state_dict(const std::vector<Tensor>& tensors);
}  // namespace pickle

/// A file as torch.save writes it: this pickle and storages 0, 1, ….
std::string torch_archive(const std::string& program, const std::vector<std::string>& storages);

/// config.json of a model of 1 layer, width 4, 2 heads, 8 tokens, 4 positions.
Json small_config();

}  // namespace lossmith::test
