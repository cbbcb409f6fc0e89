#include "tests/unit/model/PickleTest.h"

#include <ATen/core/Tensor.h>

#include <QtTest/QtTest>

#include "core/engine/model/PickleCheckpoint.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

namespace {

const std::string four_floats = little(std::uint32_t{0x3f800000}) + little(std::uint32_t{0x40000000}) + little(std::uint32_t{0x40400000}) +
                                little(std::uint32_t{0x40800000});  // 1, 2, 3, 4

Result<std::map<std::string, at::Tensor>> read(const std::string& bytes) {
    const Folder folder;
    return read_pickle_checkpoint(folder.write("pytorch_model.bin", bytes));
}

/// What is said to this program with one storage of four floats.
QByteArray pickle_refusal_of(const std::string& program) {
    return refusal(read(torch_archive(program, {four_floats})));
}

/// A program that calls a global with one text.
std::string call(const char* module, const char* name) {
    return "\x80\x02" + pickle::global(module, name) + pickle::tuple({pickle::text("touch /tmp/harm")}) + "R.";
}

}  // namespace

void PickleTest::a_state_dict_is_read() {
    const auto tensors = read(torch_archive(pickle::state_dict({{}}), {four_floats}));
    QVERIFY2(tensors, refusal(tensors));
    QCOMPARE(tensors->size(), std::size_t{1});
    const at::Tensor& tensor = tensors->at("wte.weight");
    QVERIFY(tensor.sizes() == at::IntArrayRef({2, 2}));
    QCOMPARE(tensor.select(0, 1).select(0, 0).item<double>(), 3.0);
}

void PickleTest::every_storage_type_is_read() {
    const std::vector<std::tuple<std::string, at::ScalarType, std::size_t>> types = {
        {"FloatStorage", at::kFloat, 4},   {"HalfStorage", at::kHalf, 2}, {"BFloat16Storage", at::kBFloat16, 2},
        {"DoubleStorage", at::kDouble, 8}, {"LongStorage", at::kLong, 8}, {"IntStorage", at::kInt, 4},
        {"ShortStorage", at::kShort, 2},   {"CharStorage", at::kChar, 1}, {"ByteStorage", at::kByte, 1},
        {"BoolStorage", at::kBool, 1}};
    for (const auto& [name, type, size] : types) {
        const auto tensors = read(torch_archive(pickle::state_dict({{.type = name}}), {std::string(4 * size, '\0')}));
        QVERIFY2(tensors, refusal(tensors));
        QVERIFY2(tensors->begin()->second.scalar_type() == type, name.c_str());
    }
    const auto not_true = read(torch_archive(pickle::state_dict({{.type = "BoolStorage"}}), {std::string("\x00\x01\x02\x01", 4)}));
    QVERIFY2(refusal(not_true).contains("is damaged"), refusal(not_true));
}

void PickleTest::shared_storages_stay_shared_and_views_are_kept() {
    const auto tensors = read(torch_archive(pickle::state_dict({{.name = "whole"},
                                                                {.name = "turned", .strides = {1, 2}},
                                                                {.name = "tail", .offset = 2, .sizes = {2}, .strides = {1}},
                                                                {.name = "empty", .sizes = {0, 3}, .strides = {3, 1}}}),
                                            {four_floats}));
    QVERIFY2(tensors, refusal(tensors));
    QVERIFY(tensors->at("turned").equal(tensors->at("whole").t()));
    QVERIFY(tensors->at("tail").equal(tensors->at("whole").select(0, 1)));
    QVERIFY(tensors->at("whole").storage().data() == tensors->at("tail").storage().data());
    QCOMPARE(tensors->at("empty").numel(), 0);
}

