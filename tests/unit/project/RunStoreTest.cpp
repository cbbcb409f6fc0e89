// Runs: recorded whole, owned by one living process, rewound without a trace.
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QSysInfo>

#include "core/project/ProcessIdentity.h"
#include "core/project/RunOrigins.h"
#include "tests/unit/project/Support.h"
#include "tests/unit/project/Tests.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

std::vector<std::int64_t> steps_of(const std::vector<Metric>& metrics) {
    std::vector<std::int64_t> steps;
    for (const Metric& metric : metrics) steps.push_back(metric.step);
    return steps;
}

/// Says that a run is being trained by a process of another machine.
void move_to_another_host(const std::filesystem::path& path) {
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("raw"));
        database.setDatabaseName(text_of(path));
        QVERIFY(database.open());
        QVERIFY(QSqlQuery(database).exec(QStringLiteral("UPDATE runs SET host = 'far-away', status = 'running', process = 1")));
    }
    QSqlDatabase::removeDatabase(QStringLiteral("raw"));
}

}  // namespace

class RunStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_run_is_recorded_with_its_template_and_a_name();
    void a_config_that_does_not_validate_is_refused_with_all_that_is_wrong();
    void runs_are_listed_newest_first();
    void an_unknown_run_is_not_found_by_every_call();
    void a_claimed_run_is_running_under_this_process();
    void a_run_whose_process_was_killed_is_lost_and_can_be_claimed();
    void a_run_of_a_living_process_cannot_be_claimed_or_removed();
    void a_run_on_another_machine_is_taken_only_once_it_is_marked_lost();
    void an_ended_run_says_when_and_why();
    void rewinding_drops_what_came_after_the_step();
    void rewinding_below_the_best_step_finds_the_best_that_is_left();
    void each_command_is_given_once_in_order();
    void commands_for_a_process_that_is_gone_do_not_reach_the_next();
    void a_run_that_no_process_has_takes_no_commands();
    void a_checkpoint_written_again_replaces_its_record();
    void rewinding_a_run_by_reward_finds_the_highest_reward();
    void completions_come_back_whole_and_are_rewound();
    void a_sample_of_the_same_step_and_prompt_is_replaced();
    void a_samples_tokens_are_kept_and_left_out_when_only_texts_are_asked_for();
    void removing_a_run_removes_all_it_wrote_and_its_number_is_not_used_again();
    void events_after_one_already_seen_are_read();
    void a_run_knows_the_checkpoint_it_began_from();
    void an_own_process_is_alive_and_its_number_with_another_start_is_not();
};

void RunStoreTest::a_run_is_recorded_with_its_template_and_a_name() {
    const Folder folder;
    const auto project = folder.project();
    TemplateSpec mine;
    mine.prompt = "Q: {problem}\nA:";
    VERIFY_OK(project->templates().set_current(mine));
    RunConfig config;
    config.learning_rate = 1e-3;
    config.seed = 18446744073709551615ULL;
    const auto first = project->runs().create(config);
    VERIFY_OK(first);
    QCOMPARE(first->name, std::string("run 1"));
    QCOMPARE(first->config.name, std::string("run 1"));
    QVERIFY(first->status == RunStatus::Queued);
    QVERIFY(first->config.template_spec.has_value());
    QVERIFY(*first->config.template_spec == mine);
    QCOMPARE(first->config.learning_rate, 1e-3);
    QVERIFY(first->config.seed == config.seed);
    QVERIFY(!first->created_at.empty());
    QVERIFY(first->started_at.empty());
    config.name = "with a name";
    config.template_spec = TemplateSpec{};
    const auto second = project->runs().create(config);
    VERIFY_OK(second);
    QCOMPARE(second->name, std::string("with a name"));
    QVERIFY(*second->config.template_spec == TemplateSpec{});
}

