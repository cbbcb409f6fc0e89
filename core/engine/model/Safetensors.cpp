#include "core/engine/model/Safetensors.h"

#include <ATen/ops/empty.h>

#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "core/engine/model/QuotedName.h"
#include "core/engine/model/RandomAccessFile.h"
#include "core/engine/model/SafetensorsHeader.h"
#include "core/engine/model/TorchErrors.h"
#include "core/engine/model/TruthValues.h"

namespace lossmith::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian and are read as they are");

std::optional<at::ScalarType> scalar_type_named(const std::string& type) {
    static const std::unordered_map<std::string, at::ScalarType> types = {
        {"BOOL", at::kBool}, {"U8", at::kByte},    {"I8", at::kChar},         {"I16", at::kShort},
        {"I32", at::kInt},   {"I64", at::kLong},   {"F16", at::kHalf},        {"BF16", at::kBFloat16},
        {"F32", at::kFloat}, {"F64", at::kDouble}, {"C64", at::kComplexFloat}};
    const auto found = types.find(type);
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

struct SafetensorsFile::Parts {
    RandomAccessFile file;
    std::uint64_t data_begin;
    SafetensorsHeader header;
    std::vector<std::string> names;
    std::unordered_map<std::string, std::size_t> places;

    [[nodiscard]] Result<const SafetensorsEntry*> find(const std::string& name) const {
        const auto place = places.find(name);
        if (place == places.end())
            return failure(Error::not_found("There is no tensor " + in_quotes(name) + " in this file.").in_file(file.path().string()));
        return &header.entries[place->second];
    }
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
    RandomAccessFile file = LOSSMITH_TRY(RandomAccessFile::open(path));
    const auto refuse = [&](std::string sentence) { return failure(Error::bad_input(std::move(sentence)).in_file(path.string())); };
    if (file.size() < sizeof(std::uint64_t)) return refuse("The file is too short to be a safetensors file.");
    std::uint64_t header_bytes = 0;
    LOSSMITH_CHECK(file.read(0, &header_bytes, sizeof header_bytes));
    if (header_bytes > largest_safetensors_header)
        return refuse("The file claims a header of " + std::to_string(header_bytes) +
                      " bytes; it is not a safetensors file or it is damaged.");
    if (header_bytes > file.size() - sizeof header_bytes) return refuse("The file ends inside its header: it is cut short or damaged.");
    std::string text(header_bytes, '\0');
    LOSSMITH_CHECK(file.read(sizeof header_bytes, text.data(), header_bytes));
    const std::uint64_t data_begin = sizeof header_bytes + header_bytes;
    auto header = parse_safetensors_header(text, file.size() - data_begin);
    if (!header) return failure(std::move(header).error().in_file(path.string()));

    auto parts = std::make_unique<Parts>(Parts{std::move(file), data_begin, *std::move(header), {}, {}});
    for (const SafetensorsEntry& entry : parts->header.entries) {
        parts->places.emplace(entry.name, parts->names.size());
        parts->names.push_back(entry.name);
    }
    return SafetensorsFile(std::move(parts));
}

const std::vector<std::string>& SafetensorsFile::names() const {
    return m_parts->names;
}
bool SafetensorsFile::contains(const std::string& name) const {
    return m_parts->places.contains(name);
}
const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
    return m_parts->header.metadata;
}

Result<std::vector<std::int64_t>> SafetensorsFile::shape(const std::string& name) const {
    const SafetensorsEntry* entry = LOSSMITH_TRY(m_parts->find(name));
    return entry->shape;
}

Result<at::Tensor> SafetensorsFile::tensor(const std::string& name) const {
    const SafetensorsEntry* entry = LOSSMITH_TRY(m_parts->find(name));
    const auto type = scalar_type_named(entry->type);
    if (!type)
        return failure(
            Error::unsupported("The tensor " + in_quotes(name) + " is of the type " + entry->type + ", which is not supported here.")
                .with_hint("Save the model in float32, float16 or bfloat16.")
                .in_file(m_parts->file.path().string()));
    return without_exceptions([&]() -> Result<at::Tensor> {
        at::Tensor tensor = at::empty(entry->shape, at::TensorOptions(*type));
        LOSSMITH_CHECK(m_parts->file.read(m_parts->data_begin + entry->begin, tensor.data_ptr(), entry->end - entry->begin));
        if (*type == at::kBool && !holds_only_truth_values(tensor))
            return failure(Error::bad_input("The tensor " + in_quotes(name) + " holds bytes that are neither true nor false."));
        return tensor;
    });
}

}  // namespace lossmith::engine