void PickleTest::numbers_and_sizes_above_32_bits_are_read() {
    const std::string program = pickle::state_dict({{}});
    const std::string whole =
        zip({{.name = "m/data.pkl", .bytes = program, .zip64 = true}, {.name = "m/data/0", .bytes = four_floats, .zip64 = true}});
    const auto tensors = read(whole);
    QVERIFY2(tensors, refusal(tensors));
    // 2^40 elements in LONG1, as large storages have them: read as a number, then held against the file.
    const QByteArray found = pickle_refusal_of(pickle::state_dict({{.elements = std::int64_t{1} << 40}}));
    QVERIFY2(found.contains("has another size in the file"), found);
}

void PickleTest::the_golden_file_cut_short_anywhere_is_refused() {
    const std::string whole = bytes_of(golden("variants/pickle/pytorch_model.bin"));
    QVERIFY(whole.size() > 700'000);
    const Folder folder;
    for (std::size_t size = 0; size < whole.size(); size += size < 200 || size + 2000 > whole.size() ? 37 : 20'011) {
        const QByteArray found =
            refusal(read_pickle_checkpoint(folder.write("pytorch_model.bin", std::string_view(whole).substr(0, size))));
        QVERIFY2(found != "accepted" && !found.startsWith("unfit"), found);
    }
}

void PickleTest::a_pickle_cut_short_anywhere_is_refused() {
    const std::string program = pickle::state_dict({{}});
    for (std::size_t size = 0; size < program.size(); ++size) {
        const QByteArray found = pickle_refusal_of(program.substr(0, size));
        QVERIFY2(found != "accepted" && !found.startsWith("unfit"), found);
    }
}

void PickleTest::a_hostile_pickle_is_refused_with_its_reason_data() {
    QTest::addColumn<QByteArray>("program");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const std::string& program, const char* said) {
        QTest::newRow(name) << QByteArray::fromStdString(program) << QByteArray(said);
    };
    const std::string dict = pickle::global("collections", "OrderedDict") + ")R";
    const std::string start = "\x80\x02";
    const std::string tensor = pickle::tensor({});
    row("os.system", call("os", "system"), "asks for \"os.system\"");
    row("posix.system", call("posix", "system"), "asks for \"posix.system\"");
    row("builtins.eval", call("builtins", "eval"), "asks for \"builtins.eval\"");
    row("another of torch", call("torch.storage", "_load_from_bytes"), "asks for \"torch.storage._load_from_bytes\"");
    row("a name that ends alike", call("evil.torch", "FloatStorage"), "asks for \"evil.torch.FloatStorage\"");
    row("a dotted name", call("collections", "OrderedDict.__class__"), "asks for \"collections.OrderedDict.__class__\"");
    row("a name that is not text", call("os\xff\xfe", "system"), "asks for \"os");
    row("a storage called", call("torch", "FloatStorage"), "calls a storage type");
    row("a dict called with arguments", call("collections", "OrderedDict"), "calls collections.OrderedDict with arguments");
    row("a text called", start + pickle::text("os.system") + ")R.", "calls something that is not a known name");
    row("a tensor called", start + tensor + ")R.", "calls something that is not a known name");
    row("STACK_GLOBAL", start + pickle::text("os") + pickle::text("system") + "\x93.", "instruction 0x93");
    row("INST", start + "(ios\nsystem\n.", "instruction 0x69");
    row("OBJ", start + "(o.", "instruction 0x6f");
    row("NEWOBJ", start + pickle::global("collections", "OrderedDict") + ")\x81.", "instruction 0x81");
    row("EXT1", start + "\x82\x01.", "instruction 0x82");
    row("protocol 4", "\x80\x04}.", "protocol 4 where torch.save writes 2");
    row("a state that is not metadata", start + dict + "}" + pickle::text("__class__") + "K\x01sb.", "sets the state of an object");
    row("a state with more than metadata", start + dict + "}(" + pickle::text("_metadata") + "}" + pickle::text("x") + "}ub.",
        "sets the state of an object");
    row("a state that is a text", start + dict + pickle::text("x") + "b.", "sets the state of an object");
    row("the state of a tensor", start + tensor + "}" + pickle::text("_metadata") + "}sb.", "sets the state of an object");
    row("hooks",
        start + pickle::global("torch._utils", "_rebuild_tensor_v2") +
            pickle::tuple({pickle::tuple({pickle::text("storage"), pickle::global("torch", "FloatStorage"), pickle::text("0"),
                                          pickle::text("cpu"), "K\x04"}) +
                               "Q",
                           std::string("K\0", 2), pickle::numbers({2, 2}), pickle::numbers({2, 1}), "\x89",
                           "}" + pickle::text("hook") + "K\x01s"}) +
            "R.",
        "gives a tensor hooks of its own");
    row("too few arguments", start + pickle::global("torch._utils", "_rebuild_tensor_v2") + ")R.", "not described by six values");
    row("a storage of no type",
        start + pickle::tuple({pickle::text("storage"), pickle::text("x"), pickle::text("0"), pickle::text("cpu"), "K\x04"}) + "Q.",
        "type that is no storage");
    row("a storage of type OrderedDict",
        start +
            pickle::tuple(
                {pickle::text("storage"), pickle::global("collections", "OrderedDict"), pickle::text("0"), pickle::text("cpu"), "K\x04"}) +
            "Q.",
        "type that is no storage");
    row("a persistent id of another kind",
        start +
            pickle::tuple(
                {pickle::text("module"), pickle::global("torch", "FloatStorage"), pickle::text("0"), pickle::text("cpu"), "K\x04"}) +
            "Q.",
        "not described as torch.save does");
    row("a negative storage", pickle::state_dict({{.elements = -4}}), "not described as torch.save does");
    row("a persistent id that is a text", start + pickle::text("0") + "Q.", "not described by five values");
    row("an empty stack", start + "R.", "uses a value that it never made");
    row("nothing made", start + ".", "uses a value that it never made");
    row("a mark as a value", start + "(.", "uses a value that it never made");
    row("a tuple never opened", start + "t.", "closes a tuple that it never opened");
    row("a memo never filled", start + "h\x05.", "recalls a value that it never remembered");
    row("items of a number", start + "K\x01K\x02K\x03s.", "sets items of something that is not a dict");
    row("an odd number of items", start + "}(K\x01u.", "sets items of something that is not a dict");
    row("a text of 4 GB",
        start +
            "X\xff\xff\xff\xff"
            "abc.",
        "ends in the middle");
    row("a number of 255 bytes", start + "\x8a\xff" + std::string(255, 'x') + ".", "a number beyond all bounds");
    row("a text that is not UTF-8", start + pickle::text("\xc0\xaf") + ".", "is not UTF-8");
    row("no dict at the end", start + tensor + ".", "something other than a state dict");
    row("a number among the tensors", start + "}" + pickle::text("epoch") + "K\x03s.", "\"epoch\" of this file is not a tensor");
    row("a tensor without a name", start + "}K\x03" + tensor + "s.", "without a name");
    row("a name twice", pickle::state_dict({{}, {}}), "is in this file twice");
    row("a missing storage", pickle::state_dict({{.key = "7"}}), "storage \"7\" is missing");
    row("a storage outside the data", pickle::state_dict({{.key = "../data.pkl"}}), "storage \"../data.pkl\" is missing");
    row("a storage of two types", pickle::state_dict({{}, {.name = "b", .type = "IntStorage"}}), "described in two different ways");
}

