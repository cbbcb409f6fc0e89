#include "WeightedSumTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include <QTest>
#include <cmath>

#include "Gpt2Setting.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/MadeUpBatch.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/loss/WeightedSum.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

std::unique_ptr<Loss> made_of(const std::string& source, const Json& parameters = Json::object()) {
    auto loss = make_loss({"typed", parameters, source, "aligned"}, gpt2_setting());
    if (!loss) throw std::runtime_error(describe(loss.error()) + "\n" + source);
    return std::move(*loss);
}

std::unique_ptr<Loss> sum_of(const std::vector<SumTerm>& terms, const Json& parameters = Json::object()) {
    const auto source = weighted_sum_source(terms);
    if (!source) throw std::runtime_error(describe(source.error()));
    return made_of(*source, parameters);
}

LossInputs rows_at(double progress) {
    LossInputs rows = made_up_rows(gpt2_setting(), {true, true, true});
    rows.moment = {0, progress};
    return rows;
}

/// By losses of their own, weighed by hand.
std::vector<std::string> summable() {
    std::vector<std::string> names;
    const auto catalogue = read_catalogue();
    for (const CatalogueEntry& entry : *catalogue)
        if (entry.kind == "loss") names.push_back(entry.name);
    return names;
}

}  // namespace

void WeightedSumTest::terms_are_read_from_text_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("start");
    QTest::addColumn<double>("end");
    QTest::addColumn<QString>("schedule");
    QTest::newRow("name") << QStringLiteral("focal") << 1.0 << 1.0 << QStringLiteral("constant");
    QTest::newRow("weight") << QStringLiteral("focal=0.25") << 0.25 << 0.25 << QStringLiteral("constant");
    QTest::newRow("negative") << QStringLiteral("focal=-1e-2") << -0.01 << -0.01 << QStringLiteral("constant");
    QTest::newRow("from to") << QStringLiteral("focal=0.1..0.5") << 0.1 << 0.5 << QStringLiteral("linear");
    QTest::newRow("cosine") << QStringLiteral("focal=0..1:cosine") << 0.0 << 1.0 << QStringLiteral("cosine");
    QTest::newRow("step") << QStringLiteral("focal=1..0:step") << 1.0 << 0.0 << QStringLiteral("step");
}

void WeightedSumTest::terms_are_read_from_text() {
    QFETCH(QString, text);
    QFETCH(double, start);
    QFETCH(double, end);
    QFETCH(QString, schedule);
    const auto term = sum_term_from_text(text.toStdString());
    QVERIFY(term.has_value());
    QCOMPARE(term->name, std::string("focal"));
    QCOMPARE(term->weight, start);
    QCOMPARE(term->weight_end, end);
    QCOMPARE(QString::fromStdString(term->schedule), schedule);
}

void WeightedSumTest::a_sum_has_the_values_and_gradients_of_its_terms_data() {
    QTest::addColumn<double>("progress");
    for (const double progress : {0.0, 0.25, 0.5, 1.0}) QTest::addRow("%g", progress) << progress;
}

void WeightedSumTest::a_sum_has_the_values_and_gradients_of_its_terms() {
    QFETCH(double, progress);
    const auto whole = sum_of({{"cross_entropy", {}, 0.5, 0.5, "constant", {{"label_smoothing", 0.1}}},
                               {"focal", {}, 0.0, 2.0, "linear", {}},
                               {"z_loss", {}, 1.0, 0.2, "cosine", {}},
                               {"kl_to_base", {}, 0.3, 0.7, "step", {}}},
                              {{"focal_gamma", 3.0}});
    const std::tuple<std::string, Json, double> alone[] = {
        {"cross_entropy", {{"label_smoothing", 0.1}}, 0.5},
        {"focal", {{"gamma", 3.0}}, 2.0 * progress},
        {"z_loss", {{"cross_entropy", 0.0}, {"weight", 1.0}}, 0.2 + 0.8 * 0.5 * (1.0 + std::cos(M_PI * progress))},
        {"kl_to_base", {{"cross_entropy", 0.0}, {"weight", 1.0}}, progress < 0.5 ? 0.3 : 0.7}};
    const auto ours = whole->with_gradient(rows_at(progress), 1.0);
    QVERIFY(ours.has_value());
    double value = 0.0;
    at::Tensor gradient = at::zeros_like(ours->at_logits);
    for (const auto& [name, parameters, weight] : alone) {
        const CatalogueEntry entry = *catalogue_entry(name);
        Json known = Json::object();
        for (const auto& [field, set] : parameters.items())
            if (entry.source.find(field) != std::string::npos) known[field] = set;
        const auto each = made_of(entry.source, known)->with_gradient(rows_at(progress), 1.0);
        QVERIFY(each.has_value());
        value += weight * each->sum;
        gradient += weight * each->at_logits;
        const auto part = std::ranges::find(ours->parts, name, &std::pair<std::string, double>::first);
        QVERIFY(part != ours->parts.end());
        QVERIFY2(std::abs(part->second - weight * each->sum) < 1e-3 * std::max(1.0, std::abs(part->second)), name.c_str());
    }
    QVERIFY(std::abs(ours->sum - value) < 1e-4 * std::abs(value));
    QVERIFY((ours->at_logits - gradient).norm().item<double>() < 1e-4 * gradient.norm().item<double>());
    QVERIFY(whole->separable_by_token());
    QVERIFY(whole->needs().base_logits);
}

