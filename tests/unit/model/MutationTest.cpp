#include "tests/unit/model/MutationTest.h"

#include <QtTest/QtTest>
#include <random>

#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/PickleCheckpoint.h"
#include "core/engine/model/Safetensors.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

namespace {

constexpr int rounds = 2000;

/// One to four changes: a bit flipped, a byte set, a piece cut out or doubled, the end cut off.
std::string mutated(std::string bytes, std::mt19937& random) {
    const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
    for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
        const std::size_t at = below(bytes.size());
        switch (below(8)) {
            case 0: bytes.erase(at, 1 + below(8)); break;
            case 1: bytes.insert(at, bytes.substr(at, 1 + below(8))); break;
            case 2: bytes.resize(at); break;
            case 3: bytes[at] = static_cast<char>(below(256)); break;
            case 4: bytes[at] = static_cast<char>("\x00\xff\x7f\x80"[below(4)]); break;
            default: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
        }
    }
    return bytes;
}

QByteArray in_round(int round, const QByteArray& found) {
    return "round " + QByteArray::number(round) + ": " + found;
}

/// Reads each changed file; fails on an error that is a fault of the program or no sentence.
template <typename Read>
void check(const std::string& valid, std::uint32_t seed, const std::string& name, const Folder& folder, Read read) {
    std::mt19937 random(seed);
    folder.write(name, valid);
    QCOMPARE(read(), QByteArray("accepted"));
    int refused = 0;
    for (int round = 0; round < rounds; ++round) {
        folder.write(name, mutated(valid, random));
        const QByteArray found = read();
        QVERIFY2(!found.startsWith("unfit"), in_round(round, found));
        if (found != "accepted") ++refused;
    }
    QVERIFY2(refused > rounds / 4, QByteArray::number(refused));
}

/// Opens the file and reads all that it has.
QByteArray read_all(const std::filesystem::path& path) {
    const auto file = SafetensorsFile::open(path);
    if (!file) return refusal(file);
    for (const std::string& name : file->names())
        if (const auto tensor = file->tensor(name); !tensor) return refusal(tensor);
    return "accepted";
}

const std::string storage(64, '\x01');

std::string valid_archive() {
    const std::string program =
        pickle::state_dict({{.elements = 16, .sizes = {4, 4}, .strides = {4, 1}},
                            {.name = "b", .type = "BoolStorage", .key = "1", .elements = 64, .sizes = {8, 8}, .strides = {8, 1}}});
    return torch_archive(program, {storage, storage});
}

}  // namespace

void MutationTest::a_changed_safetensors_file_is_read_or_refused() {
    const Folder folder;
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]},"b":{"dtype":"BF16","shape":[3],"data_offsets":[32,38]},)"
        R"("c":{"dtype":"BOOL","shape":[],"data_offsets":[38,39]},"d":{"dtype":"I64","shape":[0,7],"data_offsets":[39,39]}})";
    check(safetensors(header, std::string(39, '\x01')), 1, "a.safetensors", folder,
          [&] { return read_all(folder.path() / "a.safetensors"); });
}

void MutationTest::a_changed_pickle_is_read_or_refused() {
    const Folder folder;
    const std::string program = pickle::state_dict({{}, {.name = "b", .offset = 1, .sizes = {3}, .strides = {1}}});
    std::mt19937 random(2);
    for (int round = 0; round < rounds; ++round) {
        const auto path = folder.write("a.bin", torch_archive(mutated(program, random), {std::string(16, '\x01')}));
        const QByteArray found = refusal(read_pickle_checkpoint(path));
        QVERIFY2(!found.startsWith("unfit"), in_round(round, found));
    }
}

void MutationTest::a_changed_archive_is_read_or_refused() {
    const Folder folder;
    check(valid_archive(), 3, "a.bin", folder, [&] { return refusal(read_pickle_checkpoint(folder.path() / "a.bin")); });
}

void MutationTest::a_changed_config_is_read_or_refused() {
    const Folder folder;
    const auto config = gpt2_config_from_json(small_config());
    QVERIFY(write_checkpoint(folder.path() / "model", *new_checkpoint(*config, 1)));
    check(Json(*config).dump(1), 4, "model/config.json", folder, [&] { return refusal(read_checkpoint(folder.path() / "model")); });
}

#include "moc_MutationTest.cpp"
