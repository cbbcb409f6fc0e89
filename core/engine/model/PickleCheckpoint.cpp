#include "core/engine/model/PickleCheckpoint.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "core/engine/model/PickleMachine.h"
#include "core/engine/model/QuotedName.h"
#include "core/engine/model/TorchErrors.h"
#include "core/engine/model/TruthValues.h"
#include "core/engine/model/ZipArchive.h"

namespace lossmith::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "storages are little-endian and are read as they are");

constexpr std::uint64_t largest_pickle = 8U << 20U;

at::ScalarType scalar_type_of(PickleGlobal storage) {
    switch (storage) {
        case PickleGlobal::HalfStorage: return at::kHalf;
        case PickleGlobal::BFloat16Storage: return at::kBFloat16;
        case PickleGlobal::DoubleStorage: return at::kDouble;
        case PickleGlobal::LongStorage: return at::kLong;
        case PickleGlobal::IntStorage: return at::kInt;
        case PickleGlobal::ShortStorage: return at::kShort;
        case PickleGlobal::CharStorage: return at::kChar;
        case PickleGlobal::ByteStorage: return at::kByte;
        case PickleGlobal::BoolStorage: return at::kBool;
        default: return at::kFloat;
    }
}

/// Whether every element lies in the storage, and the tensor has no more elements than it: strides of zero would let
/// a few bytes stand for a tensor of any size.
bool fits_storage(const PickledTensor& tensor) {
    if (tensor.sizes.size() != tensor.strides.size() || tensor.sizes.size() > 64 || tensor.offset < 0) return false;
    std::int64_t elements = 1;
    std::int64_t last = tensor.offset;
    bool empty = false;
    for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
        const std::int64_t size = tensor.sizes[i];
        const std::int64_t stride = tensor.strides[i];
        std::int64_t reach = 0;
        if (size < 0 || stride < 0) return false;
        empty = empty || size == 0;
        if (__builtin_mul_overflow(elements, std::max<std::int64_t>(size, 1), &elements)) return false;
        if (__builtin_mul_overflow(std::max<std::int64_t>(size - 1, 0), stride, &reach) || __builtin_add_overflow(last, reach, &last))
            return false;
    }
    if (empty) return tensor.offset <= tensor.storage.elements && elements <= std::max<std::int64_t>(tensor.storage.elements, 1);
    return last < tensor.storage.elements && elements <= tensor.storage.elements;
}

class Storages {
public:
    Storages(const ZipArchive& archive, std::string root) : m_archive(archive), m_root(std::move(root)) {}

    /// The storage as a tensor of one dimension; read once, however many tensors share it.
    [[nodiscard]] Result<at::Tensor> get(const PickledStorage& storage) {
        const at::ScalarType type = scalar_type_of(storage.type);
        const std::string shown = in_quotes(storage.key);
        if (const auto known = m_loaded.find(storage.key); known != m_loaded.end()) {
            if (known->second.scalar_type() != type || known->second.numel() != storage.elements)
                return failure(Error::bad_input("The storage " + shown + " is described in two different ways."));
            return known->second;
        }
        const auto entry = m_archive.entries().find(m_root + "data/" + storage.key);
        if (entry == m_archive.entries().end()) return failure(Error::bad_input("The storage " + shown + " is missing from the file."));
        std::uint64_t bytes = 0;
        if (__builtin_mul_overflow(static_cast<std::uint64_t>(storage.elements), std::uint64_t{c10::elementSize(type)}, &bytes) ||
            bytes != entry->second.size)
            return failure(Error::bad_input("The storage " + shown + " has another size in the file than the pickle says."));
        at::Tensor tensor = at::empty({storage.elements}, at::TensorOptions(type));
        LOSSMITH_CHECK(m_archive.file().read(entry->second.offset, tensor.data_ptr(), bytes));
        if (type == at::kBool && !holds_only_truth_values(tensor))
            return failure(Error::bad_input("The storage " + shown + " is damaged."));
        m_loaded.emplace(storage.key, tensor);
        return tensor;
    }

private:
    const ZipArchive& m_archive;
    std::string m_root;
    std::map<std::string, at::Tensor> m_loaded;
};

/// "pytorch_model/" of "pytorch_model/data.pkl".
std::optional<std::string> root_of(const ZipArchive& archive) {
    static constexpr std::string_view pickle = "data.pkl";
    for (const auto& [name, entry] : archive.entries())
        if (name.ends_with(pickle) && name.find('/') == name.size() - pickle.size() - 1) return name.substr(0, name.size() - pickle.size());
    return std::nullopt;
}

/// PyTorch before 1.6 wrote bare pickles; they begin with its magic number, after protocol and a long's instruction.
Status refuse_legacy(const std::filesystem::path& path) {
    const RandomAccessFile file = LOSSMITH_TRY(RandomAccessFile::open(path));
    char start[2] = {};
    if (file.size() >= sizeof start) LOSSMITH_CHECK(file.read(0, start, sizeof start));
    if (start[0] == 'P' && start[1] == 'K') return {};
    if (start[0] == '\x80')
        return failure(Error::unsupported("This file is in the format that PyTorch wrote before version 1.6, which is not read here.")
                           .with_hint("Load it with PyTorch and save it again, best as safetensors: model.save_pretrained(FOLDER)."));
    return failure(Error::bad_input("This is not a file that torch.save wrote: it is no zip archive."));
}

Result<std::map<std::string, at::Tensor>> read_archive(const std::filesystem::path& path) {
    LOSSMITH_CHECK(refuse_legacy(path));
    const ZipArchive archive = LOSSMITH_TRY(ZipArchive::open(path));
    const auto root = root_of(archive);
    if (!root) return failure(Error::bad_input("This zip archive has no data.pkl, so torch.save did not write it."));
    if (archive.entries().contains(*root + "byteorder") && LOSSMITH_TRY(archive.read(*root + "byteorder", 64)) != "little")
        return failure(Error::unsupported("This file was written on a big-endian machine, which is not supported."));
    const std::string program = LOSSMITH_TRY(archive.read(*root + "data.pkl", largest_pickle));
    const auto described = LOSSMITH_TRY(run_state_dict_pickle(program));

    Storages storages(archive, *root);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : described) {
        if (!fits_storage(tensor)) return failure(Error::bad_input("The tensor " + in_quotes(name) + " reaches beyond its storage."));
        const at::Tensor storage = LOSSMITH_TRY(storages.get(tensor.storage));
        if (!tensors.emplace(name, storage.as_strided(tensor.sizes, tensor.strides, tensor.offset)).second)
            return failure(Error::bad_input("The tensor " + in_quotes(name) + " is in this file twice."));
    }
    return tensors;
}

}  // namespace

Result<std::map<std::string, at::Tensor>> read_pickle_checkpoint(const std::filesystem::path& path) {
    auto tensors = without_exceptions([&] { return read_archive(path); });
    if (!tensors && tensors.error().where.file.empty()) return failure(std::move(tensors).error().in_file(path.string()));
    return tensors;
}

}  // namespace lossmith::engine