void WeightedSumTest::every_pair_of_the_catalogue_can_be_put_together_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    const auto names = summable();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string& other = names[(i + 1) % names.size()];
        QTest::newRow((names[i] + " and " + other).c_str()) << QString::fromStdString(names[i]) << QString::fromStdString(other);
        QTest::newRow((names[i] + " twice").c_str()) << QString::fromStdString(names[i]) << QString::fromStdString(names[i]);
    }
}

void WeightedSumTest::every_pair_of_the_catalogue_can_be_put_together() {
    QFETCH(QString, first);
    QFETCH(QString, second);
    const auto whole = sum_of({{first.toStdString()}, {second.toStdString(), {}, 0.5, 0.5}});
    const auto result = whole->evaluate(rows_at(0.5));
    QVERIFY2(result.has_value(), result ? "" : describe(result.error()).c_str());
    QCOMPARE(result->parts.size(), std::size_t{2});
    QVERIFY(std::isfinite(result->sum.item<double>()));
    QVERIFY(result->parts[0].first != result->parts[1].first);
}

void WeightedSumTest::names_that_meet_are_kept_apart() {
    const std::string mine =
        "SCALE = 2.0\n\n"
        "def helper(x, keep=None):\n    return x * SCALE\n\n"
        "def loss(logits, labels, scale: float = 1.0):\n    kept = labels != -100\n"
        "    return helper(x=F.cross_entropy(logits[kept], labels[kept], reduction='none').mean(), keep=kept) * scale\n";
    std::string other = mine;
    other.replace(other.find("2.0"), 3, "5.0");
    const auto both = sum_of({{"mine", mine}, {"mine", other}});
    const auto plain = made_of((*catalogue_entry("cross_entropy")).source);
    const double one = plain->evaluate(rows_at(0.0))->sum.item<double>();
    const auto value = both->evaluate(rows_at(0.0));
    QVERIFY(value.has_value());
    QVERIFY(std::abs(value->parts[0].second.item<double>() - 2.0 * one) < 1e-3 * one);
    QVERIFY(std::abs(value->parts[1].second.item<double>() - 5.0 * one) < 1e-3 * one);
    QCOMPARE(value->parts[1].first, std::string("mine_2"));
    // A value for each token, and a dictionary, count by their mean and sum as the trainer counts them.
    const auto forms =
        sum_of({{"each token", "def loss(logits, labels):\n    return F.cross_entropy(logits.transpose(1, 2), labels, reduction='none')\n"},
                {"parts",
                 "def loss(logits, labels):\n    a = F.cross_entropy(logits[labels != -100], labels[labels != -100])\n    return {'a': a, "
                 "'b': 2 * a}\n"}});
    const auto counted = forms->evaluate(rows_at(0.0));
    QVERIFY(counted.has_value());
    QVERIFY(std::abs(counted->sum.item<double>() - 4.0 * one) < 1e-3 * one);
}

void WeightedSumTest::what_is_wrong_with_a_sum_is_said_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const char* json, const char* message) {
        QTest::newRow(name) << QString::fromUtf8(json) << QString::fromUtf8(message);
    };
    row("nothing", "[]", "A sum needs at least one loss.");
    row("unknown", R"([{"name": "nonsense"}])", "There is no loss named \"nonsense\".");
    row("no name", R"([{"weight": 1}])", "A term of the sum has no name.");
    row("a text for a weight", R"([{"name": "focal", "weight": "much"}])", "`weight` of a term must be a number.");
    row("a schedule", R"([{"name": "focal", "schedule": "sine"}])", "There is no schedule \"sine\".");
    row("a reward", R"([{"name": "exact_match"}])", "\"exact_match\" is a reward and has no gradient, so it cannot be added to a loss.");
    row("a field", R"([{"name": "focal", "parameters": {"beta": 1}}])", "\"focal\" has no parameter \"beta\".");
    row("no object", "[3]", "A term of a sum is an object with name and weight.");
    row("not Python", R"([{"name": "mine", "source": "def loss(logits:\n    return 1"}])", "In \"mine\": ");
}

void WeightedSumTest::what_is_wrong_with_a_sum_is_said() {
    QFETCH(QString, json);
    QFETCH(QString, message);
    const Json all = *parse_json(json.toStdString());
    std::vector<SumTerm> terms;
    for (const Json& each : all) {
        const auto term = sum_term_from_json(each);
        if (!term) {
            QCOMPARE(QString::fromStdString(term.error().message), message);
            return;
        }
        terms.push_back(*term);
    }
    const auto source = weighted_sum_source(terms);
    QVERIFY(!source);
    QVERIFY2(QString::fromStdString(source.error().message).startsWith(message), source.error().message.c_str());
}

#include "moc_WeightedSumTest.cpp"
