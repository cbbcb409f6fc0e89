#include "LoadedArgumentsTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>

#include <QFile>
#include <QTest>

#include "Gpt2Setting.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/LoadedArguments.h"
#include "core/engine/loss/MadeUpBatch.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/model/Safetensors.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

constexpr const char* file_loss =
    "def loss(logits, labels, costs: torch.Tensor = None, rude: TokenList = None, weight: float = 1.0):\n"
    "    return F.cross_entropy(logits[labels != -100], labels[labels != -100])\n";

Result<LoadedArguments> loaded(const char* name, const QString& path) {
    const auto program = Program::parse(file_loss);
    return load_arguments(program->functions().front(), {{name, {{"file", path.toStdString()}}}}, &gpt2_tokenizer());
}

}  // namespace

QString LoadedArgumentsTest::file(const char* name, const QByteArray& content) const {
    QFile written(m_folder.filePath(QString::fromLatin1(name)));
    if (!written.open(QIODevice::WriteOnly) || written.write(content) != content.size()) qFatal("could not write");
    return written.fileName();
}

void LoadedArgumentsTest::a_tensor_is_read_from_each_kind_of_file_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("columns");
    const std::string two = m_folder.filePath(QStringLiteral("two.safetensors")).toStdString();
    const at::Tensor matrix = at::arange(6, at::kFloat).view({2, 3});
    QVERIFY(write_safetensors(two, {{"costs", matrix}, {"other", at::ones({1})}}).has_value());
    const std::string one = m_folder.filePath(QStringLiteral("one.safetensors")).toStdString();
    QVERIFY(write_safetensors(one, {{"costs", matrix}}).has_value());
    QTest::newRow("csv") << file("a.csv", "0,1,2\n3,4,5\n") << 2 << 3;
    QTest::newRow("tsv with blank lines and CR") << file("a.tsv", "\r\n0\t1\t2\r\n\r\n3\t4\t5") << 2 << 3;
    QTest::newRow("blanks and semicolons") << file("a.txt", " 0 1; 2\n3  4 ;5e0\n") << 2 << 3;
    QTest::newRow("one column") << file("b.txt", "0\n1\n2\n") << 3 << 0;
    QTest::newRow("safetensors") << QString::fromStdString(one) << 2 << 3;
    QTest::newRow("one of two") << QString::fromStdString(two + "#costs") << 2 << 3;
}

void LoadedArgumentsTest::a_tensor_is_read_from_each_kind_of_file() {
    QFETCH(QString, path);
    QFETCH(int, rows);
    QFETCH(int, columns);
    const auto read = loaded("costs", path);
    QVERIFY2(read.has_value(), read ? "" : describe(read.error()).c_str());
    const at::Tensor expected = columns > 0 ? at::arange(rows * columns, at::kFloat).view({rows, columns}) : at::arange(rows, at::kFloat);
    QVERIFY(at::equal(read->at("costs").as_tensor(), expected));
}

void LoadedArgumentsTest::a_list_of_words_becomes_ids() {
    const auto read = loaded("rude", file("words.txt", "refund\n\nrefund \n wait\n"));
    QVERIFY(read.has_value());
    std::vector<std::int64_t> ids;
    for (const Value& id : read->at("rude").items()) ids.push_back(id.as_int());
    std::vector<std::int64_t> expected;
    for (const char* text : {"refund", " refund", " wait"})
        for (const TokenId id : gpt2_tokenizer().encode(text, SpecialTokens::AsTokens)) expected.push_back(id);
    QCOMPARE(ids, expected);
}

