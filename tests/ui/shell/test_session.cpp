// The open project as pages see it, and imports on their own thread.
#include "tests/ui/shell/test_session.h"

#include <QFileInfo>
#include <QSignalSpy>

#include "core/project/ModelStore.h"
#include "tests/support/TestProject.h"
#include "tests/support/TestWindow.h"
#include "ui/shell/FuzzyMatch.h"
#include "ui/shell/ImportJob.h"
#include "ui/shell/ProjectSession.h"
#include "ui/start/ModelList.h"

namespace lossmith::test {

namespace {

std::unique_ptr<ui::ProjectSession> opened(const TestProject& file) {
    auto session = ui::ProjectSession::open(file.path(), false);
    return session ? std::move(*session) : nullptr;
}

/// Runs the job to its end and gives what it said.
std::optional<ui::ImportOutcome> outcome_of(ui::ImportJob& job) {
    std::optional<ui::ImportOutcome> outcome;
    QObject::connect(&job, &ui::ImportJob::finished, &job, [&outcome](const ui::ImportOutcome& said) { outcome = said; });
    job.start();
    if (!QTest::qWaitFor([&outcome] { return outcome.has_value(); }, 30'000)) return std::nullopt;
    return outcome;
}

}  // namespace

void TestSession::init() {
    fail_on_qt_warnings();
}

void TestSession::a_question_is_answered_on_the_windows_thread() {
    TestProject file;
    file.import_rows(5);
    const auto session = opened(file);
    QVERIFY(session);
    std::optional<std::int64_t> rows;
    QThread* asked_on = nullptr;
    QThread* answered_on = nullptr;
    session->ask(
        this,
        [&asked_on](Project& project) {
            asked_on = QThread::currentThread();
            return project.data().count();
        },
        [&](const Result<std::int64_t>& count) {
            answered_on = QThread::currentThread();
            rows = count.value_or(-1);
        });
    QTRY_VERIFY(rows.has_value());
    QCOMPARE(*rows, 5);
    QCOMPARE(answered_on, QThread::currentThread());
    QVERIFY(asked_on != QThread::currentThread());
}

void TestSession::an_answer_to_somebody_who_is_gone_is_dropped() {
    TestProject file;
    const auto session = opened(file);
    auto asker = std::make_unique<QObject>();
    bool answered = false;
    session->ask(
        asker.get(), [](Project& project) { return project.data().count(); },
        [&answered](const Result<std::int64_t>&) { answered = true; });
    asker.reset();
    bool later_answered = false;
    session->ask(
        this, [](Project& project) { return project.data().count(); },
        [&later_answered](const Result<std::int64_t>&) { later_answered = true; });
    QTRY_VERIFY(later_answered);
    QVERIFY(!answered);
}

void TestSession::a_change_by_another_connection_is_told() {
    TestProject file;
    const auto session = opened(file);
    bool started = false;
    session->ask(
        this, [](Project& project) { return project.data().count(); }, [&started](const Result<std::int64_t>&) { started = true; });
    QTRY_VERIFY(started);
    QSignalSpy changed(session.get(), &ui::ProjectSession::changed);
    file.import_rows(3);
    QTRY_VERIFY(!changed.isEmpty());
}

void TestSession::a_change_by_the_session_itself_is_told() {
    TestProject file;
    const auto session = opened(file);
    QSignalSpy changed(session.get(), &ui::ProjectSession::changed);
    bool written = false;
    session->ask(
        this, [](Project& project) { return project.models().add("mine", "/models/mine"); },
        [&written](const Status& added) { written = added.has_value(); });
    QTRY_VERIFY(written);
    QTRY_VERIFY(!changed.isEmpty());
}

void TestSession::closing_at_once_stops_the_worker_cleanly() {
    TestProject file;
    for (int time = 0; time < 40; ++time) {
        auto session = opened(file);
        QVERIFY(session);
        bool started = time % 2 == 0;  // every other time before the worker has begun
        session->ask(
            this, [](Project& project) { return project.data().count(); }, [&started](const Result<std::int64_t>&) { started = true; });
        QTRY_VERIFY(started);
        session.reset();
    }
}

void TestSession::what_was_asked_before_closing_is_done() {
    TestProject file;
    const std::size_t before = file.project().models().models().value().size();
    for (int time = 0; time < 20; ++time) {
        auto session = opened(file);
        QVERIFY(session);
        const std::string name = "model " + std::to_string(time);
        session->ask(this, [name](Project& project) { return project.models().add(name, "/models/" + name); }, [](const Status&) {});
        session.reset();
    }
    QCOMPARE(file.project().models().models().value().size(), before + 20);
}

void TestSession::opening_what_is_no_project_says_why() {
    TestProject file;
    const auto session = ui::ProjectSession::open(file.write("other.lossmith", "text"), false);
    QVERIFY(!session.has_value());
    QVERIFY(!session.error().message.empty());
}

void TestSession::an_import_job_brings_its_files_into_their_splits() {
    TestProject file;
    ui::ImportRequest request;
    request.project = file.path();
    request.files.push_back({file.write("train.csv", numbered_csv(20)), {}, Split::Train});
    request.files.push_back({file.write("held_out.csv", "problem,solution\nlast,one\n"), {}, Split::Test});
    ui::ImportJob job(request, nullptr);
    const auto outcome = outcome_of(job);
    QVERIFY(outcome && !outcome->error);
    QCOMPARE(outcome->sources.size(), std::size_t{2});
    QCOMPARE(file.project().data().count(Split::Train).value_or(-1), 20);
    QCOMPARE(file.project().data().count(Split::Test).value_or(-1), 1);
}

void TestSession::a_job_that_fails_takes_the_project_it_made_away() {
    TestProject file;
    ui::ImportRequest request;
    request.project = file.folder() / "new.lossmith";
    request.create_project = true;
    request.files.push_back({file.folder() / "missing.csv", {}, {}});
    ui::ImportJob job(request, nullptr);
    const auto outcome = outcome_of(job);
    QVERIFY(outcome && outcome->error);
    QCOMPARE(outcome->error->kind, ErrorKind::NotFound);
    QVERIFY(!std::filesystem::exists(request.project));
}

void TestSession::a_stopped_job_leaves_no_row() {
    TestProject file;
    ui::ImportRequest request;
    request.project = file.path();
    request.files.push_back({file.write("many.csv", numbered_csv(200'000)), {}, {}});
    ui::ImportJob job(request, nullptr);
    job.stop();
    const auto outcome = outcome_of(job);
    QVERIFY(outcome && outcome->error);
    QCOMPARE(outcome->error->kind, ErrorKind::Cancelled);
    QCOMPARE(file.project().data().count().value_or(-1), 0);
}

void TestSession::letters_find_titles_by_their_words_first() {
    const auto score = [](const char* typed, const char* title) {
        return ui::fuzzy_score(QString::fromLatin1(typed), QString::fromLatin1(title));
    };
    QVERIFY(score("trn", "Train").has_value());
    QVERIFY(!score("xyz", "Train").has_value());
    QVERIFY(!score("nart", "Train").has_value());
    QCOMPARE(score("", "Train"), std::optional<int>(0));
    QVERIFY(*score("op", "Open a project") > *score("op", "Stop the run"));
    QVERIFY(*score("np", "New project") > *score("np", "Unpin"));
}

void TestSession::a_model_folder_needs_a_gpt2_config_and_weights() {
    TestProject file;
    const auto problem = [&file] { return ui::check_model_folder(file.folder()); };
    QCOMPARE(problem().error().kind, ErrorKind::NotFound);
    file.write("config.json", R"({"model_type": "bert"})");
    QCOMPARE(problem().error().kind, ErrorKind::Unsupported);
    file.write("config.json", R"({"model_type": "gpt2"})");
    QCOMPARE(problem().error().kind, ErrorKind::NotFound);
    file.write("model.safetensors", "");
    QVERIFY(problem().has_value());
}

}  // namespace lossmith::test

#include "moc_test_session.cpp"