void PickleTest::a_hostile_pickle_is_refused_with_its_reason() {
    QFETCH(QByteArray, program);
    QFETCH(QByteArray, said);
    const QByteArray found = pickle_refusal_of(program.toStdString());
    QVERIFY2(found.contains(said), found);
    QVERIFY(!std::filesystem::exists("/tmp/harm"));
}

void PickleTest::a_thousand_laughs_cost_nothing() {
    // Each tuple holds the one before it twice: 2^1000 leaves if anybody counted them.
    std::string program = "\x80\x02)q" + std::string(1, '\0');
    for (std::uint32_t i = 1; i <= 1000; ++i) program += "j" + little(i - 1) + "j" + little(i - 1) + "\x86r" + little(i);
    // The first is remembered by the short instruction; recalling by the long one finds the same place.
    const QByteArray found = pickle_refusal_of(program + ".");
    QVERIFY2(found.contains("something other than a state dict"), found);
    std::string many = "\x80\x02";
    many.append(3'000'000, ')');
    QVERIFY2(pickle_refusal_of(many + ".").contains("more values than any model needs"), pickle_refusal_of(many + "."));
    std::string recalled = "\x80\x02)q" + std::string(1, '\0');
    for (int i = 0; i < 3'000'000; ++i) recalled += std::string("h\0", 2);
    QVERIFY2(pickle_refusal_of(recalled + ".").contains("more values than any model needs"), pickle_refusal_of(recalled + "."));
    QVERIFY2(pickle_refusal_of(std::string(9U << 20U, ')')).contains("larger than any model needs"), "a pickle of 9 MB");
}