void LoadedArgumentsTest::what_is_wrong_with_a_file_is_said_data() {
    QTest::addColumn<QString>("parameter");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("part");
    const std::string two = m_folder.filePath(QStringLiteral("pair.safetensors")).toStdString();
    QVERIFY(write_safetensors(two, {{"a", at::ones({1})}, {"b", at::ones({1})}}).has_value());
    QTest::newRow("no file") << QStringLiteral("costs") << m_folder.filePath(QStringLiteral("none.csv"))
                             << QStringLiteral("There is no file");
    QTest::newRow("a folder") << QStringLiteral("costs") << m_folder.path() << QStringLiteral("There is no file");
    QTest::newRow("a device") << QStringLiteral("costs") << QStringLiteral("/dev/zero") << QStringLiteral("There is no file");
    QTest::newRow("a header") << QStringLiteral("costs") << file("h.csv", "a,b\n1,2\n") << QStringLiteral("\"a\" is not a number.");
    QTest::newRow("infinity") << QStringLiteral("costs") << file("i.csv", "1,inf\n") << QStringLiteral("\"inf\" is not a number.");
    QTest::newRow("ragged") << QStringLiteral("costs") << file("r.csv", "1,2\n3\n")
                            << QStringLiteral("This line has 1 numbers, but the first has 2.");
    QTest::newRow("empty") << QStringLiteral("costs") << file("e.csv", "\n\n") << QStringLiteral("The file holds no numbers.");
    QTest::newRow("which tensor") << QStringLiteral("costs") << QString::fromStdString(two) << QStringLiteral("The file holds 2 tensors.");
    QTest::newRow("no such tensor") << QStringLiteral("costs") << QString::fromStdString(two + "#c")
                                    << QStringLiteral("The file has no tensor \"c\".");
    QTest::newRow("damaged") << QStringLiteral("costs") << file("d.safetensors", QByteArray(100, '\xff')) << QString();
    QTest::newRow("no words") << QStringLiteral("rude") << file("w.txt", "\n") << QStringLiteral("The file holds no words.");
    QTest::newRow("not loaded") << QStringLiteral("weight") << file("n.txt", "1\n")
                                << QStringLiteral("The argument weight is not loaded from a file.");
}

void LoadedArgumentsTest::what_is_wrong_with_a_file_is_said() {
    QFETCH(QString, parameter);
    QFETCH(QString, path);
    QFETCH(QString, part);
    const auto read = loaded(parameter.toStdString().c_str(), path);
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().message).contains(part), read.error().message.c_str());
    if (parameter == QLatin1String("weight")) {
        QCOMPARE(*read.error().where.line, 1);
        return;
    }
    // The file is named, and its line is not taken for one of the loss.
    QVERIFY2(QString::fromStdString(read.error().message).contains(path.section(QLatin1Char('#'), 0, 0)), read.error().message.c_str());
    QVERIFY(!read.error().where.line);
}

void LoadedArgumentsTest::a_loss_learns_from_its_files() {
    const LossSetting setting = gpt2_setting();
    const QString words = file("listed.txt", " red\n green\n blue\n");
    const QString costs = file("costs.csv", "0,1,2\n1,0,1\n2,1,0\n");
    LossSpec spec{
        "expected_distance", {{"costs", {{"file", costs.toStdString()}}}, {"listed", {{"file", words.toStdString()}}}}, {}, "aligned"};
    QVERIFY(spec.validate().empty());
    const auto loss = make_loss(spec, setting);
    QVERIFY2(loss.has_value(), loss ? "" : describe(loss.error()).c_str());
    LossInputs rows = made_up_rows(setting, {});
    const auto ids = gpt2_tokenizer().encode(" red green blue", SpecialTokens::AsTokens);
    rows.labels = rows.labels.clone();
    std::int64_t* labels = rows.labels.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < rows.labels.numel(); ++i)
        if (labels[i] >= 0) labels[i] = ids[0];
    const auto value = (*loss)->evaluate(rows);
    QVERIFY(value.has_value());
    const at::Tensor keep = rows.labels != -100;
    const at::Tensor p = rows.logits.softmax(-1);
    const double expected = ((p.select(-1, ids[1]) + 2.0 * p.select(-1, ids[2])) * keep).sum().item<double>();
    const auto part = std::ranges::find(value->parts, std::string("expected_cost"), &std::pair<std::string, at::Tensor>::first);
    QVERIFY(part != value->parts.end());
    QVERIFY(std::abs(part->second.item<double>() - expected) < 1e-6 + 1e-4 * expected);
}

void LoadedArgumentsTest::a_files_digest_is_told() {
    const QString path = file("abc.txt", "abc");
    const auto digests = digests_of_files({{"weight", 0.5}, {"costs", {{"file", path.toStdString()}}}});
    QVERIFY(digests.has_value());
    QCOMPARE(digests->size(), std::size_t{1});
    QCOMPARE(digests->at("costs").at("sha256").get<std::string>(),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

#include "moc_LoadedArgumentsTest.cpp"
