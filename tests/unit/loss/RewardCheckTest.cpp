#include "RewardCheckTest.h"

#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/comparison/CopyIndex.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/check/LossCheck.h"
#include "core/engine/loss/check/RewardCheck.h"
#include "core/engine/reward/CollapseWatch.h"
#include "core/engine/reward/Reward.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

RewardSpec typed_reward(std::string source) {
    RewardSpec spec;
    spec.name = "typed";
    spec.source = std::move(source);
    return spec;
}

RewardInputs inputs_of(std::string_view generated, std::string_view solution) {
    RewardInputs inputs;
    inputs.problem = "The cup broke.";
    inputs.solution = solution;
    inputs.generated = generated;
    inputs.length = 7;
    inputs.ended = true;
    inputs.moment = {12, 0.25};
    return inputs;
}

}  // namespace

void RewardCheckTest::initTestCase() {
    CheckBatchCache cache;
    const auto batch = cache.get({}, nullptr, m_models);
    QVERIFY2(batch.has_value(), batch ? "" : describe(batch.error()).c_str());
    m_batch = *batch;
    const auto replies = cache.replies();
    QVERIFY(replies.has_value());
    m_replies = *replies;
    QCOMPARE(m_replies.size(), m_batch->prompts.size());
    for (const GeneratedText& reply : m_replies) QVERIFY(!reply.text.empty());
}

void RewardCheckTest::a_reward_scores_texts_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<double>("expected");
    const auto row = [](const char* body, double expected) { QTest::newRow(body) << QString::fromLatin1(body) << expected; };
    row("return exact_match(generated, solution)", 0.0);
    row("return exact_match(' ' + solution + '\\n', solution)", 1.0);
    row("return number_match('it is #### 12', '#### 12')", 1.0);
    row("return number_match('none', '#### 12')", 0.0);
    row("return rouge_l(generated, generated)", 1.0);
    row("return round(bleu(solution, solution), 6)", 1.0);
    row("return round(chrf(solution, solution), 6)", 1.0);
    row("return len(words(generated))", 5.0);
    row("return distinct_words('a a b')", 2.0 / 3.0);
    row("return distinct_pairs('a a a')", 0.5);
    row("return copied_words(generated)", 0.0);
    row("return length + step", 19.0);
    row("return progress if ended else 9.0", 0.25);
    row("return problem.count('cup')", 1.0);
    row("return 1.0 if re.search('sorry|refund', generated) else 0.0", 1.0);
    row("return torch.tensor([1.5]).sum()", 1.5);
    row("return len(tokens(' refund'))", 1.0);
    row("return {'a': 1.0, 'b': 0.5}", 1.5);
    row("return True", 1.0);
}

void RewardCheckTest::a_reward_scores_texts() {
    QFETCH(QString, body);
    QFETCH(double, expected);
    const std::string source = "def reward(problem, solution, generated, length, ended, step, progress):\n    " + body.toStdString() + "\n";
    const auto reward = Reward::create(typed_reward(source), m_batch->model->tokenizer.get(), nullptr);
    QVERIFY2(reward.has_value(), reward ? "" : describe(reward.error()).c_str());
    const auto value = (*reward)->of(inputs_of("We are sorry, dear customer", "We are sorry about the cup"));
    QVERIFY2(value.has_value(), value ? "" : describe(value.error()).c_str());
    QVERIFY2(std::abs(value->total - expected) < 1e-9, qPrintable(QString::number(value->total)));
}