void PickleTest::deep_nesting_and_cycles_are_dropped_without_harm() {
    const QByteArray nested = pickle_refusal_of("\x80\x02)" + std::string(1'500'000, '\x85') + ".");
    QVERIFY2(nested.contains("something other than a state dict"), nested);
    // A dict that holds itself.
    const QByteArray cycle = pickle_refusal_of("\x80\x02}q\x01" + pickle::text("self") + "h\x01s.");
    QVERIFY2(cycle.contains("\"self\" of this file is not a tensor"), cycle);
}

void PickleTest::a_tensor_that_leaves_its_storage_is_refused_data() {
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::addColumn<QList<qint64>>("strides");
    const qint64 huge = qint64{1} << 62;
    QTest::newRow("too many rows") << qint64{0} << QList<qint64>{3, 2} << QList<qint64>{2, 1};
    QTest::newRow("an offset") << qint64{1} << QList<qint64>{2, 2} << QList<qint64>{2, 1};
    QTest::newRow("a negative offset") << qint64{-1} << QList<qint64>{2, 2} << QList<qint64>{2, 1};
    QTest::newRow("a huge offset") << huge << QList<qint64>{2, 2} << QList<qint64>{2, 1};
    QTest::newRow("an offset behind an empty tensor") << qint64{5} << QList<qint64>{0} << QList<qint64>{1};
    QTest::newRow("a negative size") << qint64{0} << QList<qint64>{-2, 2} << QList<qint64>{2, 1};
    QTest::newRow("a negative stride") << qint64{3} << QList<qint64>{2} << QList<qint64>{-1};
    QTest::newRow("a wide stride") << qint64{0} << QList<qint64>{2, 2} << QList<qint64>{3, 1};
    QTest::newRow("strides that overflow") << qint64{0} << QList<qint64>{3, 2} << QList<qint64>{huge, 1};
    QTest::newRow("sizes that overflow") << qint64{0} << QList<qint64>{huge, 4} << QList<qint64>{0, 0};
    QTest::newRow("strides of zero") << qint64{0} << QList<qint64>{qint64{1} << 40} << QList<qint64>{0};
    QTest::newRow("a huge empty tensor") << qint64{0} << QList<qint64>{0, huge} << QList<qint64>{1, 1};
    QTest::newRow("more sizes than strides") << qint64{0} << QList<qint64>{2, 2} << QList<qint64>{1};
    QTest::newRow("a hundred dimensions") << qint64{0} << QList<qint64>(100, 1) << QList<qint64>(100, 1);
}

