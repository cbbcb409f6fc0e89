// The runs table: making, listing, owning and ending runs.
#include "core/project/RunStore.h"

#include <QSqlDatabase>
#include <array>
#include <utility>

#include "core/project/Joined.h"
#include "core/project/ProcessIdentity.h"
#include "core/project/RunStoreParts.h"
#include "core/project/Sql.h"
#include "core/project/TemplateStore.h"

namespace lossmith {

namespace {

constexpr const char* run_columns =
    "SELECT id, name, status, config, created_at, started_at, ended_at, process, process_started, host, boot, step, total_steps, best_step,"
    " best_validation_loss, message, tags, note, provenance FROM runs ";

constexpr std::array all_statuses = {RunStatus::Queued,  RunStatus::Running,      RunStatus::Paused, RunStatus::Finished,
                                     RunStatus::Stopped, RunStatus::EarlyStopped, RunStatus::Failed, RunStatus::Lost};

Error no_such_run(std::int64_t id) {
    return Error::not_found("There is no run " + std::to_string(id) + " in this project.")
        .with_hint("“lossmith-cli runs PROJECT” lists them.");
}

struct RecordedRun {
    Run run;
    ProcessIdentity owner;
};

Result<RecordedRun> run_from(const sql::Statement& row) {
    RecordedRun recorded;
    Run& run = recorded.run;
    run.id = row.integer(0);
    run.name = row.text(1);
    const std::string label = "run " + std::to_string(run.id);
    const std::string status = row.text(2);
    bool known = false;
    for (const RunStatus candidate : all_statuses) {
        if (status != name_of(candidate)) continue;
        run.status = candidate;
        known = true;
    }
    if (!known) return failure(Error::bad_input("The project file is damaged: " + label + " has the unknown status “" + status + "”."));
    auto config = run_config_from_json(LOSSMITH_TRY(parse_json(row.text(3), label)));
    if (!config) {
        return failure(Error::bad_input("The configuration of " + label + " cannot be read: " + config.error().message)
                           .with_hint("It may have been made by another version of Lossmith."));
    }
    run.config = std::move(*config);
    run.created_at = row.text(4);
    run.started_at = row.text(5);
    run.ended_at = row.text(6);
    run.process = row.integer(7);
    run.host = row.text(9);
    run.step = row.integer(11);
    run.total_steps = row.integer(12);
    run.best_step = row.integer(13);
    run.best_validation_loss = row.real_or_none(14);
    run.message = row.text(15);
    run.tags = row.text(16);
    run.note = row.text(17);
    run.provenance = LOSSMITH_TRY(parse_json(row.text(18), label));
    recorded.owner = {run.process, row.integer(8), run.host, row.text(10)};
    if (has_process(run.status) && liveness_of(recorded.owner) == Liveness::Gone) run.status = RunStatus::Lost;
    return recorded;
}

Result<RecordedRun> recorded_run(const QSqlDatabase& database, std::int64_t id) {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(database, (std::string(run_columns) + "WHERE id = ?").c_str()));
    LOSSMITH_CHECK(select.run(id));
    if (!LOSSMITH_TRY(select.next())) return failure(no_such_run(id));
    return run_from(select);
}

}  // namespace

bool has_process(RunStatus status) {
    return status == RunStatus::Running || status == RunStatus::Paused;
}

const char* name_of(RunStatus status) {
    switch (status) {
        case RunStatus::Queued: return "queued";
        case RunStatus::Running: return "running";
        case RunStatus::Paused: return "paused";
        case RunStatus::Finished: return "finished";
        case RunStatus::Stopped: return "stopped";
        case RunStatus::EarlyStopped: return "early_stopped";
        case RunStatus::Failed: return "failed";
        case RunStatus::Lost: return "lost";
    }
    return "lost";
}

RunStore::RunStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
RunStore::~RunStore() = default;

Result<Run> RunStore::create(const RunConfig& wanted) {
    RunConfig config = wanted;
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    if (!config.template_spec) config.template_spec = LOSSMITH_TRY(TemplateStore(m_parts->database).current());
    if (const auto errors = config.validate(); !errors.empty()) return failure(joined(errors));
    if (const auto errors = config.template_spec->validate(); !errors.empty()) return failure(joined(errors));
    auto insert =
        LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "INSERT INTO runs (name, status, config, created_at) VALUES (?, ?, ?, ?)"));
    LOSSMITH_CHECK(insert.run(config.name, std::string(name_of(RunStatus::Queued)), sql::stored(config), sql::now()));
    const std::int64_t id = insert.inserted_id();
    if (config.name.empty()) {
        config.name = "run " + std::to_string(id);
        LOSSMITH_CHECK(
            sql::run(m_parts->database, "UPDATE runs SET name = ?, config = ? WHERE id = ?", config.name, sql::stored(config), id));
    }
    LOSSMITH_CHECK(transaction.commit());
    return run(id);
}

Result<std::vector<Run>> RunStore::runs() const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, (std::string(run_columns) + "ORDER BY id DESC").c_str()));
    LOSSMITH_CHECK(select.run());
    std::vector<Run> runs;
    while (LOSSMITH_TRY(select.next())) runs.push_back(LOSSMITH_TRY(run_from(select)).run);
    return runs;
}