void RewardCheckTest::what_is_wrong_with_a_reward_is_said_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("verdict");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, const char* source, const char* verdict, int line, const char* sentence) {
        QTest::newRow(name) << QString::fromUtf8(source) << QString::fromLatin1(verdict) << line << QString::fromUtf8(sentence);
    };
    row("syntax", "def reward(generated):\n    return generated.(\n", "error", 2, "");
    row("unknown argument", "def reward(logits):\n    return 1.0\n", "error", 1, "A reward is given nothing called logits.");
    row("returns text", "def reward(generated):\n    return generated\n", "error", 1, "`reward` returns a str.");
    row("returns nothing", "def reward(generated):\n    pass\n", "error", 1, "`reward` returns nothing.");
    row("no dictionary", "def reward(generated):\n    return {}\n", "error", 1, "`reward` returns an empty dictionary.");
    row("not a number", "def reward(generated):\n    return float('nan')\n", "not_finite", 1, "`reward` returns NaN.");
    row("infinity in a part", "def reward(generated):\n    return {'much': math.inf}\n", "not_finite", 1,
        "`reward` returns infinity for much.");
    row("one text too few", "def reward(generated):\n    return rouge_l(generated)\n", "error", 2, "rouge_l() takes two texts.");
    row("a file", "def reward(generated):\n    return len(open('/etc/passwd').read())\n", "denied", 2, "");
    row("endless", "def reward(generated):\n    while True:\n        pass\n", "timeout", 2, "");
    row("the same for all", "def reward(generated):\n    return 0.5\n", "zero_gradient", 0, "");
}

void RewardCheckTest::what_is_wrong_with_a_reward_is_said() {
    QFETCH(QString, source);
    QFETCH(QString, verdict);
    QFETCH(int, line);
    QFETCH(QString, sentence);
    QVERIFY(is_reward_text(source.toStdString()));
    const Json report = check_reward(typed_reward(source.toStdString()), *m_batch, m_replies);
    QVERIFY2(report.at("verdict") == verdict.toStdString(), report.dump(1).c_str());
    QCOMPARE(report.at("kind").get<std::string>(), std::string("reward"));
    if (line > 0) QCOMPARE(report.at("line").get<int>(), line);
    if (!sentence.isEmpty()) QCOMPARE(QString::fromStdString(report.at("message").get<std::string>()), sentence);
    QVERIFY(!report.at("message").get<std::string>().empty());
}

void RewardCheckTest::every_reward_of_the_catalogue_can_be_used_data() {
    QTest::addColumn<QString>("name");
    const auto catalogue = read_catalogue();
    for (const CatalogueEntry& entry : *catalogue)
        if (entry.kind == "reward") QTest::newRow(entry.name.c_str()) << QString::fromStdString(entry.name);
}

void RewardCheckTest::every_reward_of_the_catalogue_can_be_used() {
    QFETCH(QString, name);
    const CatalogueEntry entry = *catalogue_entry(name.toStdString());
    QVERIFY(is_reward_text(entry.source));
    RewardSpec spec;
    spec.name = entry.name;
    const auto by_name = Reward::create(spec, m_batch->model->tokenizer.get(), nullptr);
    QVERIFY2(by_name.has_value(), by_name ? "" : describe(by_name.error()).c_str());
    // Every described field is one that the reward has.
    for (const auto& [field, about] : entry.fields.items()) QVERIFY2((*by_name)->function().has_parameter(field), field.c_str());
    const Json report = check_reward(typed_reward(entry.source), *m_batch, m_replies);
    // GSM8K's mark and a number are in none of these rows.
    QVERIFY2(report.at("verdict") == (entry.name == "number_match" ? "zero_gradient" : "ok"), report.dump(1).c_str());
    QCOMPARE(report.at("parts").size(), 2 * m_batch->prompts.size());
}

void RewardCheckTest::copied_words_are_looked_for_in_the_training_texts() {
    const CopyIndex index = CopyIndex::build({{1, "we are sorry about the broken cup"}});
    const auto reward =
        Reward::create(typed_reward("def reward(generated):\n    return copied_words(generated)\n"), nullptr, [&index] { return &index; });
    QVERIFY(reward.has_value());
    QCOMPARE((*reward)->of(inputs_of("yes, sorry about the cup", ""))->total, 3.0);
}

