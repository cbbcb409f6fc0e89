// The parts of the page Logits alone: colours, measures, the strip, and the models held to the rules of item models.
#include <QAbstractItemModelTester>
#include <QBuffer>
#include <QImage>
#include <QSignalSpy>
#include <QtTest>
#include <cmath>

#include "tests/support/TestWindow.h"
#include "ui/logits/AttentionMap.h"
#include "ui/logits/BranchModel.h"
#include "ui/logits/ColourScale.h"
#include "ui/logits/DistributionCard.h"
#include "ui/logits/DistributionModel.h"
#include "ui/logits/FilterBars.h"
#include "ui/logits/LensModel.h"
#include "ui/logits/Measure.h"
#include "ui/logits/OddsModel.h"
#include "ui/logits/PlaceDistribution.h"
#include "ui/logits/TokenStrip.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

InspectedToken token(const std::string& text, double base, std::int64_t base_rank, double tuned, std::int64_t tuned_rank) {
    InspectedToken told;
    told.text = text;
    told.base = Prediction{base, std::log(base), -30, base_rank, 4, -std::log(base), {}};
    told.tuned = Prediction{tuned, std::log(tuned), -20, tuned_rank, 1, -std::log(tuned), {}};
    told.divergence = 2.5;
    return told;
}

PlacedToken placed(std::int64_t id, const std::string& text, double probability, std::int64_t rank, double after) {
    return {id, text, -100 + std::log(probability), probability, std::log(probability), rank, after};
}

PlaceOfTwo two_models() {
    PlaceOfTwo place;
    place.base.emplace();
    place.tuned.emplace();
    place.base->top = {placed(5, " house", 0.4, 1, 0.6), placed(7, " lamp", 0.2, 2, 0.4)};
    place.base->also = {placed(9, " kettle", 0.01, 30, 0)};
    place.base->log_sum_exp = -100;
    place.base->filters = {{"temperature", 50257, 1.0}, {"top_k", 50, 0.8}, {"top_p", 12, 0.7}};
    place.tuned->top = {placed(9, " kettle", 0.9, 1, 1), placed(7, " lamp", 0.05, 2, 0)};
    place.tuned->also = {placed(5, " house", 0.001, 71, 0)};
    place.tuned->log_sum_exp = -100;
    place.tuned->least_logit = -140;
    place.tuned->largest_logit = -100.1;
    place.tuned->filters = {{"temperature", 50257, 1.0}, {"top_k", 50, 0.99}, {"top_p", 1, 0.9}};
    return place;
}

std::vector<StripCell> cells_of(int count) {
    std::vector<StripCell> cells;
    for (int i = 0; i < count; ++i)
        cells.push_back({QStringLiteral("·word%1").arg(i), i / static_cast<double>(count), QString::number(i), false});
    return cells;
}

}  // namespace

class LogitsPartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { test::fail_on_qt_warnings(); }

    void text_reads_on_every_colour_of_the_scale();
    void a_change_is_violet_where_the_base_has_more_and_teal_where_the_tuned_has();
    void a_rank_is_bright_at_the_first_and_dark_at_the_thousandth();
    void surprise_is_the_loss_in_bits();
    void a_change_of_rank_counts_by_its_ratio();
    void perplexity_is_that_of_the_labelled_tokens();
    void answers_that_are_not_as_promised_are_refused_or_left_out();
    void tokens_wrap_and_a_line_end_ends_the_line();
    void arrow_keys_walk_along_the_tokens_and_over_the_lines();
    void a_thousand_tokens_are_all_reached();
    void values_under_the_tokens_need_room();
    void a_strip_is_saved_as_a_picture();
    void both_models_tokens_stand_in_one_list();
    void what_a_filter_hides_is_struck_out();
    void filters_tell_what_they_leave();
    void a_negative_logit_is_explained_with_the_places_own_numbers();
    void the_lens_has_the_output_on_top();
    void branches_hang_on_what_they_came_from();
    void a_removed_branch_comes_back_with_all_that_hung_on_it();
    void odds_are_told_as_times();
    void attention_is_dark_where_it_is_strong();
};

void LogitsPartsTest::text_reads_on_every_colour_of_the_scale() {
    for (const auto kind : {ColourScale::Kind::Sequential, ColourScale::Kind::Change, ColourScale::Kind::Pull}) {
        const ColourScale scale{kind, kind == ColourScale::Kind::Sequential ? 0.0 : -1.0, 1.0, false};
        for (int i = 0; i <= 100; ++i) {
            const double value = scale.low + i * (scale.high - scale.low) / 100;
            QVERIFY2(test::contrast(scale.ground(value), scale.ink(value)) >= 4.5, qPrintable(QString::number(value)));
        }
    }
}

