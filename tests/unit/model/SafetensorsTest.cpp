#include "tests/unit/model/SafetensorsTest.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <QtTest/QtTest>
#include <csignal>

#include "core/engine/model/Safetensors.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

namespace {

at::Tensor counted(std::vector<std::int64_t> shape, at::ScalarType type) {
    std::int64_t elements = 1;
    for (const std::int64_t size : shape) elements *= size;
    return at::arange(elements, at::TensorOptions(at::kFloat)).reshape(shape).to(type);
}

QByteArray refusal_of(const std::string& bytes) {
    const Folder folder;
    return refusal(SafetensorsFile::open(folder.write("model.safetensors", bytes)));
}

}  // namespace

void SafetensorsTest::the_bytes_written_are_those_of_the_format() {
    const Folder folder;
    const auto path = folder.path() / "two.safetensors";
    const Status written =
        write_safetensors(path, {{"b", counted({2}, at::kFloat)}, {"a", counted({1, 3}, at::kHalf)}}, {{"format", "pt"}});
    QVERIFY2(written, refusal(written));
    std::string header =
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F16","shape":[1,3],"data_offsets":[8,14]}})";
    header.append((8 - header.size() % 8) % 8, ' ');
    const std::string data = little(std::uint32_t{0}) + little(std::uint32_t{0x3f800000}) + little(std::uint16_t{0}) +
                             little(std::uint16_t{0x3c00}) + little(std::uint16_t{0x4000});
    QCOMPARE(QByteArray::fromStdString(bytes_of(path)), QByteArray::fromStdString(safetensors(header, data)));
    QVERIFY(!std::filesystem::exists(path.string() + ".part"));
}

void SafetensorsTest::every_type_is_read_as_it_was_written() {
    const Folder folder;
    const auto path = folder.path() / "types.safetensors";
    NamedTensors tensors;
    for (const auto type :
         {at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kHalf, at::kBFloat16, at::kFloat, at::kDouble, at::kComplexFloat})
        tensors.emplace_back(at::toString(type), counted({3, 5}, type));
    tensors.emplace_back("Bool", counted({3, 5}, at::kFloat).gt(7));
    QVERIFY(write_safetensors(path, tensors));
    const auto file = SafetensorsFile::open(path);
    QVERIFY2(file, refusal(file));
    QCOMPARE(file->names().size(), tensors.size());
    for (const auto& [name, tensor] : tensors) {
        const auto read = file->tensor(name);
        QVERIFY2(read, refusal(read));
        QVERIFY(read->scalar_type() == tensor.scalar_type());
        QVERIFY2(read->equal(tensor), name.c_str());
    }
}

void SafetensorsTest::scalars_and_empty_tensors_are_kept() {
    const Folder folder;
    const auto path = folder.path() / "odd.safetensors";
    QVERIFY(write_safetensors(path, {{"scalar", at::ones({}, at::kFloat)}, {"empty", at::empty({3, 0}, at::TensorOptions(at::kFloat))}}));
    const auto file = SafetensorsFile::open(path);
    QVERIFY2(file, refusal(file));
    QCOMPARE(file->tensor("scalar")->dim(), 0);
    QVERIFY(file->tensor("empty")->sizes() == at::IntArrayRef({3, 0}));
    QVERIFY(file->metadata().empty());
    QVERIFY(refusal(file->tensor("other")).contains("no tensor \"other\""));
}

void SafetensorsTest::wide_elements_stand_first_so_that_all_are_aligned() {
    const Folder folder;
    const auto path = folder.path() / "mixed.safetensors";
    QVERIFY(write_safetensors(path,
                              {{"flag", counted({1}, at::kByte)}, {"wide", counted({1}, at::kDouble)}, {"half", counted({3}, at::kHalf)}}));
    const auto file = SafetensorsFile::open(path);
    QVERIFY2(file, refusal(file));
    QCOMPARE(file->names(), (std::vector<std::string>{"wide", "half", "flag"}));
}