void RunStoreTest::a_config_that_does_not_validate_is_refused_with_all_that_is_wrong() {
    const Folder folder;
    const auto project = folder.project();
    RunConfig config;
    config.learning_rate = -1;
    config.per_device_train_batch_size = 0;
    const auto created = project->runs().create(config);
    VERIFY_ERROR(created, ErrorKind::BadInput);
    QVERIFY(created.error().message.find("learning_rate") != std::string::npos);
    QVERIFY(created.error().message.find("per_device_train_batch_size") != std::string::npos);
    QVERIFY(project->runs().runs()->empty());
}

void RunStoreTest::runs_are_listed_newest_first() {
    const Folder folder;
    const auto project = folder.project();
    for (int i = 0; i < 3; ++i) VERIFY_OK(project->runs().create({}));
    const auto runs = project->runs().runs();
    VERIFY_OK(runs);
    QCOMPARE(runs->front().id, std::int64_t{3});
    QCOMPARE(runs->back().id, std::int64_t{1});
}

void RunStoreTest::an_unknown_run_is_not_found_by_every_call() {
    const Folder folder;
    const auto project = folder.project();
    RunStore& runs = project->runs();
    VERIFY_ERROR(runs.run(5), ErrorKind::NotFound);
    VERIFY_ERROR(runs.remove(5), ErrorKind::NotFound);
    VERIFY_ERROR(runs.claim(5), ErrorKind::NotFound);
    VERIFY_ERROR(runs.set_step(5, 1), ErrorKind::NotFound);
    VERIFY_ERROR(runs.set_note(5, "", "", ""), ErrorKind::NotFound);
    VERIFY_ERROR(runs.set_status(5, RunStatus::Finished), ErrorKind::NotFound);
    VERIFY_ERROR(runs.add_event(5, 1, "started", ""), ErrorKind::NotFound);
    VERIFY_ERROR(runs.add_sample(5, {}), ErrorKind::NotFound);
    VERIFY_ERROR(runs.add_checkpoint(5, {}), ErrorKind::NotFound);
    VERIFY_ERROR(runs.rewind(5, 0), ErrorKind::NotFound);
    VERIFY_ERROR(runs.send(5, RunCommand::Stop), ErrorKind::NotFound);
}

void RunStoreTest::a_claimed_run_is_running_under_this_process() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().claim(id));
    VERIFY_OK(project->runs().claim(id));
    const auto run = project->runs().run(id);
    VERIFY_OK(run);
    QVERIFY(run->status == RunStatus::Running);
    QCOMPARE(run->process, std::int64_t{QCoreApplication::applicationPid()});
    QCOMPARE(run->host, QSysInfo::machineHostName().toStdString());
    QVERIFY(!run->started_at.empty());
}

void RunStoreTest::a_run_whose_process_was_killed_is_lost_and_can_be_claimed() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    QProcess owner;
    start_helper(owner, {QStringLiteral("claim"), text_of(project->path()), QString::number(id)});
    QVERIFY(says(owner, "claimed"));
    QVERIFY(project->runs().run(id)->status == RunStatus::Running);
    owner.kill();
    QVERIFY(owner.waitForFinished());
    QVERIFY(project->runs().run(id)->status == RunStatus::Lost);
    QVERIFY(project->runs().runs()->front().status == RunStatus::Lost);
    VERIFY_OK(project->runs().claim(id));
    QVERIFY(project->runs().run(id)->status == RunStatus::Running);
}

void RunStoreTest::a_run_of_a_living_process_cannot_be_claimed_or_removed() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    QProcess owner;
    start_helper(owner, {QStringLiteral("claim"), text_of(project->path()), QString::number(id)});
    QVERIFY(says(owner, "claimed"));
    const auto claimed = project->runs().claim(id);
    VERIFY_ERROR(claimed, ErrorKind::BadInput);
    QVERIFY(claimed.error().message.find(std::to_string(owner.processId())) != std::string::npos);
    VERIFY_ERROR(project->runs().remove(id), ErrorKind::BadInput);
    owner.closeWriteChannel();
    QVERIFY(owner.waitForFinished());
}