void LogitsPartsTest::a_change_is_violet_where_the_base_has_more_and_teal_where_the_tuned_has() {
    const ColourScale scale = scale_of(Change::Probability);
    const auto is_nearer = [](const QColor& colour, const QColor& to, const QColor& than) {
        const auto distance = [&colour](const QColor& other) {
            return std::abs(colour.red() - other.red()) + std::abs(colour.green() - other.green()) + std::abs(colour.blue() - other.blue());
        };
        return distance(to) < distance(than);
    };
    QVERIFY(is_nearer(scale.ground(-1), Theme::colour(Role::Base), Theme::colour(Role::Tuned)));
    QVERIFY(is_nearer(scale.ground(1), Theme::colour(Role::Tuned), Theme::colour(Role::Base)));
    QCOMPARE(scale.ground(0), Theme::colour(Role::Panel));
}

void LogitsPartsTest::a_rank_is_bright_at_the_first_and_dark_at_the_thousandth() {
    const ColourScale scale = scale_of(Measure::Rank);
    QCOMPARE(scale.position(1), 1.0);
    QCOMPARE(scale.position(1000), 0.0);
    QCOMPARE(scale.position(50000), 0.0);
    QVERIFY(std::abs(scale.position(std::sqrt(1000)) - 0.5) < 1e-9);
    QVERIFY(scale.ground(1).lightness() > scale.ground(1000).lightness());
}

void LogitsPartsTest::surprise_is_the_loss_in_bits() {
    const InspectedToken coin = token(" heads", 0.5, 1, 0.25, 2);
    QVERIFY(std::abs(value_of(*coin.base, Measure::Surprise) - 1.0) < 1e-12);
    QVERIFY(std::abs(value_of(*coin.tuned, Measure::Surprise) - 2.0) < 1e-12);
    QCOMPARE(value_text(*coin.base, Measure::Surprise), QStringLiteral("1.00"));
    QCOMPARE(value_text(*coin.base, Measure::Probability), QStringLiteral("0.500"));
}

void LogitsPartsTest::a_change_of_rank_counts_by_its_ratio() {
    const InspectedToken risen = token(" kettle", 0.004, 1000, 0.9, 1);
    QCOMPARE(value_of(risen, Change::Rank), 3.0);
    QCOMPARE(value_text(risen, Change::Rank), QStringLiteral("1,000→1"));
    QVERIFY(std::abs(*value_of(risen, Change::Probability) - 0.896) < 1e-12);
    QCOMPARE(value_of(risen, Change::Divergence), 2.5);
    InspectedToken first;
    QVERIFY(!value_of(first, Change::Rank));
}

void LogitsPartsTest::perplexity_is_that_of_the_labelled_tokens() {
    InspectedText text;
    text.tokens = {token("a", 0.5, 1, 0.25, 1), token("b", 0.125, 1, 0.5, 1)};
    QVERIFY(std::abs(*perplexity(text, ModelSide::Base) - 4.0) < 1e-9);
    text.tokens[0].labelled = false;
    text.tokens[1].labelled = true;
    QVERIFY(std::abs(*perplexity(text, ModelSide::Base) - 8.0) < 1e-9);
    QVERIFY(std::abs(*perplexity(text, ModelSide::Tuned) - 2.0) < 1e-9);
}

void LogitsPartsTest::answers_that_are_not_as_promised_are_refused_or_left_out() {
    QVERIFY(!inspected_text_from_json(Json::array()));
    QVERIFY(!inspected_text_from_json({{"tokens", {1, 2}}}));
    const auto odd = inspected_text_from_json({{"tokens", {{{"id", "seven"}, {"text", 4}, {"probability", "much"}, {"labelled", 1}}}}});
    QVERIFY(odd.has_value());
    QCOMPARE(odd->tokens.size(), 1U);
    QVERIFY(!odd->tokens[0].tuned && !odd->tokens[0].labelled);
    QVERIFY(!place_distribution_from_json({{"filters", Json::array()}}));
    QVERIFY(place_distribution_from_json({{"top", 7}})->top.empty());
    QVERIFY(!lens_from_json(Json()));
    QVERIFY(inspected_text_from_sample("no list").tokens.empty());
}

