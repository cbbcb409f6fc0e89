#include "LossCheckTest.h"

#include <QDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/Files.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/check/LossCheck.h"
#include "core/engine/loss/check/RewardCheck.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const QString table_folder = QStringLiteral(LOSSMITH_TEST_DATA "/loss-checks");

/// A file of the table: what is expected, as "# name: value" lines, and the loss.
struct Expected {
    std::map<std::string, std::string> says;
    std::string source;
    [[nodiscard]] std::string of(const std::string& name) const { return says.contains(name) ? says.at(name) : std::string(); }
};

Expected read_expected(const QString& file) {
    Expected expected;
    std::istringstream text(*read_file(QString(table_folder + QLatin1Char('/') + file).toStdString(), 1U << 20U));
    for (std::string line; std::getline(text, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("# ") && colon != std::string::npos && expected.source.empty())
            expected.says[line.substr(2, colon - 2)] = line.substr(colon + 2);
        else
            expected.source += line + "\n";
    }
    return expected;
}

LossSpec spec_of(std::string source, std::string labels = "aligned") {
    LossSpec spec;
    spec.name = "typed";
    spec.source = std::move(source);
    spec.labels = std::move(labels);
    return spec;
}

std::string yes_no_or_unknown(const Json& value) {
    return value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : "unknown";
}

std::vector<int> lines_of(const Json& report, const std::string& kind) {
    std::vector<int> lines;
    for (const Json& cut : report.at("cuts"))
        if (cut.at("kind") == kind) lines.push_back(cut.at("line").get<int>());
    return lines;
}

const Json* rewrite_named(const Json& report, const std::string& title) {
    for (const Json& rewrite : report.at("rewrites"))
        if (rewrite.at("title") == title) return &rewrite;
    return nullptr;
}

}  // namespace

void LossCheckTest::initTestCase() {
    CheckBatchRequest request;
    request.rows = 2;
    const auto batch = make_check_batch(request, nullptr, m_models);
    QVERIFY2(batch.has_value(), batch ? "" : batch.error().message.c_str());
    m_batch = std::make_shared<CheckBatch>(*batch);
}

void LossCheckTest::every_typed_loss_of_the_table_gets_its_verdict_data() {
    QTest::addColumn<QString>("file");
    const QStringList files = QDir(table_folder).entryList({QStringLiteral("*.py")}, QDir::Files, QDir::Name);
    QVERIFY(files.size() >= 40);
    for (const QString& file : files) QTest::newRow(qPrintable(file)) << file;
}

void LossCheckTest::every_typed_loss_of_the_table_gets_its_verdict() {
    QFETCH(QString, file);
    const Expected expected = read_expected(file);
    const std::string labels = expected.of("labels").empty() ? "aligned" : expected.of("labels");
    const Json report = check_loss(spec_of(expected.source, labels), *m_batch);
    QCOMPARE(report.at("verdict").get<std::string>(), expected.of("verdict"));
    if (expected.of("verdict") != "ok") QVERIFY(!report.at("message").get<std::string>().empty());
    if (!expected.of("line").empty()) QCOMPARE(report.at("line"), Json(std::stoi(expected.of("line"))));
    if (!expected.of("separable").empty()) QCOMPARE(yes_no_or_unknown(report.at("separable_by_token")), expected.of("separable"));
    if (!expected.of("split").empty()) QCOMPARE(yes_no_or_unknown(report.at("split_invariant")), expected.of("split"));
    if (!expected.of("kink").empty()) QVERIFY(std::ranges::count(lines_of(report, "kink"), std::stoi(expected.of("kink"))) == 1);
    if (expected.of("note") == "none") QVERIFY(lines_of(report, "note").empty());
    if (!expected.of("note").empty() && expected.of("note") != "none")
        QVERIFY(std::ranges::count(lines_of(report, "note"), std::stoi(expected.of("note"))) > 0);
    if (expected.of("verdict") == "cut") QVERIFY(!report.at("rewrites").empty());
    if (!expected.of("rewrite").empty()) QVERIFY(rewrite_named(report, expected.of("rewrite")) != nullptr);
    // Whatever is offered runs and has gradient, or is a reward; one that stays a loss is always among them.
    if (!report.at("rewrites").empty())
        QVERIFY(std::ranges::any_of(report.at("rewrites"), [](const Json& rewrite) { return rewrite.at("becomes") == "loss"; }));
    for (const Json& rewrite : report.at("rewrites")) {
        if (rewrite.at("becomes") == "reward") {
            QVERIFY(reward_runs(rewrite.at("source"), *m_batch));
            continue;
        }
        const Json again = check_loss(spec_of(rewrite.at("source"), labels), *m_batch);
        QVERIFY2(again.at("verdict") == "ok",
                 (rewrite.at("title").get<std::string>() + ": " + again.at("message").get<std::string>()).c_str());
        QCOMPARE(again.at("arguments").at("logits"), Json("flows"));
    }
}

