// Runs as processes: killed at random moments and resumed, stopped by command and by signal, lost and found again.
#include <signal.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <fstream>
#include <random>

#include "core/base/Files.h"
#include "core/project/DataStore.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

using namespace lossmith;

namespace {

namespace fs = std::filesystem;

template <typename T>
T must(Result<T> result) {
    if (!result) qFatal("%s", describe(result.error()).c_str());
    return std::move(*result);
}

QString cli() {
    return QStringLiteral(LOSSMITH_BIN "/lossmith-cli");
}

struct Finished {
    int code;
    QByteArray out, err;
};

Finished run_cli(const QStringList& arguments) {
    QProcess process;
    process.start(cli(), arguments);
    if (!process.waitForFinished(120'000)) qFatal("lossmith-cli did not end");
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QString text(const fs::path& path) {
    return QString::fromStdString(path.string());
}

/// Final weights: those of the checkpoint with the highest step.
std::string last_weights(const fs::path& project) {
    const auto opened = must(Project::open(project));
    const auto checkpoints = must(opened->runs().checkpoints(1));
    if (checkpoints.empty()) return "none";
    return must(sha256_of_file(project.parent_path() / checkpoints.back().path / "model.safetensors"));
}

std::vector<std::tuple<std::string, std::int64_t, double>> exact_metrics(const fs::path& project) {
    std::vector<std::tuple<std::string, std::int64_t, double>> all;
    for (const Metric& metric : must(must(Project::open(project))->metrics().read(1)))
        if (metric.name == "train/loss" || metric.name == "validation/loss" || metric.name == "gradient_norm" ||
            metric.name == "learning_rate")
            all.emplace_back(metric.name, metric.step, metric.value);
    return all;
}

/// Whether the newest run has taken as many steps.
bool has_come_to(Project& project, std::int64_t step) {
    const auto runs = must(project.runs().runs());
    return !runs.empty() && runs.front().step >= step;
}

constexpr std::int64_t steps = 60;

QStringList settings(const fs::path& model) {
    QStringList all;
    for (const auto& one :
         {std::string("model=") + model.string(), std::string("max_steps=") + std::to_string(steps), std::string("save_steps=4"),
          std::string("eval_steps=10"), std::string("per_device_train_batch_size=4"), std::string("learning_rate=0.002"),
          std::string("sampling.max_new_tokens=4"), std::string("save_total_limit=2"), std::string("threads=1")})
        all << QStringLiteral("--set") << QString::fromStdString(one);
    return all;
}

}  // namespace

class TrainingProcessTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path m_base = m_folder.path().toStdString();
    fs::path m_model = m_base / "model";
    fs::path m_csv = m_base / "data.csv";

    fs::path new_project(const std::string& name) {
        const fs::path folder = m_base / name;
        fs::create_directories(folder);
        const fs::path project = folder / "p.lossmith";
        if (run_cli({QStringLiteral("import"), text(project), text(m_csv), QStringLiteral("--json")}).code != 0) qFatal("import failed");
        return project;
    }

private Q_SLOTS:
    void initTestCase() {
        std::ofstream csv(m_csv);
        csv << "problem,solution\n";
        for (int i = 0; i < 80; ++i) csv << "What is " << i << " and one?,It is " << i + 1 << ".\n";
        csv.close();
        const auto made = run_cli({QStringLiteral("new-model"), text(m_model), QStringLiteral("--n_embd"), QStringLiteral("16"),
                                   QStringLiteral("--n_layer"), QStringLiteral("2"), QStringLiteral("--n_head"), QStringLiteral("2"),
                                   QStringLiteral("--n_positions"), QStringLiteral("64")});
        QVERIFY2(made.code == 0, made.err.constData());
    }

    void killed_ten_times_it_ends_with_the_same_weights_and_metrics() {
        const fs::path undisturbed = new_project("undisturbed");
        const auto whole = run_cli(QStringList{QStringLiteral("train"), text(undisturbed), QStringLiteral("--json")} + settings(m_model));
        QVERIFY2(whole.code == 0, whole.err.constData());

        const fs::path killed = new_project("killed");
        const auto watched = must(Project::open(killed));
        std::mt19937 random(20260117);
        int kills = 0;
        while (kills < 10) {
            QProcess process;
            if (kills == 0)
                process.start(cli(), QStringList{QStringLiteral("train"), text(killed)} + settings(m_model));
            else
                process.start(cli(), {QStringLiteral("train"), text(killed), QStringLiteral("--resume"), QStringLiteral("1")});
            QVERIFY(process.waitForStarted());
            // Some kills fall before the first new step, some within a save, some between.
            const std::int64_t wanted = static_cast<std::int64_t>(kills) * 5 + static_cast<std::int64_t>(random() % 6);
            const auto reached = [&] {
                const auto runs = must(watched->runs().runs());
                return process.state() == QProcess::NotRunning ||
                       (!runs.empty() && runs.front().step >= wanted && runs.front().process == process.processId());
            };
            QTRY_VERIFY_WITH_TIMEOUT(reached(), 60'000);
            QVERIFY2(process.state() == QProcess::Running, process.readAllStandardError().constData());
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            QVERIFY(process.waitForFinished());
            ++kills;
            QCOMPARE(must(watched->runs().run(1)).status, RunStatus::Lost);
        }
        const auto last =
            run_cli({QStringLiteral("train"), text(killed), QStringLiteral("--resume"), QStringLiteral("1"), QStringLiteral("--json")});
        QVERIFY2(last.code == 0, last.err.constData());
        QCOMPARE(must(watched->runs().run(1)).status, RunStatus::Finished);
        QCOMPARE(last_weights(killed), last_weights(undisturbed));
        QCOMPARE(exact_metrics(killed).size(), exact_metrics(undisturbed).size());
        QVERIFY(exact_metrics(killed) == exact_metrics(undisturbed));
        const auto samples = must(watched->runs().samples(1));
        const auto undisturbed_samples = must(must(Project::open(undisturbed))->runs().samples(1));
        QCOMPARE(samples.size(), undisturbed_samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) QVERIFY(samples[i].tokens == undisturbed_samples[i].tokens);
    }

    void the_tokens_of_the_fixed_prompts_are_kept_at_each_sampling() {
        const fs::path project = new_project("sampled");
        const auto done =
            run_cli(QStringList{QStringLiteral("train"), text(project), QStringLiteral("--json"), QStringLiteral("--set"),
                                QStringLiteral("sample_prompts=2"), QStringLiteral("--set"), QStringLiteral("sample_steps=20")} +
                    settings(m_model));
        QVERIFY2(done.code == 0, done.err.constData());
        const auto told = run_cli({QStringLiteral("samples"), text(project), QStringLiteral("1"), QStringLiteral("--json")});
        QVERIFY2(told.code == 0, told.err.constData());
        const Json samples = Json::parse(told.out.toStdString());
        QCOMPARE(samples.size(), std::size_t{2 * 4});  // two prompts at steps 0, 20, 40, 60
        for (const Json& sample : samples) {
            std::string whole;
            int labelled = 0;
            for (const Json& token : sample.at("tokens")) {
                whole += token.at("text").get<std::string>();
                labelled += token.at("labelled").get<bool>() ? 1 : 0;
            }
            QCOMPARE(whole, "Problem: " + sample.at("problem").get<std::string>() +
                                "\nSolution: " + sample.at("solution").get<std::string>() + "<|endoftext|>");
            QVERIFY(labelled > 1);
            QVERIFY(sample.at("tokens").at(0).at("probability").is_null());
        }
        // What the last sampling kept is what inspecting the last checkpoint says.
        const Json& last = samples.back();
        const auto inspected = run_cli(
            {QStringLiteral("inspect"), QStringLiteral("--model"),
             text(must(Project::open(project))->folder() / must(must(Project::open(project))->runs().checkpoints(1)).back().path),
             QStringLiteral("--problem"), QString::fromStdString(last.at("problem").get<std::string>()), QStringLiteral("--solution"),
             QString::fromStdString(last.at("solution").get<std::string>()), QStringLiteral("--json")});
        QVERIFY2(inspected.code == 0, inspected.err.constData());
        const Json tokens = Json::parse(inspected.out.toStdString()).at("tokens");
        QCOMPARE(tokens.size(), last.at("tokens").size());
        for (std::size_t t = 1; t < tokens.size(); ++t) {
            QCOMPARE(tokens[t].at("rank").get<int>(), last.at("tokens")[t].at("rank").get<int>());
            const double kept = last.at("tokens")[t].at("probability").get<double>();
            QVERIFY(std::abs(tokens[t].at("probability").get<double>() / kept - 1.0) < 1e-4);
            QCOMPARE(tokens[t].at("labelled").get<bool>(), last.at("tokens")[t].at("labelled").get<bool>());
        }
        // And the table of one prompt has a column for each of its samplings.
        const auto table =
            run_cli({QStringLiteral("samples"), text(project), QStringLiteral("1"), QStringLiteral("--prompt"), QStringLiteral("2")});
        for (const char* heading : {"step 0", "step 20", "step 40", "step 60"})
            QVERIFY2(table.out.contains(heading), table.out.constData());
    }

    void a_stop_command_ends_it_safely_and_it_can_be_resumed() {
        const fs::path project = new_project("stopped");
        const auto watched = must(Project::open(project));
        QProcess process;
        process.start(cli(), QStringList{QStringLiteral("train"), text(project), QStringLiteral("--json")} + settings(m_model));
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(has_come_to(*watched, 3), 60'000);
        QVERIFY(watched->runs().send(1, RunCommand::Stop).has_value());
        QVERIFY(process.waitForFinished(30'000));
        QCOMPARE(process.exitCode(), 0);
        const Json answer = Json::parse(process.readAllStandardOutput().toStdString());
        QCOMPARE(answer.at("status").get<std::string>(), std::string("stopped"));
        QCOMPARE(must(watched->runs().run(1)).status, RunStatus::Stopped);
        QCOMPARE(must(watched->runs().checkpoints(1)).back().step, answer.at("steps").get<std::int64_t>());
        QCOMPARE(run_cli({QStringLiteral("train"), text(project), QStringLiteral("--resume"), QStringLiteral("1")}).code, 0);
        QCOMPARE(must(watched->runs().run(1)).step, steps);
    }

    void told_on_the_command_line_it_waits_goes_on_and_writes_what_is_asked_for() {
        const fs::path project = new_project("told");
        const auto watched = must(Project::open(project));
        const auto tell = [&](const char* command) {
            return run_cli({QStringLiteral("runs"), text(project), QStringLiteral("--run"), QStringLiteral("1"), QStringLiteral("--send"),
                            QString::fromLatin1(command)});
        };
        QProcess process;
        process.start(cli(),
                      QStringList{QStringLiteral("train"), text(project), QStringLiteral("--json")} + settings(m_model) +
                          QStringList{QStringLiteral("--set"), QStringLiteral("max_steps=1000000"), QStringLiteral("--set"),
                                      QStringLiteral("save_steps=1000000"), QStringLiteral("--set"), QStringLiteral("eval_steps=1000000")});
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(has_come_to(*watched, 1), 60'000);
        QCOMPARE(tell("pause").code, 0);
        QTRY_COMPARE_WITH_TIMEOUT(must(watched->runs().run(1)).status, RunStatus::Paused, 30'000);
        const std::int64_t waits_at = must(watched->runs().run(1)).step;
        QCOMPARE(tell("checkpoint").code, 0);
        const auto saved = [&] {
            const auto checkpoints = must(watched->runs().checkpoints(1));
            return std::ranges::any_of(
                checkpoints, [&](const Checkpoint& each) { return each.kind == CheckpointKind::Manual && each.step == waits_at; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(saved(), 30'000);
        QCOMPARE(must(watched->runs().run(1)).step, waits_at);
        QCOMPARE(tell("continue").code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(must(watched->runs().run(1)).step > waits_at, 30'000);
        QCOMPARE(tell("stop").code, 0);
        QVERIFY(process.waitForFinished(60'000));
        const Json answer = Json::parse(process.readAllStandardOutput().toStdString());
        QCOMPARE(answer.at("status").get<std::string>(), std::string("stopped"));
        // The time it waited is told, and is not that of its work.
        const Json& seconds = answer.at("seconds");
        QVERIFY(seconds.at("paused").get<double>() > 0.2);
        QVERIFY(seconds.at("rest").get<double>() < seconds.at("paused").get<double>());
        const auto late = tell("pause");
        QVERIFY(late.code != 0);
        QVERIFY2(late.err.contains("Run 1 is stopped"), late.err.constData());
    }

    void an_interrupt_stops_it_with_130() {
        const fs::path project = new_project("interrupted");
        const auto watched = must(Project::open(project));
        QProcess process;
        process.start(cli(), QStringList{QStringLiteral("train"), text(project)} + settings(m_model));
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(has_come_to(*watched, 2), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(30'000));
        QCOMPARE(process.exitCode(), 130);
        QCOMPARE(must(watched->runs().run(1)).status, RunStatus::Stopped);
    }

    void a_second_process_is_refused_while_the_first_lives() {
        const fs::path project = new_project("twice");
        const auto watched = must(Project::open(project));
        QProcess process;
        process.start(cli(), QStringList{QStringLiteral("train"), text(project)} + settings(m_model));
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(has_come_to(*watched, 1), 60'000);
        QVERIFY(watched->runs().send(1, RunCommand::Pause).has_value());
        QTRY_COMPARE_WITH_TIMEOUT(must(watched->runs().run(1)).status, RunStatus::Paused, 30'000);
        const auto second = run_cli({QStringLiteral("train"), text(project), QStringLiteral("--resume"), QStringLiteral("1")});
        QVERIFY(second.code != 0);
        QVERIFY(second.err.startsWith("lossmith-cli: error: "));
        QVERIFY(watched->runs().send(1, RunCommand::Continue).has_value());
        QVERIFY(watched->runs().send(1, RunCommand::Stop).has_value());
        QVERIFY(process.waitForFinished(30'000));
    }

    void a_rate_out_of_range_is_refused_before_a_run_is_recorded() {
        const fs::path project = new_project("refused");
        const auto ended = run_cli(QStringList{QStringLiteral("train"), text(project)} + settings(m_model) +
                                   QStringList{QStringLiteral("--set"), QStringLiteral("learning_rate=1e30")});
        QCOMPARE(ended.code, 2);
        QVERIFY(ended.err.contains("learning_rate"));
        QVERIFY(must(must(Project::open(project))->runs().runs()).empty());
    }

    void a_run_by_reward_keeps_what_it_wrote_and_survives_a_kill() {
        const auto with = [](const QStringList& assignments) {
            QStringList all;
            for (const QString& each : assignments) all << QStringLiteral("--set") << each;
            return all;
        };
        const QStringList rewarded =
            settings(m_model) +
            with({QStringLiteral("reward.source=def reward(generated, worth: float = 1.0):\n    return {'es': worth * generated.count('e') "
                                 "/ max(1, len(generated))}\n"),
                  QStringLiteral("reward.name=es"), QStringLiteral("reward.parameters.worth=2"), QStringLiteral("reward.method=rloo"),
                  QStringLiteral("reward.max_completion_length=6"), QStringLiteral("reward.loss_weight=0.01"),
                  QStringLiteral("reward.eval_prompts=4"), QStringLiteral("max_steps=30"), QStringLiteral("learning_rate=0.02")});
        const fs::path undisturbed = new_project("rewarded");
        const auto whole = run_cli(QStringList{QStringLiteral("train"), text(undisturbed), QStringLiteral("--json")} + rewarded);
        QVERIFY2(whole.code == 0, whole.err.constData());
        const Json outcome = must(parse_json(whole.out.toStdString()));
        QVERIFY(outcome.at("best").at("validation_reward").is_number());

        const auto opened = must(Project::open(undisturbed));
        QCOMPARE(must(opened->metrics().read(1, "reward/es")).size(), std::size_t{30});
        for (const char* name : {"reward", "reward_std", "kl", "entropy", "validation/reward", "solutions", "completion_tokens"})
            QVERIFY2(!must(opened->metrics().read(1, name)).empty(), name);
        const auto completions = must(opened->runs().completions(1));
        QVERIFY(!completions.empty());
        const auto shown =
            run_cli({QStringLiteral("runs"), text(undisturbed), QStringLiteral("--run"), QStringLiteral("1"), QStringLiteral("--json")});
        QCOMPARE(must(parse_json(shown.out.toStdString())).at("completions").size(), completions.size());

        const fs::path killed = new_project("rewarded and killed");
        const auto watched = must(Project::open(killed));
        QProcess process;
        process.start(cli(), QStringList{QStringLiteral("train"), text(killed)} + rewarded);
        QTRY_VERIFY_WITH_TIMEOUT(!must(watched->runs().runs()).empty() && must(watched->runs().run(1)).step >= 13, 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        QVERIFY(process.waitForFinished());
        const auto resumed = run_cli({QStringLiteral("train"), text(killed), QStringLiteral("--resume"), QStringLiteral("1")});
        QVERIFY2(resumed.code == 0, resumed.err.constData());
        QCOMPARE(last_weights(killed), last_weights(undisturbed));
        QCOMPARE(must(watched->runs().completions(1)).size(), completions.size());
    }

    void a_reward_that_fails_ends_the_run_with_its_line() {
        const fs::path project = new_project("failing reward");
        const auto ended =
            run_cli(QStringList{QStringLiteral("train"), text(project)} + settings(m_model) +
                    QStringList{QStringLiteral("--set"),
                                QStringLiteral("reward.source=def reward(generated, step):\n    return 1.0 / (2 - step)\n")});
        QCOMPARE(ended.code, 1);
        const auto opened = must(Project::open(project));
        QCOMPARE(must(opened->runs().run(1)).status, RunStatus::Failed);
        QVERIFY2(must(opened->runs().run(1)).message.find("line 2") != std::string::npos, must(opened->runs().run(1)).message.c_str());
        QCOMPARE(must(opened->runs().run(1)).step, std::int64_t{2});
        const auto unknown = run_cli(QStringList{QStringLiteral("train"), text(new_project("unknown reward"))} + settings(m_model) +
                                     QStringList{QStringLiteral("--set"), QStringLiteral("reward.name=no_such")});
        QVERIFY(unknown.code != 0);
        QVERIFY2(unknown.err.contains("no_such") && unknown.err.contains("rouge_l_overlap"), unknown.err.constData());
    }

    void the_shipped_run_by_reward_can_be_begun() {
        const fs::path project = new_project("sample");
        const auto ended = run_cli(QStringList{QStringLiteral("train"), text(project), QStringLiteral("--config"),
                                               QStringLiteral(LOSSMITH_SOURCE "/resources/samples/reward-run.json")} +
                                   settings(m_model) + QStringList{QStringLiteral("--set"), QStringLiteral("max_steps=2")});
        QVERIFY2(ended.code == 0, ended.err.constData());
        QVERIFY(!must(must(Project::open(project))->runs().completions(1)).empty());
    }

    void a_full_disk_fails_the_run_safely_with_an_event() {
        const fs::path project = new_project("full");
        // The shell's limit on a file's size stands for the full disk: the first checkpoint's weights do not fit, the project file does.
        QProcess process;
        QStringList arguments = {QStringLiteral("-c"), QStringLiteral("trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""), cli(),
                                 QStringLiteral("train"), text(project)};
        process.start(QStringLiteral("bash"), arguments + settings(m_model));
        QVERIFY(process.waitForFinished(120'000));
        QCOMPARE(process.exitCode(), 1);
        const auto opened = must(Project::open(project));
        QCOMPARE(must(opened->runs().run(1)).status, RunStatus::Failed);
        const auto events = must(opened->runs().events(1));
        QVERIFY(std::any_of(events.begin(), events.end(), [](const RunEvent& event) { return event.kind == "disk"; }));
        QVERIFY(must(opened->runs().checkpoints(1)).empty());
    }

    void bfloat16_without_its_instructions_is_computed_in_full_precision() {
        const fs::path full = new_project("full precision");
        const fs::path half = new_project("bfloat16");
        const QStringList few = settings(m_model) + QStringList{QStringLiteral("--set"), QStringLiteral("max_steps=3")};
        const auto in_full = run_cli(QStringList{QStringLiteral("train"), text(full)} + few);
        QVERIFY2(in_full.code == 0, in_full.err.constData());
        const auto in_half = run_cli(QStringList{QStringLiteral("train"), text(half)} + few +
                                     QStringList{QStringLiteral("--set"), QStringLiteral("bf16=true")});
        QVERIFY2(in_half.code == 0, in_half.err.constData());
        const auto events = must(must(Project::open(half))->runs().events(1));
        const bool said = std::any_of(events.begin(), events.end(), [](const RunEvent& event) {
            return event.kind == "device" && event.message.find("bfloat16") != std::string::npos;
        });
        // Where the processor has them the losses differ in their last digits and nothing is said.
        QCOMPARE(exact_metrics(half) == exact_metrics(full), said);
    }
};

QTEST_GUILESS_MAIN(TrainingProcessTest)
#include "TrainingProcessTest.moc"