void SafetensorsTest::the_golden_file_is_read() {
    const auto file = SafetensorsFile::open(golden("tiny-gpt2/model.safetensors"));
    QVERIFY2(file, refusal(file));
    QCOMPARE(file->names().size(), std::size_t{40});
    QCOMPARE(file->metadata().at("format"), std::string("pt"));
    QCOMPARE(*file->shape("transformer.wte.weight"), (std::vector<std::int64_t>{512, 64}));
    QVERIFY(file->tensor("transformer.wte.weight")->scalar_type() == at::kFloat);
}

void SafetensorsTest::a_view_is_written_as_what_it_shows() {
    const Folder folder;
    const auto path = folder.path() / "view.safetensors";
    const at::Tensor transposed = counted({3, 4}, at::kFloat).t();
    QVERIFY(write_safetensors(path, {{"view", transposed}}));
    const auto file = SafetensorsFile::open(path);
    QVERIFY2(file, refusal(file));
    QVERIFY(file->tensor("view")->equal(transposed));
}

void SafetensorsTest::a_file_cut_short_anywhere_is_refused() {
    const std::string whole = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", std::string(8, 'x'));
    QCOMPARE(refusal_of(whole), QByteArray("accepted"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const QByteArray found = refusal_of(whole.substr(0, size));
        QVERIFY2(found != "accepted" && !found.startsWith("unfit"), found);
    }
    QVERIFY(refusal_of(whole + "x").contains("1 bytes that belong to no tensor"));
}

void SafetensorsTest::a_header_of_any_false_length_is_refused_data() {
    QTest::addColumn<quint64>("length");
    for (const quint64 length :
         {quint64{1} << 60U, ~quint64{0}, quint64{1} << 63U, quint64{100'000'001}, quint64{99'999'999}, quint64{4}, quint64{2}, quint64{0}})
        QTest::newRow(QByteArray::number(length).constData()) << length;
}

void SafetensorsTest::a_header_of_any_false_length_is_refused() {
    QFETCH(quint64, length);
    const QByteArray found = refusal_of(little(std::uint64_t{length}) + "{} ");
    QVERIFY2(found != "accepted" && !found.startsWith("unfit"), found);
}

void SafetensorsTest::a_wrong_header_is_refused_with_its_reason_data() {
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const char* header, const char* said) {
        QTest::newRow(name) << QByteArray(header) << QByteArray(said);
    };
    row("no JSON", "hello", "does not begin with");
    row("leading space", " {}", "does not begin with");
    row("unfinished", R"({"a":{"dtype":"F32")", "not valid JSON at byte");
    row("broken UTF-8", "{\"a\xff\":1}", "not valid JSON at byte");
    row("a number beyond all floats", R"({"a":{"dtype":"F32","shape":[1e9999],"data_offsets":[0,8]}})", "not valid JSON");
    row("a list", R"({"a":[1]})", "a list where it must not");
    row("a number", R"({"a":1})", "a number where it must not");
    row("null", R"({"a":null})", "null where it must not");
    row("deep metadata", R"({"__metadata__":{"a":{}}})", "in an unexpected place");
    row("metadata of numbers", R"({"__metadata__":{"a":1}})", "a number where it must not");
    row("metadata twice", R"({"__metadata__":{"a":"1","a":"2"}})", "metadata \"a\" twice");
    row("unknown type", R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", "type \"F31\", which is not known");
    row("a type by another name", R"({"a":{"dtype":"float32","shape":[2],"data_offsets":[0,8]}})", "type \"float32\"");
    row("missing type", R"({"a":{"shape":[2],"data_offsets":[0,8]}})", "does not give dtype, shape and two data_offsets");
    row("missing shape", R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", "does not give dtype");
    row("one offset", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", "does not give dtype");
    row("three offsets", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}})", "more than two data_offsets");
    row("a field too many", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":"y"}})", "where it must not");
    row("a field twice", R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "gives \"dtype\" twice");
    row("a name twice", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
        "names \"a\" twice");
    row("negative shape", R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "a negative number");
    row("fractional shape", R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", "a number that is not whole");
    row("nested shape", R"({"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}})", "a list where it must not");
    row("a size of 2^63", R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}})", "a size beyond all bounds");
    row("a shape whose product overflows", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
        "larger than any memory");
    row("a shape that overflows to the right size", R"({"a":{"dtype":"F32","shape":[4611686018427387904,2,2],"data_offsets":[0,8]}})",
        "larger than any memory");
    row("an overflow behind a zero", R"({"a":{"dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0]}})",
        "larger than any memory");
    row("a shape too small", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", "needs 4 bytes by its shape and has 8");
    row("offsets the wrong way round", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "lies outside the file");
    row("offsets beyond the file", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})", "lies outside the file");
    row("offsets near 2^64", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615]}})",
        "lies outside the file");
    row("negative offsets", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", "a negative number");
    row("overlap", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
        "overlaps the one before");
    row("the same range twice",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
        "overlaps the one before");
    row("a gap", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "a gap in the file before");
    row("nothing at all", R"({})", "8 bytes that belong to no tensor");
}

