// One run in several processes: the same numbers as in one, a process lost, other launchers, other machines.
#include <signal.h>

#include <QTcpServer>
#include <cmath>

#include "core/base/Files.h"
#include "core/project/RunStore.h"
#include "tests/process/training/TrainingFolder.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t few_steps = 10;

void expect_close(const std::vector<double>& left, const std::vector<double>& right) {
    QCOMPARE(left.size(), right.size());
    QVERIFY(!left.empty());
    for (std::size_t i = 0; i < left.size(); ++i)
        QVERIFY2(std::abs(left[i] - right[i]) <= 1e-5 * std::abs(right[i]), qPrintable(QString::number(left[i] - right[i])));
}

std::vector<pid_t> children_of(qint64 process) {
    std::ifstream list("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
    std::vector<pid_t> all;
    for (pid_t each = 0; list >> each;) all.push_back(each);
    return all;
}

bool lives(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/stat");
    std::string number, name, state;
    return status >> number >> name >> state && state != "Z";
}

quint16 free_port() {
    QTcpServer server;
    return server.listen(QHostAddress::LocalHost) ? server.serverPort() : 0;
}

void set_variables(QProcess& process, const std::vector<std::pair<const char*, std::string>>& variables) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto& [name, value] : variables) environment.insert(QString::fromUtf8(name), QString::fromStdString(value));
    process.setProcessEnvironment(environment);
}

}  // namespace

class RanksTest : public QObject {
    Q_OBJECT

    TrainingFolder m_folder;

private Q_SLOTS:
    void initTestCase() {
        std::string csv = "problem,solution\n";
        for (int i = 0; i < 200; ++i)
            csv += "What is " + std::to_string(i) + " and one?,It is " + std::string(static_cast<std::size_t>(i % 7), 'o') + " " +
                   std::to_string(i + 1) + ".\n";
        m_folder.fill(csv, {"max_steps=" + std::to_string(few_steps), "eval_steps=1000", "save_steps=1000", "per_device_train_batch_size=4",
                            "learning_rate=0.002", "dropout=0", "threads=1"});
    }

    void two_processes_take_the_steps_of_one_with_the_doubled_batch() {
        const QString path = m_folder.new_project("doubled");
        const auto project = must(Project::open(path.toStdString()));
        for (const bool grouped : {false, true}) {
            const std::string group = std::string("group_by_length=") + (grouped ? "true" : "false");
            // Rows of like length are grouped a micro-batch at a time, so there the one process takes as many of them, one after another.
            const std::string doubled = grouped ? "gradient_accumulation_steps=2" : "per_device_train_batch_size=8";
            const Answer alone = run(m_folder.train(path, {group, doubled}));
            QVERIFY2(alone.status == 0, alone.err.c_str());
            const Answer together = run(m_folder.train(path, {group, "nproc_per_node=2"}));
            QVERIFY2(together.status == 0, together.err.c_str());
            const auto one = alone.json().at("run").get<std::int64_t>();
            const auto two = together.json().at("run").get<std::int64_t>();
            QCOMPARE(values(*project, two, "train/loss").size(), std::size_t{few_steps});
            expect_close(values(*project, two, "train/loss"), values(*project, one, "train/loss"));
            expect_close(values(*project, two, "gradient_norm"), values(*project, one, "gradient_norm"));
            expect_close(values(*project, two, "validation/loss"), values(*project, one, "validation/loss"));
            QCOMPARE(must(project->runs().run(two)).provenance.at("ranks").get<int>(), 2);
        }
    }

