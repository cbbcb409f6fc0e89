// Metrics, templates, models, prompts and generations.
#include <QSqlDatabase>
#include <cmath>
#include <limits>

#include "tests/unit/project/Support.h"
#include "tests/unit/project/Tests.h"

using namespace lossmith;
using namespace lossmith::test;

class SmallStoresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void metrics_come_back_by_name_then_step();
    void a_metric_written_again_is_replaced();
    void only_metrics_after_a_step_are_read();
    void numbers_that_are_not_finite_survive();
    void metrics_of_an_unknown_run_are_refused_whole();
    void the_current_template_is_the_default_until_one_is_set();
    void an_invalid_template_is_refused_and_the_current_one_stays();
    void a_model_name_is_used_once();
    void a_removed_model_is_gone_and_an_unknown_one_not_found();
    void prompts_are_kept_with_any_text();
    void a_generation_is_found_by_weights_prompt_and_settings();
    void losses_are_kept_with_their_text_and_fields();
    void no_two_losses_share_a_name();
    void a_removed_loss_can_be_brought_back();
};

void SmallStoresTest::metrics_come_back_by_name_then_step() {
    const Folder folder;
    const auto project = folder.project();
    const auto run = project->runs().create({});
    VERIFY_OK(run);
    const std::vector<Metric> metrics = {{2, "train/loss", 2.5}, {1, "train/loss", 3.5}, {1, "learning_rate", 0.1}};
    VERIFY_OK(project->metrics().write(run->id, metrics));
    const auto read = project->metrics().read(run->id);
    VERIFY_OK(read);
    QCOMPARE(read->size(), std::size_t{3});
    QCOMPARE((*read)[0].name, std::string("learning_rate"));
    QCOMPARE((*read)[1].step, std::int64_t{1});
    QCOMPARE((*read)[1].value, 3.5);
    QCOMPARE((*read)[2].step, std::int64_t{2});
    const auto names = project->metrics().names(run->id);
    VERIFY_OK(names);
    QCOMPARE(*names, (std::vector<std::string>{"learning_rate", "train/loss"}));
}

void SmallStoresTest::a_metric_written_again_is_replaced() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t run = project->runs().create({})->id;
    for (const double value : {1.0, 2.0}) {
        const Metric metric{5, "train/loss", value};
        VERIFY_OK(project->metrics().write(run, {&metric, 1}));
    }
    const auto read = project->metrics().read(run, "train/loss");
    VERIFY_OK(read);
    QCOMPARE(read->size(), std::size_t{1});
    QCOMPARE(read->front().value, 2.0);
}

void SmallStoresTest::only_metrics_after_a_step_are_read() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t run = project->runs().create({})->id;
    std::vector<Metric> metrics;
    for (std::int64_t step = 0; step < 10; ++step) metrics.push_back({step, "train/loss", 1.0});
    VERIFY_OK(project->metrics().write(run, metrics));
    QCOMPARE(project->metrics().read(run, "train/loss", 6)->size(), std::size_t{3});
    QCOMPARE(project->metrics().read(run, {}, 9)->size(), std::size_t{0});
    QCOMPARE(project->metrics().read(run, "train/loss")->size(), std::size_t{10});
}

void SmallStoresTest::numbers_that_are_not_finite_survive() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t run = project->runs().create({})->id;
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<Metric> metrics = {
        {1, "train/loss", std::numeric_limits<double>::quiet_NaN()}, {2, "train/loss", infinity}, {3, "train/loss", 5e-324}};
    VERIFY_OK(project->metrics().write(run, metrics));
    const auto read = project->metrics().read(run);
    VERIFY_OK(read);
    QVERIFY(std::isnan((*read)[0].value));
    QCOMPARE((*read)[1].value, infinity);
    QVERIFY((*read)[2].value == 5e-324);
}