Result<Run> RunStore::run(std::int64_t id) const {
    return LOSSMITH_TRY(recorded_run(m_parts->database, id)).run;
}

Status RunStore::remove(std::int64_t id) {
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    const Run found = LOSSMITH_TRY(recorded_run(m_parts->database, id)).run;
    if (has_process(found.status)) {
        return failure(Error::bad_input("Run " + std::to_string(id) + " is " + name_of(found.status) + " and cannot be removed.")
                           .with_hint("Stop it first."));
    }
    LOSSMITH_CHECK(sql::run(m_parts->database, "DELETE FROM runs WHERE id = ?", id));
    return transaction.commit();
}

Status RunStore::Parts::expect_changed(std::int64_t id, const sql::Statement& statement) {
    if (statement.rows_changed() == 0) return failure(no_such_run(id));
    return {};
}

Status RunStore::set_note(std::int64_t id, const std::string& name, const std::string& tags, const std::string& note) {
    return m_parts->change(id, "UPDATE runs SET name = ?, tags = ?, note = ? WHERE id = ?", name, tags, note);
}

Status RunStore::claim(std::int64_t id) {
    const ProcessIdentity self = this_process();
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    const RecordedRun found = LOSSMITH_TRY(recorded_run(m_parts->database, id));
    // A run whose process is gone was read as Lost.
    if (has_process(found.run.status) && found.owner != self) {
        const std::string sentence = "Run " + std::to_string(id) + " is being trained by process " + std::to_string(found.owner.process) +
                                     " on " + found.owner.host + ".";
        if (found.owner.host == self.host)
            return failure(Error::bad_input(sentence).with_hint("Stop that process, or wait until it is done."));
        return failure(Error::bad_input(sentence).with_hint("If that machine has lost it, “lossmith-cli runs PROJECT --run " +
                                                            std::to_string(id) + " --mark-lost” gives it free."));
    }
    LOSSMITH_CHECK(sql::run(m_parts->database,
                            "UPDATE runs SET status = ?, process = ?, process_started = ?, host = ?, boot = ?, message = '', ended_at = '',"
                            " started_at = CASE started_at WHEN '' THEN ? ELSE started_at END WHERE id = ?",
                            std::string(name_of(RunStatus::Running)), self.process, self.started, self.host, self.boot, sql::now(), id));
    // What was sent to a process that is gone was not meant for this one.
    if (found.run.status != RunStatus::Queued) LOSSMITH_CHECK(sql::run(m_parts->database, "DELETE FROM commands WHERE run = ?", id));
    return transaction.commit();
}

Status RunStore::set_total_steps(std::int64_t id, std::int64_t steps) {
    return m_parts->change(id, "UPDATE runs SET total_steps = ? WHERE id = ?", steps);
}

Status RunStore::set_provenance(std::int64_t id, const Json& provenance) {
    return m_parts->change(id, "UPDATE runs SET provenance = ? WHERE id = ?", sql::stored(provenance));
}

Status RunStore::set_step(std::int64_t id, std::int64_t step) {
    return m_parts->change(id, "UPDATE runs SET step = ? WHERE id = ?", step);
}

Status RunStore::set_best(std::int64_t id, std::int64_t step, double validation_loss) {
    return m_parts->change(id, "UPDATE runs SET best_step = ?, best_validation_loss = ? WHERE id = ?", step, validation_loss);
}

Status RunStore::set_status(std::int64_t id, RunStatus status, const std::string& message) {
    const bool ended = status != RunStatus::Queued && !has_process(status);
    return m_parts->change(id, "UPDATE runs SET status = ?, message = ?, ended_at = ? WHERE id = ?", std::string(name_of(status)), message,
                           ended ? sql::now() : std::string());
}

Status RunStore::rewind(std::int64_t id, std::int64_t step) {
    const QSqlDatabase& database = m_parts->database;
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
    const Run found = LOSSMITH_TRY(recorded_run(database, id)).run;
    for (const char* statement : {"DELETE FROM metrics WHERE run = ? AND step > ?", "DELETE FROM samples WHERE run = ? AND step > ?",
                                  "DELETE FROM completions WHERE run = ? AND step > ?", "DELETE FROM events WHERE run = ? AND step > ?"})
        LOSSMITH_CHECK(sql::run(database, statement, id, step));
    LOSSMITH_CHECK(sql::run(database, "UPDATE runs SET step = min(step, ?) WHERE id = ?", step, id));
    if (found.best_step > step) {
        // The best of what is left, by reward where the run has one; the first of equals, as while training.
        LOSSMITH_CHECK(sql::run(database, "UPDATE runs SET best_step = 0, best_validation_loss = NULL WHERE id = ?", id));
        LOSSMITH_CHECK(sql::run(database,
                                "UPDATE runs SET best_step = best.step, best_validation_loss = best.value FROM"
                                " (SELECT loss.step, loss.value FROM metrics AS loss LEFT JOIN metrics AS reward ON reward.run = loss.run"
                                " AND reward.step = loss.step AND reward.name = 'validation/reward'"
                                " WHERE loss.run = ? AND loss.name = 'validation/loss' AND loss.value IS NOT NULL AND loss.step > 0"
                                " ORDER BY reward.value DESC, loss.value, loss.step LIMIT 1) AS best WHERE id = ?",
                                id, id));
    }
    return transaction.commit();
}

}  // namespace lossmith