    void a_killed_process_ends_the_run_which_goes_on_with_another_number_of_them() {
        const QString path = m_folder.new_project("killed");
        const auto project = must(Project::open(path.toStdString()));
        const std::vector<std::string> longer = {"max_steps=80", "save_steps=5", "eval_steps=1000"};
        const Answer whole = run(m_folder.train(path, [&] {
            auto all = longer;
            all.emplace_back("gradient_accumulation_steps=3");
            return all;
        }()));
        QVERIFY2(whole.status == 0, whole.err.c_str());

        auto in_three = longer;
        in_three.emplace_back("nproc_per_node=3");
        QProcess process;
        process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), m_folder.train(path, in_three));
        QVERIFY(process.waitForStarted());
        const auto reached = [&] { return must(project->runs().runs()).size() == 2 && must(project->runs().run(2)).step >= 20; };
        QTRY_VERIFY_WITH_TIMEOUT(reached() || process.state() == QProcess::NotRunning, 60'000);
        const auto others = children_of(process.processId());
        QCOMPARE(others.size(), std::size_t{2});
        ::kill(others[1], SIGKILL);
        QVERIFY2(process.waitForFinished(30'000), "the others did not end");
        QVERIFY(process.exitCode() != 0);
        const Run failed = must(project->runs().run(2));
        QCOMPARE(failed.status, RunStatus::Failed);
        QVERIFY2(failed.message.find("Rank 2 of 3 was lost") != std::string::npos, failed.message.c_str());
        QTRY_VERIFY(!lives(others[0]));

        const Answer resumed = run({QStringLiteral("train"), path, QStringLiteral("--resume"), QStringLiteral("2"),
                                    QStringLiteral("--processes"), QStringLiteral("2"), QStringLiteral("--json")});
        QVERIFY2(resumed.status == 0, resumed.err.c_str());
        QCOMPARE(values(*project, 2, "train/loss").size(), std::size_t{80});
        // A step had three micro-batches, and still has.
        const auto loss = values(*project, 2, "train/loss");
        const auto of_whole = values(*project, 1, "train/loss");
        for (std::size_t i = 0; i < loss.size(); ++i) QVERIFY(std::abs(loss[i] - of_whole[i]) < 1e-3 * of_whole[i]);
    }

    void the_first_process_killed_ends_the_others() {
        const QString path = m_folder.new_project("first");
        const auto project = must(Project::open(path.toStdString()));
        const std::string port = std::to_string(free_port());
        QProcess first, second;
        int rank = 0;
        for (QProcess* each : {&first, &second}) {
            set_variables(*each, {{"RANK", std::to_string(rank++)},
                                  {"WORLD_SIZE", "2"},
                                  {"LOCAL_WORLD_SIZE", "2"},
                                  {"MASTER_ADDR", "127.0.0.1"},
                                  {"MASTER_PORT", port}});
            each->start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), m_folder.train(path, {"max_steps=100000"}));
            QVERIFY(each->waitForStarted());
        }
        const auto reached = [&] { return !must(project->runs().runs()).empty() && must(project->runs().run(1)).step >= 3; };
        QTRY_VERIFY_WITH_TIMEOUT(reached(), 60'000);
        ::kill(static_cast<pid_t>(first.processId()), SIGKILL);
        QVERIFY2(second.waitForFinished(30'000), "the other one did not end");
        QVERIFY(second.exitCode() != 0);
        const QByteArray said = second.readAllStandardError();
        QVERIFY2(said.contains("Rank 0, which keeps the run's record, was lost"), said.constData());
        QVERIFY(first.waitForFinished());
        QCOMPARE(must(project->runs().run(1)).status, RunStatus::Lost);
    }

    void launchers_are_understood_data() {
        QTest::addColumn<QByteArray>("rank");
        QTest::addColumn<QByteArray>("size");
        QTest::newRow("torchrun") << QByteArray("RANK") << QByteArray("WORLD_SIZE");
        QTest::newRow("srun") << QByteArray("SLURM_PROCID") << QByteArray("SLURM_NTASKS");
        QTest::newRow("mpirun") << QByteArray("OMPI_COMM_WORLD_RANK") << QByteArray("OMPI_COMM_WORLD_SIZE");
    }
    void launchers_are_understood() {
        QFETCH(QByteArray, rank);
        QFETCH(QByteArray, size);
        const QString path = m_folder.new_project(QTest::currentDataTag());
        const std::string port = std::to_string(free_port());
        QProcess first, second;
        int number = 1;
        for (QProcess* each : {&second, &first}) {
            set_variables(*each, {{rank.constData(), std::to_string(number--)},
                                  {size.constData(), "2"},
                                  {"MASTER_ADDR", "127.0.0.1"},
                                  {"MASTER_PORT", port}});
            each->start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), m_folder.train(path));
            QVERIFY(each->waitForStarted());
        }
        QVERIFY(first.waitForFinished(60'000));
        QVERIFY(second.waitForFinished(30'000));
        QVERIFY2(first.exitCode() == 0, first.readAllStandardError().constData());
        QVERIFY2(second.exitCode() == 0, second.readAllStandardError().constData());
        QVERIFY(second.readAllStandardOutput().isEmpty());
        const auto project = must(Project::open(path.toStdString()));
        QCOMPARE(must(project->runs().runs()).size(), std::size_t{1});
        QCOMPARE(must(project->runs().run(1)).status, RunStatus::Finished);
        QCOMPARE(must(project->runs().run(1)).provenance.at("ranks").get<int>(), 2);
    }

    void a_launcher_that_tells_half_is_refused() {
        QProcess process;
        set_variables(process, {{"RANK", "1"}, {"WORLD_SIZE", "2"}});
        process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), m_folder.train(m_folder.new_project("half")));
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitCode(), 2);
        QVERIFY(process.readAllStandardError().contains("MASTER_ADDR is not set"));
    }

    void a_batch_script_computes_a_run_in_two_tasks() {
        // In Slurm's place stand two scripts that do what it does to a job's tasks.
        fs::create_directories(m_folder.path("bin"));
        const auto write_program = [&](const char* name, const std::string& text) {
            m_folder.write(name, "#!/bin/bash\n" + text);
            fs::permissions(m_folder.path(name), fs::perms::owner_all);
        };
        write_program("bin/scontrol", "echo 127.0.0.1\n");
        write_program("bin/srun",
                      "for i in 1 0; do SLURM_PROCID=$i SLURM_NTASKS=2 \"$@\" & tasks+=($!); done\n"
                      "for task in \"${tasks[@]}\"; do wait $task || status=$?; done; exit ${status:-0}\n");
        const QString path = m_folder.new_project("it's a batch");
        const QString script = m_folder / "job.sbatch";
        const Answer written = run(QStringList{QStringLiteral("slurm"), path, QStringLiteral("--ntasks-per-node"), QStringLiteral("2"),
                                               QStringLiteral("--to"), script} +
                                   m_folder.settings());
        QVERIFY2(written.status == 0, written.err.c_str());
        QProcess job;
        set_variables(job, {{"PATH", m_folder.path("bin").string() + ":" LOSSMITH_BIN ":" + qgetenv("PATH").toStdString()},
                            {"SLURM_JOB_ID", std::to_string(::getpid())},
                            {"SLURM_JOB_NODELIST", "one"}});
        job.setWorkingDirectory(m_folder / "");
        job.start(QStringLiteral("bash"), {script});
        QVERIFY(job.waitForFinished(60'000));
        QVERIFY2(job.exitCode() == 0, job.readAllStandardError().constData());
        const auto project = must(Project::open(path.toStdString()));
        QCOMPARE(must(project->runs().run(1)).status, RunStatus::Finished);
        QCOMPARE(must(project->runs().run(1)).provenance.at("ranks").get<int>(), 2);
        const Answer refused = run(QStringList{QStringLiteral("slurm"), path, QStringLiteral("--time"), QStringLiteral("$(reboot)")});
        expect_error(refused, 2);
    }

    void four_machines_on_one_network_compute_what_one_process_does() {
        QProcess possible;
        possible.start(QStringLiteral("unshare"), words({"-rn", "ip", "link", "add", "name", "bridge0", "type", "bridge"}));
        if (!possible.waitForFinished() || possible.exitCode() != 0)
            QSKIP("No network can be made here: that needs iproute2 and the right.");
        const QString path = m_folder.new_project("four");
        const Answer alone = run(m_folder.train(path, {"gradient_accumulation_steps=4"}));
        QVERIFY2(alone.status == 0, alone.err.c_str());
        QProcess machines;
        machines.start(QStringLiteral("unshare"),
                       words({"-rn", "bash", LOSSMITH_SOURCE "/tests/process/training/four-machines.sh", LOSSMITH_BIN "/lossmith-cli"}) +
                           m_folder.train(path));
        QVERIFY(machines.waitForFinished(120'000));
        QVERIFY2(machines.exitCode() == 0, machines.readAllStandardError().constData());
        const auto project = must(Project::open(path.toStdString()));
        QCOMPARE(must(project->runs().run(2)).provenance.at("ranks").get<int>(), 4);
        expect_close(values(*project, 2, "train/loss"), values(*project, 1, "train/loss"));
        expect_close(values(*project, 2, "gradient_norm"), values(*project, 1, "gradient_norm"));
    }
};

QTEST_GUILESS_MAIN(RanksTest)
#include "RanksTest.moc"