void PickleTest::a_tensor_that_leaves_its_storage_is_refused() {
    QFETCH(qint64, offset);
    QFETCH(QList<qint64>, sizes);
    QFETCH(QList<qint64>, strides);
    const QByteArray found = pickle_refusal_of(
        pickle::state_dict({{.offset = offset, .sizes = {sizes.begin(), sizes.end()}, .strides = {strides.begin(), strides.end()}}}));
    QVERIFY2(found.contains("reaches beyond its storage"), found);
}

void PickleTest::a_storage_of_another_size_is_refused() {
    for (const std::int64_t elements : {std::int64_t{3}, std::int64_t{5}, std::int64_t{1} << 62, (std::int64_t{1} << 62) + 4}) {
        const QByteArray found = pickle_refusal_of(pickle::state_dict({{.elements = elements, .sizes = {1}, .strides = {1}}}));
        QVERIFY2(found.contains("has another size in the file than the pickle says"), found);
    }
}

void PickleTest::a_wrong_zip_is_refused_with_its_reason_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const std::string& bytes, const char* said) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes) << QByteArray(said);
    };
    const ZipItem program{.name = "m/data.pkl", .bytes = pickle::state_dict({{}})};
    const ZipItem storage{.name = "m/data/0", .bytes = four_floats};
    const auto changed = [&](auto change) {
        ZipItem item = storage;
        change(item);
        return zip({program, item});
    };
    row("empty", "", "it is no zip archive");
    row("a text", "hello, this is a text", "it is no zip archive");
    row("only the beginning", "PK\x03\x04", "it is too short");
    row("no directory", "PK\x03\x04" + std::string(100'000, 'x'), "directory of entries is missing");
    row("compressed", changed([](ZipItem& item) { item.method = 8; }), "\"m/data/0\" of the archive is compressed");
    row("encrypted", changed([](ZipItem& item) { item.flags = 1; }), "\"m/data/0\" of the archive is encrypted");
    row("two sizes", changed([](ZipItem& item) { item.size_lie = 1000; }), "has two different sizes");
    row("too large", changed([](ZipItem& item) { item.size_lie = item.packed_lie = 1000000; }), "reaches beyond the file");
    row("too small", changed([](ZipItem& item) { item.size_lie = item.packed_lie = 15; }), "another size in the file");
    row("zip64 size of 2^63", changed([](ZipItem& item) {
            item.zip64 = true;
            item.size_lie = item.packed_lie = INT64_MAX;
        }),
        "reaches beyond the file");
    row("offset beyond the file", changed([](ZipItem& item) { item.offset_lie = 1000000; }), "lies outside the file");
    row("zip64 offset of 2^63", changed([](ZipItem& item) {
            item.zip64 = true;
            item.offset_lie = INT64_MAX;
        }),
        "lies outside the file");
    row("offset elsewhere", changed([](ZipItem& item) { item.offset_lie = 3; }), "is not where its directory says");
    row("overlap", changed([](ZipItem& item) { item.offset_lie = 0; }), "overlap");
    row("a name twice", zip({program, storage, storage}), "\"m/data/0\" is there twice");
    row("no pickle", zip({storage}), "has no data.pkl");
    row("big-endian", zip({program, storage, {.name = "m/byteorder", .bytes = "big"}}), "big-endian");
    std::string crowded = zip({program, storage});
    crowded[crowded.size() - 12] = '\xff';
    row("more entries than there is room for", crowded, "more entries than its directory has room for");
}

void PickleTest::a_wrong_zip_is_refused_with_its_reason() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, said);
    const QByteArray found = refusal(read(bytes.toStdString()));
    QVERIFY2(found.contains(said), found);
}

void PickleTest::the_format_before_zip_says_what_to_do() {
    const QByteArray found =
        refusal(read("\x80\x02\x8a\x0al\xfc\x9c"
                     "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."));
    QVERIFY2(found.contains("before version 1.6") && found.contains("save it again, best as safetensors"), found);
}

#include "moc_PickleTest.cpp"