void SmallStoresTest::metrics_of_an_unknown_run_are_refused_whole() {
    const Folder folder;
    const auto project = folder.project();
    const Metric metric{1, "train/loss", 1.0};
    VERIFY_ERROR(project->metrics().write(99, {&metric, 1}), ErrorKind::NotFound);
    QVERIFY(project->metrics().read(99)->empty());
}

void SmallStoresTest::the_current_template_is_the_default_until_one_is_set() {
    const Folder folder;
    const auto project = folder.project();
    QCOMPARE(*project->templates().current() == TemplateSpec{}, true);
    TemplateSpec mine;
    mine.prompt = "Q: {problem}\nA:";
    VERIFY_OK(project->templates().set_current(mine));
    TemplateSpec second = mine;
    second.completion = " → {solution}";
    VERIFY_OK(project->templates().set_current(second, "with an arrow"));
    const auto opened = Project::open(project->path());
    VERIFY_OK(opened);
    QCOMPARE(*(*opened)->templates().current() == second, true);
    const auto history = (*opened)->templates().history();
    VERIFY_OK(history);
    QCOMPARE(history->size(), std::size_t{2});
    QCOMPARE(history->front().name, std::string("with an arrow"));
    QCOMPARE(history->back().spec == mine, true);
    QCOMPARE(history->back().name, std::string("template 1"));
}

void SmallStoresTest::an_invalid_template_is_refused_and_the_current_one_stays() {
    const Folder folder;
    const auto project = folder.project();
    TemplateSpec broken;
    broken.prompt = "no place for the problem";
    VERIFY_ERROR(project->templates().set_current(broken), ErrorKind::BadInput);
    QCOMPARE(*project->templates().current() == TemplateSpec{}, true);
}

void SmallStoresTest::a_model_name_is_used_once() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(project->models().add("gpt2", "/models/gpt2"));
    VERIFY_ERROR(project->models().add("gpt2", "/models/other"), ErrorKind::BadInput);
    VERIFY_ERROR(project->models().add("", "/models/other"), ErrorKind::BadInput);
    VERIFY_ERROR(project->models().add("x", ""), ErrorKind::BadInput);
    QCOMPARE(project->models().models()->size(), std::size_t{2});
}

void SmallStoresTest::a_removed_model_is_gone_and_an_unknown_one_not_found() {
    const Folder folder;
    const auto project = folder.project();
    VERIFY_OK(project->models().add("gpt2", "/models/gpt2"));
    VERIFY_OK(project->models().remove("gpt2"));
    VERIFY_ERROR(project->models().remove("gpt2"), ErrorKind::NotFound);
}

void SmallStoresTest::prompts_are_kept_with_any_text() {
    const Folder folder;
    const auto project = folder.project();
    const std::string odd("a'b\"c\\\0d\n\xF0\x9F\x98\x80; DROP TABLE prompts", 31);
    VERIFY_OK(project->prompts().add_prompt(odd, ""));
    VERIFY_ERROR(project->prompts().add_prompt("", "solution"), ErrorKind::BadInput);
    const auto prompts = project->prompts().prompts();
    VERIFY_OK(prompts);
    QCOMPARE(prompts->size(), std::size_t{1});
    QCOMPARE(prompts->front().problem, odd);
    QCOMPARE(prompts->front().solution, std::string());
    VERIFY_OK(project->prompts().remove_prompt(prompts->front().id));
    VERIFY_ERROR(project->prompts().remove_prompt(prompts->front().id), ErrorKind::NotFound);
}