void RunStoreTest::a_run_on_another_machine_is_taken_only_once_it_is_marked_lost() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    move_to_another_host(project->path());
    QVERIFY(project->runs().run(id)->status == RunStatus::Running);
    const auto claimed = project->runs().claim(id);
    VERIFY_ERROR(claimed, ErrorKind::BadInput);
    QVERIFY(claimed.error().message.find("far-away") != std::string::npos);
    VERIFY_OK(project->runs().set_status(id, RunStatus::Lost));
    VERIFY_OK(project->runs().claim(id));
}

void RunStoreTest::an_ended_run_says_when_and_why() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().claim(id));
    VERIFY_OK(project->runs().set_total_steps(id, 100));
    VERIFY_OK(project->runs().set_step(id, 12));
    VERIFY_OK(project->runs().set_best(id, 10, 2.5));
    VERIFY_OK(project->runs().set_provenance(id, {{"threads", 2}}));
    VERIFY_OK(project->runs().set_note(id, "named", "a,b", "a note"));
    VERIFY_OK(project->runs().set_status(id, RunStatus::Failed, "The loss is not a number."));
    const auto run = project->runs().run(id);
    VERIFY_OK(run);
    QVERIFY(run->status == RunStatus::Failed);
    QCOMPARE(run->message, std::string("The loss is not a number."));
    QVERIFY(!run->ended_at.empty());
    QCOMPARE(run->step, std::int64_t{12});
    QCOMPARE(run->total_steps, std::int64_t{100});
    QCOMPARE(run->best_step, std::int64_t{10});
    QCOMPARE(*run->best_validation_loss, 2.5);
    QCOMPARE(run->provenance.at("threads").get<int>(), 2);
    QCOMPARE(run->name, std::string("named"));
    QCOMPARE(run->tags, std::string("a,b"));
    QCOMPARE(run->note, std::string("a note"));
    VERIFY_OK(project->runs().claim(id));
    QVERIFY(project->runs().run(id)->ended_at.empty());
    QVERIFY(project->runs().run(id)->message.empty());
}

void RunStoreTest::rewinding_drops_what_came_after_the_step() {
    const Folder folder;
    const auto project = folder.project();
    RunStore& runs = project->runs();
    const std::int64_t id = runs.create({})->id;
    const std::int64_t other = runs.create({})->id;
    for (std::int64_t step = 1; step <= 5; ++step) {
        const Metric metric{step, "train/loss", 1.0};
        VERIFY_OK(project->metrics().write(id, {&metric, 1}));
        VERIFY_OK(project->metrics().write(other, {&metric, 1}));
        VERIFY_OK(runs.add_event(id, step, "validation", "A sentence."));
        VERIFY_OK(runs.add_sample(id, {step, 0, "p", "s", "t"}));
        VERIFY_OK(runs.set_step(id, step));
    }
    VERIFY_OK(runs.rewind(id, 3));
    QCOMPARE(steps_of(*project->metrics().read(id)), (std::vector<std::int64_t>{1, 2, 3}));
    QCOMPARE(project->metrics().read(other)->size(), std::size_t{5});
    QCOMPARE(runs.events(id)->size(), std::size_t{3});
    QCOMPARE(runs.samples(id)->size(), std::size_t{3});
    QCOMPARE(runs.run(id)->step, std::int64_t{3});
}

void RunStoreTest::rewinding_below_the_best_step_finds_the_best_that_is_left() {
    const Folder folder;
    const auto project = folder.project();
    RunStore& runs = project->runs();
    const std::int64_t id = runs.create({})->id;
    const std::vector<Metric> metrics = {
        {1, "validation/loss", 3.0}, {2, "validation/loss", 2.0}, {3, "validation/loss", 2.0}, {4, "validation/loss", 1.0}};
    VERIFY_OK(project->metrics().write(id, metrics));
    VERIFY_OK(runs.set_best(id, 4, 1.0));
    VERIFY_OK(runs.rewind(id, 3));
    QCOMPARE(runs.run(id)->best_step, std::int64_t{2});
    QCOMPARE(*runs.run(id)->best_validation_loss, 2.0);
    VERIFY_OK(runs.rewind(id, 0));
    QCOMPARE(runs.run(id)->best_step, std::int64_t{0});
    QVERIFY(!runs.run(id)->best_validation_loss.has_value());
}