void LossCheckTest::every_loss_of_the_catalogue_passes_data() {
    QTest::addColumn<QString>("name");
    const auto entries = read_catalogue();
    QVERIFY(entries.has_value());
    for (const CatalogueEntry& entry : *entries)
        if (entry.kind == "loss") QTest::newRow(entry.name.c_str()) << QString::fromStdString(entry.name);
}

void LossCheckTest::every_loss_of_the_catalogue_passes() {
    QFETCH(QString, name);
    const CatalogueEntry entry = *catalogue_entry(name.toStdString());
    const Json report = check_loss(spec_of(entry.source), *m_batch);
    QVERIFY2(report.at("verdict") == "ok", report.dump().substr(0, 2000).c_str());
    QCOMPARE(report.at("arguments").at("logits"), Json("flows"));
    QVERIFY(!entry.about.empty() && !entry.source_reference.empty());
    // Every field of the source is described, and nothing else.
    for (const Json& field : report.at("parameters"))
        QVERIFY2(entry.fields.contains(field.at("name").get<std::string>()), field.dump().c_str());
    QCOMPARE(entry.fields.size(), report.at("parameters").size());
}

void LossCheckTest::the_threads_own_attempts_are_explained() {
    const auto verdict = [&](const char* name) { return check_loss(spec_of(catalogue_entry(name)->source), *m_batch); };
    const Json argmax = verdict("thread_argmax");
    QCOMPARE(argmax.at("verdict"), Json("cut"));
    QCOMPARE(argmax.at("line"), Json(3));
    QVERIFY(argmax.at("rewrites").size() >= 3);
    QCOMPARE(verdict("thread_direct").at("verdict"), Json("ok"));
    const Json shapes = verdict("thread_shapes");
    QCOMPARE(shapes.at("verdict"), Json("error"));
    QVERIFY(rewrite_named(shapes, "Flatten both") != nullptr);
    const Json added = verdict("thread_added");
    QCOMPARE(added.at("verdict"), Json("cut"));
    QVERIFY(added.at("message").get<std::string>().find("\"mine\"") != std::string::npos);
}

void LossCheckTest::a_field_that_the_text_no_longer_has_is_passed_over() {
    LossSpec spec = spec_of("def loss(logits, labels):\n    return F.cross_entropy(logits.transpose(1, 2), labels)\n");
    spec.parameters = {{"gone", 3.0}};
    QCOMPARE(check_loss(spec, *m_batch).at("verdict"), Json("ok"));
}

void LossCheckTest::the_same_question_twice_keeps_the_batch() {
    CheckBatchCache cache;
    CheckBatchRequest request;
    request.rows = 2;
    const auto first = cache.get(request, nullptr, m_models);
    QVERIFY(first.has_value());
    QCOMPARE(cache.get(request, nullptr, m_models)->get(), first->get());
    request.first_row = 5;
    const auto other = cache.get(request, nullptr, m_models);
    QVERIFY(other->get() != first->get());
    QCOMPARE((*other)->first_row, 5);
}

void LossCheckTest::the_heat_map_shows_each_labelled_token() {
    const Json report = check_loss(spec_of(catalogue_entry("cross_entropy")->source), *m_batch);
    double sum = 0.0;
    int labelled = 0;
    for (const Json& row : report.at("heat"))
        for (const Json& token : row.at("tokens")) {
            QCOMPARE(token.at("value").is_null(), !token.at("labelled").get<bool>());
            if (!token.at("labelled").get<bool>()) continue;
            sum += token.at("value").get<double>();
            ++labelled;
        }
    QVERIFY(labelled > 10);
    QVERIFY(std::abs(sum / labelled - report.at("value").get<double>()) < 1e-3);
}

#include "moc_LossCheckTest.cpp"