void LogitsPartsTest::tokens_wrap_and_a_line_end_ends_the_line() {
    TokenStrip strip;
    strip.resize(200, 400);
    auto cells = cells_of(12);
    cells[1].text = QStringLiteral("⏎");
    strip.set_cells(cells, {});
    QCOMPARE(strip.rectangle_of(0).top(), strip.rectangle_of(1).top());
    QVERIFY(strip.rectangle_of(2).top() > strip.rectangle_of(1).top());
    QCOMPARE(strip.rectangle_of(2).left(), strip.rectangle_of(0).left());
    for (int i = 0; i < 12; ++i) {
        QVERIFY(strip.rectangle_of(i).right() < strip.width());
        QCOMPARE(strip.token_under(strip.rectangle_of(i).center()), i);
    }
    QVERIFY(strip.heightForWidth(200) > strip.heightForWidth(800));
    QCOMPARE(strip.token_under({199, 399}), -1);
}

void LogitsPartsTest::arrow_keys_walk_along_the_tokens_and_over_the_lines() {
    TokenStrip strip;
    strip.resize(200, 400);
    strip.set_cells(cells_of(12), {});
    strip.set_tips([](std::size_t at) { return QStringLiteral("token %1").arg(at); });
    QVERIFY(test::show_window(strip, {200, 400}));
    QSignalSpy chosen(&strip, &TokenStrip::chosen);
    QSignalSpy activated(&strip, &TokenStrip::activated);
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.rectangle_of(4).center());
    QCOMPARE(strip.selected(), 4);
    QTest::keyClick(&strip, Qt::Key_Right);
    QCOMPARE(strip.selected(), 5);
    QCOMPARE(strip.accessibleDescription(), QStringLiteral("token 5"));
    const QRect before = strip.rectangle_of(5);
    QTest::keyClick(&strip, Qt::Key_Down);
    const QRect below = strip.rectangle_of(strip.selected());
    QVERIFY(below.top() > before.top());
    QVERIFY(std::abs(below.center().x() - before.center().x()) < before.width());
    QTest::keyClick(&strip, Qt::Key_Up);
    QCOMPARE(strip.selected(), 5);
    QTest::keyClick(&strip, Qt::Key_End);
    QTest::keyClick(&strip, Qt::Key_Right);
    QCOMPARE(strip.selected(), 11);
    QTest::keyClick(&strip, Qt::Key_Home);
    QTest::keyClick(&strip, Qt::Key_Left);
    QCOMPARE(strip.selected(), 0);
    QTest::keyClick(&strip, Qt::Key_Return);
    QCOMPARE(activated.count(), 1);
    QVERIFY(chosen.count() >= 7);
}

void LogitsPartsTest::a_thousand_tokens_are_all_reached() {
    TokenStrip strip;
    strip.resize(900, 100);
    strip.set_cells(cells_of(1000), {});
    strip.resize(900, strip.heightForWidth(900));
    QSet<int> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(strip.token_under(strip.rectangle_of(i).center()));
    QCOMPARE(seen.size(), 1000);
    strip.set_cells(cells_of(3), {});
    QCOMPARE(strip.token_under({899, 99}), -1);
}

void LogitsPartsTest::values_under_the_tokens_need_room() {
    TokenStrip strip;
    strip.resize(300, 300);
    strip.set_cells(cells_of(5), {});
    const int without = strip.rectangle_of(0).height();
    strip.set_values_shown(true);
    QVERIFY(strip.rectangle_of(0).height() > without);
}

void LogitsPartsTest::a_strip_is_saved_as_a_picture() {
    const QTemporaryDir folder;
    TokenStrip strip;
    strip.resize(300, 60);
    auto cells = cells_of(4);
    cells[0].value = 1.0;
    strip.set_cells(cells, {});
    QVERIFY(strip.export_png(folder.filePath(QStringLiteral("strip.png"))));
    QVERIFY(strip.export_svg(folder.filePath(QStringLiteral("strip.svg"))));
    const QImage image(folder.filePath(QStringLiteral("strip.png")));
    QCOMPARE(image.size(), QSize(600, 120));
    QCOMPARE(image.pixelColor(strip.rectangle_of(0).left() * 2 + 6, strip.rectangle_of(0).center().y() * 2), strip.scale().ground(1.0));
    QFile svg(folder.filePath(QStringLiteral("strip.svg")));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().contains("·word3"));
}