void RunStoreTest::rewinding_a_run_by_reward_finds_the_highest_reward() {
    const Folder folder;
    const auto project = folder.project();
    RunStore& runs = project->runs();
    const std::int64_t id = runs.create({})->id;
    // Before training the loss may be lowest of all; that is no best.
    const std::vector<Metric> metrics = {{0, "validation/loss", 0.5},   {0, "validation/reward", 0.9}, {1, "validation/loss", 3.0},
                                         {1, "validation/reward", 0.2}, {2, "validation/loss", 4.0},   {2, "validation/reward", 0.6},
                                         {3, "validation/loss", 2.0},   {3, "validation/reward", 0.4}, {4, "validation/loss", 1.0},
                                         {4, "validation/reward", 0.8}};
    VERIFY_OK(project->metrics().write(id, metrics));
    VERIFY_OK(runs.set_best(id, 4, 1.0));
    VERIFY_OK(runs.rewind(id, 3));
    QCOMPARE(runs.run(id)->best_step, std::int64_t{2});
    QCOMPARE(*runs.run(id)->best_validation_loss, 4.0);
}

void RunStoreTest::completions_come_back_whole_and_are_rewound() {
    const Folder folder;
    const auto project = folder.project();
    RunStore& runs = project->runs();
    const std::int64_t id = runs.create({})->id;
    std::vector<RewardedCompletion> written;
    for (const std::int64_t step : {2, 4})
        for (const std::int64_t completion : {0, 1}) {
            RewardedCompletion each{step, 0, completion, "p", "s", "t\xff", 0.25, -0.5, completion == 1};
            each.parts = {{"like the solution", 0.25}};
            each.tokens = Json::array({{{"text", " t"}, {"log_prob", -0.5}, {"kl", 0.0}, {"entropy", 1.5}}});
            written.push_back(each);
        }
    VERIFY_OK(runs.add_completions(id, written));
    VERIFY_OK(runs.add_completions(id, written));  // a resumed run comes by again
    const auto all = runs.completions(id);
    VERIFY_OK(all);
    QCOMPARE(all->size(), std::size_t{4});
    QCOMPARE(all->back().step, std::int64_t{4});
    QCOMPARE(all->back().completion, std::int64_t{1});
    QVERIFY(all->back().ended && !all->front().ended);
    QCOMPARE(all->front().reward, 0.25);
    QCOMPARE(all->front().advantage, -0.5);
    QVERIFY(all->front().parts == written.front().parts);
    QVERIFY(all->front().tokens == written.front().tokens);
    QCOMPARE(runs.completions(id, 2)->size(), std::size_t{2});
    VERIFY_ERROR(runs.add_completions(99, written), ErrorKind::NotFound);
    VERIFY_OK(runs.rewind(id, 3));
    QCOMPARE(runs.completions(id)->size(), std::size_t{2});
    VERIFY_OK(runs.remove(id));
    QVERIFY(runs.completions(id)->empty());
}

void RunStoreTest::each_command_is_given_once_in_order() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().claim(id));
    const std::vector<RunCommand> sent = {RunCommand::Pause, RunCommand::CheckpointNow, RunCommand::Continue, RunCommand::SampleNow,
                                          RunCommand::Stop};
    for (const RunCommand command : sent) VERIFY_OK(project->runs().send(id, command));
    QVERIFY(*project->runs().take_commands(id) == sent);
    QVERIFY(project->runs().take_commands(id)->empty());
}