void RewardCheckTest::the_report_tells_solutions_from_replies() {
    const Json report =
        check_reward(typed_reward("def reward(solution, generated):\n    return rouge_l(generated, solution)\n"), *m_batch, m_replies);
    const Json& parts = report.at("parts");
    QCOMPARE(parts.size(), 2 * m_batch->prompts.size());
    double mean = 0.0;
    for (std::size_t row = 0; row < m_batch->prompts.size(); ++row) {
        QCOMPARE(parts[2 * row].at("value").get<double>(), 1.0);
        QVERIFY(parts[2 * row].at("name").get<std::string>().starts_with("row " + std::to_string(m_batch->row_ids[row]) +
                                                                         ", the true solution: "));
        QVERIFY(parts[2 * row + 1].at("value").get<double>() < 0.5);
        mean += parts[2 * row + 1].at("value").get<double>() / static_cast<double>(m_batch->prompts.size());
    }
    QVERIFY(std::abs(report.at("value").get<double>() - mean) < 1e-12);
    QVERIFY(!report.at("lines").empty());
    // The sign turned around is noticed.
    const Json wrong =
        check_reward(typed_reward("def reward(solution, generated):\n    return -rouge_l(generated, solution)\n"), *m_batch, m_replies);
    QVERIFY(wrong.at("hint").get<std::string>().find("turn the sign around") != std::string::npos);
    // And one that no reply hits yet.
    const Json sparse =
        check_reward(typed_reward("def reward(solution, generated):\n    return exact_match(generated, solution)\n"), *m_batch, m_replies);
    QVERIFY(sparse.at("hint").get<std::string>().find("gets the same reward") != std::string::npos);
}

void RewardCheckTest::a_cut_loss_is_offered_a_reward_that_runs() {
    LossSpec spec;
    spec.name = "typed";
    spec.source = "def loss(logits, labels):\n    return (logits.argmax(-1) != labels).float().mean()\n";
    const Json report = check_loss(spec, *m_batch);
    QCOMPARE(report.at("verdict").get<std::string>(), std::string("cut"));
    const auto offered = std::ranges::find_if(report.at("rewrites"), [](const Json& rewrite) { return rewrite.at("becomes") == "reward"; });
    QVERIFY(offered != report.at("rewrites").end());
    QCOMPARE(offered->at("title").get<std::string>(), std::string("Make this a reward"));
    const std::string source = offered->at("source");
    QVERIFY(is_reward_text(source));
    const Json as_reward = check_reward(typed_reward(source), *m_batch, m_replies);
    QCOMPARE(as_reward.at("verdict").get<std::string>(), std::string("ok"));
    QCOMPARE(as_reward.at("parts")[0].at("value").get<double>(), 1.0);
}

void RewardCheckTest::signs_of_collapse_are_told_once_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"reward_flat", "entropy_gone", "one_length", "all_cut", "far_from_base"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void RewardCheckTest::signs_of_collapse_are_told_once() {
    QFETCH(QString, kind);
    const RoundFigures well{0.4, 0.2, 1.5, 20.0, 4.0, 0.1, 0.3, 32};
    RoundFigures ill = well;
    if (kind == QLatin1String("reward_flat")) ill.reward_std = 0.0;
    if (kind == QLatin1String("entropy_gone")) ill.entropy = 0.001;
    if (kind == QLatin1String("one_length")) ill.completion_tokens_std = 0.0;
    if (kind == QLatin1String("all_cut")) ill.unfinished = 1.0;
    if (kind == QLatin1String("far_from_base")) ill.kl = 9.0;
    CollapseWatch watch;
    QVERIFY(watch.look(well).empty());
    for (int round = 0; round < 4; ++round) QVERIFY(watch.look(ill).empty());
    const auto news = watch.look(ill);
    QCOMPARE(news.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(news.front().kind), kind);
    QVERIFY(news.front().message.size() > 40);
    for (int round = 0; round < 10; ++round) QVERIFY(watch.look(ill).empty());
    // It went away and comes again: told again.
    QVERIFY(watch.look(well).empty());
    for (int round = 0; round < 4; ++round) QVERIFY(watch.look(ill).empty());
    QCOMPARE(watch.look(ill).size(), std::size_t{1});
}

#include "moc_RewardCheckTest.cpp"