void SmallStoresTest::a_generation_is_found_by_weights_prompt_and_settings() {
    const Folder folder;
    const auto project = folder.project();
    Generation generation;
    generation.model = "starter";
    generation.weights = "abc";
    generation.prompt = "Problem: it is broken\nSolution:";
    generation.settings.temperature = 0.7;
    generation.settings.seed = 18446744073709551615ULL;
    generation.text = "first";
    generation.details = {{"ids", {1, 2, 3}}};
    VERIFY_OK(project->prompts().add_generation(generation));
    generation.text = "second";
    VERIFY_OK(project->prompts().add_generation(generation));

    const auto found = project->prompts().find_generation("abc", generation.prompt, generation.settings);
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    QCOMPARE((*found)->text, std::string("second"));
    QVERIFY((*found)->settings == generation.settings);
    QVERIFY((*found)->details == generation.details);
    QVERIFY(!(*found)->created_at.empty());

    SamplingConfig other = generation.settings;
    other.temperature = 0.8;
    QVERIFY(!project->prompts().find_generation("abc", generation.prompt, other)->has_value());
    QVERIFY(!project->prompts().find_generation("abd", generation.prompt, generation.settings)->has_value());
    QCOMPARE(project->prompts().generations(1)->front().text, std::string("second"));
    QCOMPARE(project->prompts().generations()->size(), std::size_t{2});
}

void SmallStoresTest::losses_are_kept_with_their_text_and_fields() {
    const Folder folder;
    const auto project = folder.project();
    QVERIFY(project->losses().losses()->empty());
    StoredLoss mine;
    mine.name = "mine";
    mine.source = "def loss(logits, labels, weight: float = 0.1):\n    return “not yet\n";
    mine.parameters = {{"weight", 0.5}};
    mine.labels = "unshifted";
    const auto added = project->losses().add(mine);
    VERIFY_OK(added);
    QVERIFY(added->id > 0);
    StoredLoss changed = *added;
    changed.name = "mine again";
    changed.source += "# more\n";
    VERIFY_OK(project->losses().change(changed));
    const auto opened = Project::open(project->path());
    VERIFY_OK(opened);
    const auto read = (*opened)->losses().losses();
    VERIFY_OK(read);
    QCOMPARE(read->size(), std::size_t{1});
    QCOMPARE(read->front().name, std::string("mine again"));
    QCOMPARE(read->front().source, changed.source);
    QVERIFY(read->front().parameters == mine.parameters);
    QCOMPARE(read->front().labels, std::string("unshifted"));
    QVERIFY(!read->front().created_at.empty());
    QCOMPARE(read->front().spec().source, changed.source);
}

void SmallStoresTest::no_two_losses_share_a_name() {
    const Folder folder;
    const auto project = folder.project();
    StoredLoss loss;
    VERIFY_ERROR(project->losses().add(loss), ErrorKind::BadInput);
    loss.name = "one";
    VERIFY_OK(project->losses().add(loss));
    VERIFY_ERROR(project->losses().add(loss), ErrorKind::BadInput);
    loss.name = "two";
    const auto two = project->losses().add(loss);
    VERIFY_OK(two);
    StoredLoss renamed = *two;
    renamed.name = "one";
    VERIFY_ERROR(project->losses().change(renamed), ErrorKind::BadInput);
    renamed.name = "two";
    renamed.source.assign(longest_loss_source + 1, 'x');
    VERIFY_ERROR(project->losses().change(renamed), ErrorKind::BadInput);
    renamed = *two;
    renamed.id = 99;
    renamed.name = "three";
    VERIFY_ERROR(project->losses().change(renamed), ErrorKind::NotFound);
    QCOMPARE(project->losses().losses()->size(), std::size_t{2});
}

void SmallStoresTest::a_removed_loss_can_be_brought_back() {
    const Folder folder;
    const auto project = folder.project();
    StoredLoss loss;
    loss.name = "mine";
    loss.source = "def loss(logits, labels): ...";
    const auto added = project->losses().add(loss);
    VERIFY_OK(added);
    VERIFY_OK(project->losses().remove(added->id));
    VERIFY_ERROR(project->losses().remove(added->id), ErrorKind::NotFound);
    const auto again = project->losses().add(*added);
    VERIFY_OK(again);
    QCOMPARE(again->id, added->id);
    QCOMPARE(again->created_at, added->created_at);
}

int lossmith::test::run_small_store_tests(int argc, char** argv) {
    SmallStoresTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "SmallStoresTest.moc"
