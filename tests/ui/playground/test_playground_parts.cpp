// The Playground's parts alone: the form of settings, the view of tokens, the history, and how a trace is kept.
#include <QAbstractItemModelTester>
#include <QDoubleSpinBox>
#include <QSignalSpy>
#include <QtTest>

#include "core/config/RunFields.h"
#include "tests/support/TestWindow.h"
#include "ui/generation/SamplingForm.h"
#include "ui/generation/StopStrings.h"
#include "ui/generation/TokenTrace.h"
#include "ui/playground/HistoryModel.h"
#include "ui/playground/TokenTextView.h"

namespace lossmith::ui {
namespace {

TracedToken token(const std::string& text, double probability = 0.5) {
    return {1, text, probability, {{1, text, probability}, {2, " other", 0.2}}, false};
}

}  // namespace

class TestPlaygroundParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void the_form_gives_back_what_it_was_given();
    void the_form_has_every_setting_with_its_range_and_meaning();
    void settings_that_do_nothing_are_greyed();
    void stop_strings_survive_being_typed_data();
    void stop_strings_survive_being_typed();
    void tokens_wrap_and_are_found_under_the_pointer();
    void improbable_tokens_stand_on_a_redder_ground();
    void the_history_model_keeps_the_rules_of_item_models();
    void a_trace_survives_the_project_file();
};

void TestPlaygroundParts::the_form_gives_back_what_it_was_given() {
    SamplingForm form;
    QVERIFY(form.config() == SamplingConfig{});
    SamplingConfig config;
    config.max_new_tokens = 17;
    config.do_sample = true;
    config.temperature = 0.85;
    config.top_k = 40;
    config.top_p = 0.9;
    config.min_p = 0.05;
    config.typical_p = 0.95;
    config.repetition_penalty = 1.2;
    config.no_repeat_ngram_size = 3;
    config.length_penalty = -0.5;
    config.stop_strings = {"\n\n", " Problem:", "a|b\\"};
    config.stop_at_end_token = false;
    config.seed = 18446744073709551615U;
    config.precision = "bf16";
    form.set_config(config);
    QVERIFY(form.config() == config);
}

void TestPlaygroundParts::the_form_has_every_setting_with_its_range_and_meaning() {
    SamplingForm form;
    for (const FieldKnowledge& field : sampling_fields()) {
        QWidget* editor = form.editor(QString::fromStdString(field.name));
        QVERIFY2(editor != nullptr, field.name.c_str());
        QVERIFY(editor->toolTip().contains(QString::fromStdString(field.meaning)));
        QVERIFY(editor->toolTip().contains(QString::fromStdString(range_in_words(field))));
        QVERIFY(!editor->accessibleName().isEmpty());
    }
    auto* top_p = qobject_cast<QDoubleSpinBox*>(form.editor(QStringLiteral("top_p")));
    top_p->setValue(7);
    QCOMPARE(top_p->value(), 1.0);
    top_p->setValue(-3);
    QVERIFY(top_p->value() > 0);
}

void TestPlaygroundParts::settings_that_do_nothing_are_greyed() {
    SamplingForm form;
    QVERIFY(!form.editor(QStringLiteral("temperature"))->isEnabled());
    QVERIFY(!form.editor(QStringLiteral("seed"))->isEnabled());
    QVERIFY(!form.editor(QStringLiteral("length_penalty"))->isEnabled());
    SamplingConfig config;
    config.do_sample = true;
    form.set_config(config);
    QVERIFY(form.editor(QStringLiteral("temperature"))->isEnabled());
    config.do_sample = false;
    config.num_beams = 4;
    form.set_config(config);
    QVERIFY(form.editor(QStringLiteral("length_penalty"))->isEnabled());
}