void RunStoreTest::commands_for_a_process_that_is_gone_do_not_reach_the_next() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().send(id, RunCommand::Pause));
    VERIFY_OK(project->runs().claim(id));
    QCOMPARE(project->runs().take_commands(id)->size(), std::size_t{1});
    VERIFY_OK(project->runs().send(id, RunCommand::Stop));
    VERIFY_OK(project->runs().set_status(id, RunStatus::Lost));
    VERIFY_OK(project->runs().claim(id));
    QVERIFY(project->runs().take_commands(id)->empty());
}

void RunStoreTest::a_run_that_no_process_has_takes_no_commands() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t queued = project->runs().create({})->id;
    VERIFY_OK(project->runs().send(queued, RunCommand::Stop));
    QCOMPARE(project->runs().run(queued)->status, RunStatus::Stopped);
    const std::int64_t ended = project->runs().create({})->id;
    VERIFY_OK(project->runs().claim(ended));
    VERIFY_OK(project->runs().set_status(ended, RunStatus::Finished));
    VERIFY_ERROR(project->runs().send(ended, RunCommand::Pause), ErrorKind::BadInput);
    for (const RunCommand command :
         {RunCommand::Pause, RunCommand::Continue, RunCommand::Stop, RunCommand::CheckpointNow, RunCommand::SampleNow})
        QVERIFY(run_command(name_of(command)) == command);
    QVERIFY(!run_command("go"));
}

void RunStoreTest::a_checkpoint_written_again_replaces_its_record() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    Checkpoint checkpoint;
    checkpoint.step = 10;
    checkpoint.kind = CheckpointKind::Best;
    checkpoint.path = "p.files/run-1/best";
    checkpoint.sha256 = "one";
    VERIFY_OK(project->runs().add_checkpoint(id, checkpoint));
    checkpoint.sha256 = "two";
    checkpoint.validation_loss = 1.5;
    VERIFY_OK(project->runs().add_checkpoint(id, checkpoint));
    checkpoint.step = 5;
    checkpoint.kind = CheckpointKind::Periodic;
    VERIFY_OK(project->runs().add_checkpoint(id, checkpoint));
    const auto checkpoints = project->runs().checkpoints(id);
    VERIFY_OK(checkpoints);
    QCOMPARE(checkpoints->size(), std::size_t{2});
    QCOMPARE(checkpoints->front().step, std::int64_t{5});
    QVERIFY(checkpoints->back().kind == CheckpointKind::Best);
    QCOMPARE(checkpoints->back().sha256, std::string("two"));
    QCOMPARE(*checkpoints->back().validation_loss, 1.5);
    VERIFY_OK(project->runs().remove_checkpoint(checkpoints->front().id));
    VERIFY_ERROR(project->runs().remove_checkpoint(checkpoints->front().id), ErrorKind::NotFound);
}

void RunStoreTest::a_sample_of_the_same_step_and_prompt_is_replaced() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().add_sample(id, {3, 1, "p", "s", "old"}));
    VERIFY_OK(project->runs().add_sample(id, {3, 0, "p", "s", "zero"}));
    VERIFY_OK(project->runs().add_sample(id, {3, 1, "p", "s", "new"}));
    const auto samples = project->runs().samples(id);
    VERIFY_OK(samples);
    QCOMPARE(samples->size(), std::size_t{2});
    QCOMPARE(samples->front().text, std::string("zero"));
    QCOMPARE(samples->back().text, std::string("new"));
}

void RunStoreTest::a_samples_tokens_are_kept_and_left_out_when_only_texts_are_asked_for() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    const Json tokens = {{{"id", 5}, {"text", " refund"}, {"probability", 0.25}, {"rank", 2}, {"entropy", 1.5}, {"labelled", true}}};
    VERIFY_OK(project->runs().add_sample(id, {3, 0, "p", "s", "t", tokens}));
    VERIFY_OK(project->runs().add_sample(id, {4, 0, "p", "s", "t"}));
    const auto all = project->runs().samples(id);
    VERIFY_OK(all);
    QVERIFY(all->front().tokens == tokens);
    QVERIFY(all->back().tokens == Json::array());
    const auto texts = project->runs().samples(id, SampleParts::Texts);
    VERIFY_OK(texts);
    QCOMPARE(texts->size(), all->size());
    QVERIFY(texts->front().tokens.empty());
}