void LogitsPartsTest::both_models_tokens_stand_in_one_list() {
    const auto rows = two_models().rows(7, false);
    QCOMPARE(rows.size(), 3U);
    QCOMPARE(rows[0].text, std::string(" kettle"));
    QCOMPARE(rows[1].text, std::string(" lamp"));
    QCOMPARE(rows[2].text, std::string(" house"));
    QVERIFY(rows[1].is_here && !rows[0].is_here);
    QCOMPARE(rows[0].base->rank, 30);
    QCOMPARE(rows[2].tuned->rank, 71);
    PlaceOfTwo place = two_models();
    place.tuned->found = {placed(5, " house", 0.001, 71, 0)};
    const auto found = place.rows(7, true);
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].base->rank, 1);
}

void LogitsPartsTest::what_a_filter_hides_is_struck_out() {
    DistributionModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_rows(two_models().rows(7, false));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(0, DistributionModel::Token).data().toString(), QStringLiteral("·kettle"));
    QCOMPARE(model.index(0, DistributionModel::Probability).data().toString(), QStringLiteral("0.010 → 0.900"));
    QCOMPARE(model.index(0, DistributionModel::Rank).data().toString(), QStringLiteral("30 → 1"));
    QCOMPARE(model.index(0, DistributionModel::After).data().toString(), QStringLiteral("cut → 1.000"));
    QVERIFY(model.index(0, DistributionModel::Bar).data(DistributionModel::BaseCut).toBool());
    QVERIFY(!model.index(0, DistributionModel::Bar).data(DistributionModel::TunedCut).toBool());
    QVERIFY(model.index(1, DistributionModel::Bar).data(DistributionModel::TunedCut).toBool());
    model.set_rows({});
    QCOMPARE(model.rowCount(), 0);
}

void LogitsPartsTest::filters_tell_what_they_leave() {
    FilterBars bars;
    bars.set_place(two_models());
    QCOMPARE(bars.lines().size(), 3);
    QCOMPARE(bars.lines().at(1), QStringLiteral("top k — base kept 50 · 0.800, tuned kept 50 · 0.990"));
    QCOMPARE(bars.lines().at(2), QStringLiteral("top p — base kept 12 · 0.700, tuned kept 1 · 0.900"));
    bars.set_place({});
    QVERIFY(bars.lines().isEmpty());
}

void LogitsPartsTest::a_negative_logit_is_explained_with_the_places_own_numbers() {
    const QString text = why_negative(two_models());
    QVERIFY2(text.contains(QStringLiteral("·kettle has exp(-100.11 − -100.00) = 0.900")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("logits from -140.00 to -100.10")));
    QVERIFY(text.contains(QStringLiteral("only differences matter")));
    QVERIFY(why_negative({}).isEmpty());
}

void LogitsPartsTest::the_lens_has_the_output_on_top() {
    LensModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto cell = [](const char* text, double probability, int rank) {
        return Json{{"top", {{{"id", 3}, {"text", text}, {"probability", probability}}}}, {"probability", probability}, {"rank", rank}};
    };
    auto lens = lens_from_json({{"layers",
                                 {{{"name", "embeddings"}, {"tokens", {cell(" a", 0.1, 4), cell(" b", 0.2, 5)}}},
                                  {{"name", "block 1"}, {"tokens", {cell(" cup", 0.9, 1), cell(".", 0.8, 2)}}}}}});
    QVERIFY(lens.has_value());
    InspectedText text;
    text.tokens = {token("The", 0.5, 1, 0.5, 1), token(" cup", 0.5, 1, 0.5, 1)};
    model.set_lens(std::move(*lens), text);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.columnCount(), 2);
    QCOMPARE(model.headerData(0, Qt::Vertical).toString(), QStringLiteral("output"));
    QCOMPARE(model.headerData(1, Qt::Vertical).toString(), QStringLiteral("embeddings"));
    QCOMPARE(model.headerData(0, Qt::Horizontal).toString(), QStringLiteral("·cup"));
    QCOMPARE(model.headerData(1, Qt::Horizontal).toString(), QStringLiteral("next"));
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("·cup"));
    QVERIFY(model.index(0, 0).data(Qt::FontRole).value<QFont>().bold());
    QVERIFY(!model.index(1, 0).data(Qt::FontRole).value<QFont>().bold());
}

