#include "tests/unit/model/ModelFiles.h"

#include <fstream>
#include <sstream>

namespace lossmith::test {

std::filesystem::path Folder::write(const std::string& name, std::string_view bytes) const {
    std::ofstream stream(path() / name, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path() / name;
}

std::filesystem::path golden(const std::string& name) {
    return std::filesystem::path(LOSSMITH_TEST_DATA) / "golden" / name;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
}

QByteArray sentence(const Error& error) {
    const bool whole = error.message.size() > 10 && error.message.ends_with('.');
    if (!whole || error.kind == ErrorKind::Internal) return "unfit for a user: " + QByteArray::fromStdString(error.message);
    return QByteArray::fromStdString(describe(error) + (error.hint.empty() ? "" : " " + error.hint));
}

std::string safetensors(std::string_view header, std::string_view data) {
    return little(std::uint64_t{header.size()}) + std::string(header) + std::string(data);
}

std::string zip(const std::vector<ZipItem>& items) {
    std::string file;
    std::string directory;
    for (const ZipItem& item : items) {
        const std::uint64_t packed = item.packed_lie >= 0 ? static_cast<std::uint64_t>(item.packed_lie) : item.bytes.size();
        const std::uint64_t size = item.size_lie >= 0 ? static_cast<std::uint64_t>(item.size_lie) : item.bytes.size();
        const std::uint64_t offset = item.offset_lie >= 0 ? static_cast<std::uint64_t>(item.offset_lie) : file.size();
        const auto field = [&](std::uint64_t value) { return little(item.zip64 ? 0xffffffffU : static_cast<std::uint32_t>(value)); };
        const std::string extra =
            item.zip64 ? little(std::uint16_t{1}) + little(std::uint16_t{24}) + little(size) + little(packed) + little(offset) : "";
        const std::string common =
            little(std::uint16_t{20}) + little(item.flags) + little(item.method) + little(std::uint32_t{0}) + little(std::uint32_t{0});
        const std::string name_size = little(static_cast<std::uint16_t>(item.name.size()));
        file += "PK\x03\x04" + common + field(packed) + field(size) + name_size + little(std::uint16_t{0}) + item.name + item.bytes;
        directory += "PK\x01\x02" + little(std::uint16_t{20}) + common + field(packed) + field(size) + name_size +
                     little(static_cast<std::uint16_t>(extra.size())) + std::string(10, '\0') + field(offset) + item.name + extra;
    }
    const auto count = static_cast<std::uint16_t>(items.size());
    return file + directory + "PK\x05\x06" + std::string(4, '\0') + little(count) + little(count) +
           little(static_cast<std::uint32_t>(directory.size())) + little(static_cast<std::uint32_t>(file.size())) +
           little(std::uint16_t{0});
}

namespace pickle {

std::string text(std::string_view value) {
    return "X" + little(static_cast<std::uint32_t>(value.size())) + std::string(value);
}

std::string number(std::int64_t value) {
    if (value >= 0 && value < 256) return "K" + little(static_cast<std::uint8_t>(value));
    return "\x8a\x08" + little(static_cast<std::uint64_t>(value));
}

std::string tuple(const std::vector<std::string>& items) {
    std::string program = "(";
    for (const std::string& item : items) program += item;
    return program + "t";
}

std::string numbers(const std::vector<std::int64_t>& values) {
    std::vector<std::string> items;
    for (const std::int64_t value : values) items.push_back(number(value));
    return tuple(items);
}

std::string global(std::string_view module, std::string_view name) {
    return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

std::string tensor(const Tensor& value) {
    const std::string storage =
        tuple({text("storage"), global("torch", value.type), text(value.key), text("cpu"), number(value.elements)}) + "Q";
    const std::string hooks = global("collections", "OrderedDict") + ")R";
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple({storage, number(value.offset), numbers(value.sizes), numbers(value.strides), "\x89", hooks}) + "R";
}

std::string state_dict(const std::vector<Tensor>& tensors) {
    std::string program = "\x80\x02" + global("collections", "OrderedDict") + ")R(";
    for (const Tensor& value : tensors) program += text(value.name) + tensor(value);
    return program + "u.";
}

}  // namespace pickle

std::string torch_archive(const std::string& program, const std::vector<std::string>& storages) {
    std::vector<ZipItem> items = {{.name = "model/data.pkl", .bytes = program}, {.name = "model/byteorder", .bytes = "little"}};
    for (std::size_t i = 0; i < storages.size(); ++i) items.push_back({.name = "model/data/" + std::to_string(i), .bytes = storages[i]});
    return zip(items);
}

Json small_config() {
    return {{"model_type", "gpt2"}, {"vocab_size", 8}, {"n_positions", 4},  {"n_embd", 4},
            {"n_layer", 1},         {"n_head", 2},     {"bos_token_id", 7}, {"eos_token_id", 7}};
}

}  // namespace lossmith::test