void SafetensorsTest::a_wrong_header_is_refused_with_its_reason() {
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, said);
    const QByteArray found = refusal_of(safetensors(header.toStdString(), std::string(8, '\0')));
    QVERIFY2(found.contains(said), found);
}

void SafetensorsTest::a_header_nested_a_million_deep_is_refused() {
    for (const std::string opening : {"{\"a\":", "["}) {
        std::string header = "{\"a\":";
        for (int i = 0; i < 1'000'000; ++i) header += opening;
        const QByteArray found = refusal_of(safetensors(header, ""));
        QVERIFY2(found.contains("where it must not") || found.contains("in an unexpected place"), found);
    }
}

void SafetensorsTest::a_type_that_torch_lacks_is_listed_and_refused_when_read() {
    const Folder folder;
    const auto path =
        folder.write("f8.safetensors", safetensors(R"({"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})", std::string(8, '\0')));
    const auto file = SafetensorsFile::open(path);
    QVERIFY2(file, refusal(file));
    QVERIFY(file->contains("a"));
    QVERIFY(refusal(file->tensor("a")).contains("type F8_E4M3, which is not supported"));
}

void SafetensorsTest::a_pipe_is_no_file_and_does_not_hang() {
    const Folder folder;
    const auto path = folder.path() / "pipe.safetensors";
    QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
    QVERIFY(refusal(SafetensorsFile::open(path)).contains("not an ordinary file"));
    QVERIFY(refusal(SafetensorsFile::open(folder.path())).contains("not an ordinary file"));
    QVERIFY(refusal(SafetensorsFile::open(folder.path() / "none")).contains("no such file"));
}

void SafetensorsTest::a_write_that_fails_leaves_the_old_file() {
    const Folder folder;
    const auto path = folder.path() / "kept.safetensors";
    QVERIFY(write_safetensors(path, {{"a", counted({4}, at::kFloat)}}));
    const std::string before = bytes_of(path);
    // A limit on the size of files stands for a full disk: the kernel refuses the write in the middle.
    struct rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small{20'000, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Status written = write_safetensors(path, {{"a", counted({100'000}, at::kFloat)}});
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, old_handler);
    QVERIFY(!written);
    QVERIFY(written.error().kind == ErrorKind::Io);
    QVERIFY2(refusal(written).contains("could not be written"), refusal(written));
    QVERIFY(bytes_of(path) == before);
    QVERIFY(!std::filesystem::exists(path.string() + ".part"));
}

void SafetensorsTest::a_name_written_twice_is_a_fault() {
    const Folder folder;
    const at::Tensor tensor = counted({4}, at::kFloat);
    const Status written = write_safetensors(folder.path() / "twice.safetensors", {{"a", tensor}, {"a", tensor}});
    QVERIFY(!written);
    QVERIFY(written.error().kind == ErrorKind::Internal);
}

#include "moc_SafetensorsTest.cpp"