void TestPlaygroundParts::stop_strings_survive_being_typed_data() {
    QTest::addColumn<QStringList>("strings");
    QTest::newRow("none") << QStringList{};
    QTest::newRow("line ends") << QStringList{QStringLiteral("\n\n"), QStringLiteral("\t")};
    QTest::newRow("spaces at the ends") << QStringList{QStringLiteral(" a b "), QStringLiteral(" ")};
    QTest::newRow("what escapes") << QStringList{QStringLiteral("a|b"), QStringLiteral("\\n"), QStringLiteral("\\")};
}

void TestPlaygroundParts::stop_strings_survive_being_typed() {
    QFETCH(const QStringList, strings);
    std::vector<std::string> expected;
    for (const QString& text : strings) expected.push_back(text.toStdString());
    QVERIFY(typed_stop_strings(shown_stop_strings(expected)) == expected);
    QVERIFY((typed_stop_strings(QStringLiteral(" one| two ||")) == std::vector<std::string>{"one", "two"}));
}

void TestPlaygroundParts::tokens_wrap_and_are_found_under_the_pointer() {
    TokenTextView view;
    view.resize(220, 120);
    view.show();
    for (int i = 0; i < 60; ++i) view.add_token(token(i == 20 ? "\n\n" : " word" + std::to_string(i)));
    for (const int at : {0, 7, 19}) QCOMPARE(view.token_under(view.rectangle_of(at).center()), at);
    QVERIFY(view.rectangle_of(21).top() > view.rectangle_of(20).bottom());
    for (int i = 0; i < 60; ++i) QVERIFY(view.rectangle_of(i).right() <= view.viewport()->width());
    view.set_current(59);
    QVERIFY(view.viewport()->rect().contains(view.rectangle_of(59)));
    QCOMPARE(view.token_under(view.rectangle_of(59).center()), 59);
    QTest::keyClick(&view, Qt::Key_Up);
    QVERIFY(view.rectangle_of(view.current()).top() < view.rectangle_of(59).top());
    QTest::keyClick(&view, Qt::Key_Home);
    QCOMPARE(view.current(), 0);
    QCOMPARE(view.token_under({-5, -5}), -1);
    view.clear();
    QCOMPARE(view.current(), -1);
    QCOMPARE(view.token_under({20, 20}), -1);
}

void TestPlaygroundParts::improbable_tokens_stand_on_a_redder_ground() {
    QCOMPARE(TokenTextView::ground(1.0).alpha(), 0);
    QVERIFY(TokenTextView::ground(0.5).alpha() < TokenTextView::ground(0.1).alpha());
    QCOMPARE(TokenTextView::ground(0.001).alpha(), TokenTextView::ground(0.1).alpha());
    QVERIFY(TokenTextView::ground(0.01).green() < TokenTextView::ground(0.1).green());
    QVERIFY(TokenTextView::ground(0.0).isValid());
}

void TestPlaygroundParts::the_history_model_keeps_the_rules_of_item_models() {
    HistoryModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    Generation one;
    one.id = 1;
    Generation two;
    two.id = 2;
    model.set_generations({one});
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.set_generations({two, one});
    QCOMPARE(inserted.count(), 1);
    QCOMPARE(model.generation(0).id, 2);
    model.set_generations({two});
    QCOMPARE(model.rowCount(), 1);
    model.set_generations({});
    QCOMPARE(model.rowCount(), 0);
}

void TestPlaygroundParts::a_trace_survives_the_project_file() {
    TokenTrace trace{token(" lamp", 0.25), token("", 0.125)};
    trace[0].forced = true;
    QVERIFY(trace_from_json(trace_to_json(trace)) == trace);
    QVERIFY(trace_from_json(Json("nonsense")).empty());
    QVERIFY(trace_from_json(Json::parse(R"([1, [1, 2], [1, "a", 0.5, "no", false], {"id": 3}])")).empty());
}

}  // namespace lossmith::ui

int main(int count, char** values) {
    return lossmith::test::run_window_tests<lossmith::ui::TestPlaygroundParts>(count, values);
}

#include "test_playground_parts.moc"