void RunStoreTest::removing_a_run_removes_all_it_wrote_and_its_number_is_not_used_again() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    const Metric metric{1, "train/loss", 1.0};
    VERIFY_OK(project->metrics().write(id, {&metric, 1}));
    VERIFY_OK(project->runs().add_event(id, 1, "started", "A sentence."));
    VERIFY_OK(project->runs().remove(id));
    VERIFY_ERROR(project->runs().run(id), ErrorKind::NotFound);
    QVERIFY(project->metrics().read(id)->empty());
    QVERIFY(project->runs().events(id)->empty());
    QCOMPARE(project->runs().create({})->id, id + 1);
}

void RunStoreTest::events_after_one_already_seen_are_read() {
    const Folder folder;
    const auto project = folder.project();
    const std::int64_t id = project->runs().create({})->id;
    VERIFY_OK(project->runs().add_event(id, 0, "started", "It started."));
    VERIFY_OK(project->runs().add_event(id, 4, "checkpoint", "It was saved."));
    const auto all = project->runs().events(id);
    VERIFY_OK(all);
    QCOMPARE(all->size(), std::size_t{2});
    const auto later = project->runs().events(id, all->front().id);
    QCOMPARE(later->size(), std::size_t{1});
    QCOMPARE(later->front().kind, std::string("checkpoint"));
    QCOMPARE(later->front().step, std::int64_t{4});
    QVERIFY(later->front().at.ends_with('Z'));
}

void RunStoreTest::a_run_knows_the_checkpoint_it_began_from() {
    const Folder folder;
    const auto project = folder.project();
    RunConfig config;
    const std::int64_t first = project->runs().create(config)->id;
    Checkpoint checkpoint;
    checkpoint.step = 60;
    checkpoint.path = "p.files/run-1/checkpoint-60";
    checkpoint.sha256 = std::string(64, 'a');
    VERIFY_OK(project->runs().add_checkpoint(first, checkpoint));
    // Whatever the file was called when the weights were read, the digest finds them.
    config.model = "elsewhere.lossmith:1";
    const std::int64_t second = project->runs().create(config)->id;
    VERIFY_OK(
        project->runs().set_provenance(second, {{"model_sha256", checkpoint.sha256}, {"model_folder", "/elsewhere/run-1/checkpoint-60"}}));
    config.model = project->path().string() + ":2";
    const std::int64_t third = project->runs().create(config)->id;
    VERIFY_OK(project->runs().set_provenance(third, {{"model_folder", "/x/run-2/checkpoint-7"}}));
    config.model = "other.lossmith:1";
    static_cast<void>(project->runs().create(config));
    const auto runs = project->runs().runs();
    VERIFY_OK(runs);
    const auto origins = run_origins(*project, *runs);
    VERIFY_OK(origins);
    QVERIFY((*origins == std::map<std::int64_t, RunOrigin>{{second, {first, 60}}, {third, {second, 7}}}));
}

void RunStoreTest::an_own_process_is_alive_and_its_number_with_another_start_is_not() {
    ProcessIdentity identity = this_process();
    QVERIFY(identity.started > 0);
    QVERIFY(liveness_of(identity) == Liveness::Alive);
    ++identity.started;
    QVERIFY(liveness_of(identity) == Liveness::Gone);
    identity = this_process();
    identity.boot = "another start of the machine";
    QVERIFY(liveness_of(identity) == Liveness::Gone);
    identity = this_process();
    identity.host = "far-away";
    QVERIFY(liveness_of(identity) == Liveness::Elsewhere);
}

int lossmith::test::run_run_store_tests(int argc, char** argv) {
    RunStoreTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "RunStoreTest.moc"