void LogitsPartsTest::branches_hang_on_what_they_came_from() {
    BranchModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int root = model.begin({1, 2, 3}, "one two three");
    const int forced = model.add({0, root, BranchKind::Forced, ModelSide::Tuned, 1, " four", {1, 4}});
    const int base = model.add({0, forced, BranchKind::Continued, ModelSide::Base, 2, "", {1, 4}});
    const int tuned = model.add({0, forced, BranchKind::Continued, ModelSide::Tuned, 2, "", {1, 4}});
    model.go_on(tuned, 5, " five");
    model.go_on(tuned, 6, " six");
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.rowCount(model.index_of(root)), 1);
    QCOMPARE(model.rowCount(model.index_of(forced)), 2);
    QCOMPARE(model.parent(model.index_of(base)), model.index_of(forced));
    QCOMPARE(model.index_of(tuned, BranchModel::New).data().toString(), QStringLiteral("five six"));
    QCOMPARE(model.branch(tuned)->ids, (std::vector<std::int64_t>{1, 4, 5, 6}));
    QCOMPARE(model.index_of(forced).data().toString(), QStringLiteral("put at 1"));
    model.set_continuation(tuned, {1, 4, 9}, " nine");
    QCOMPARE(model.index_of(tuned, BranchModel::New).data().toString(), QStringLiteral("nine"));
    QCOMPARE(model.index_of(base).data(Qt::ForegroundRole).value<QColor>(), Theme::colour(Role::Base));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void LogitsPartsTest::a_removed_branch_comes_back_with_all_that_hung_on_it() {
    BranchModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int root = model.begin({1, 2}, "one two");
    const int forced = model.add({0, root, BranchKind::Forced, ModelSide::Tuned, 1, " four", {1, 4}});
    const int below = model.add({0, forced, BranchKind::Continued, ModelSide::Base, 2, " five", {1, 4, 5}});
    const auto removed = model.remove(forced);
    QCOMPARE(removed.size(), 2U);
    QCOMPARE(model.rowCount(model.index_of(root)), 0);
    QVERIFY(!model.branch(below));
    for (const Branch& branch : removed) model.add(branch);
    QCOMPARE(model.branch(below)->parent, forced);
    QCOMPARE(model.rowCount(model.index_of(forced)), 1);
    QVERIFY(model.remove(4711).empty());
}

void LogitsPartsTest::odds_are_told_as_times() {
    OddsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_changes(odds_from_json({{{"id", 9},
                                       {"text", " kettle"},
                                       {"base_log_probability", std::log(0.001)},
                                       {"tuned_log_probability", std::log(0.5)},
                                       {"change", std::log(999.0)},
                                       {"count", 12}},
                                      {{"id", 5}, {"text", " house"}, {"change", -std::log(4.0)}, {"count", 0}}}));
    QCOMPARE(model.index(0, OddsModel::Times).data().toString(), QStringLiteral("×999"));
    QCOMPARE(model.index(1, OddsModel::Times).data().toString(), QStringLiteral("÷4"));
    QCOMPARE(model.index(0, OddsModel::Tuned).data().toString(), QStringLiteral("0.500"));
    QCOMPARE(model.index(0, OddsModel::Count).data().toString(), QStringLiteral("12"));
}

void LogitsPartsTest::attention_is_dark_where_it_is_strong() {
    const AttentionRows rows{{1.0}, {0.25, 0.75}};
    const QImage image = attention_image(rows);
    QCOMPARE(image.size(), QSize(2, 2));
    QCOMPARE(image.pixelColor(0, 0), Theme::colour(Role::Accent));
    QCOMPARE(image.pixelColor(1, 0), Theme::colour(Role::Panel));
    QVERIFY(image.pixelColor(1, 1).blueF() - image.pixelColor(1, 1).redF() >
            image.pixelColor(0, 1).blueF() - image.pixelColor(0, 1).redF());
    AttentionMap map;
    map.resize(100, 100);
    map.set_rows(rows, {QStringLiteral("a"), QStringLiteral("b")});
    QSignalSpy chosen(&map, &AttentionMap::query_chosen);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.centre_of(1, 0));
    QCOMPARE(chosen.count(), 1);
    QCOMPARE(chosen.at(0).at(0).toInt(), 1);
}

}  // namespace lossmith::ui

int main(int argc, char** argv) {
    return lossmith::test::run_window_tests<lossmith::ui::LogitsPartsTest>(argc, argv);
}
#include "LogitsPartsTest.moc"
