// What a run leaves as it goes (events, samples, completions, checkpoints) and the commands it is sent.
#include <QSqlDatabase>
#include <algorithm>
#include <array>

#include "core/project/RunStore.h"
#include "core/project/RunStoreParts.h"
#include "core/project/Sql.h"

namespace lossmith {

namespace {

constexpr std::array all_kinds = {CheckpointKind::Periodic, CheckpointKind::Best, CheckpointKind::Manual, CheckpointKind::Final};

constexpr std::array<std::pair<RunCommand, const char*>, 5> command_names = {{{RunCommand::Pause, "pause"},
                                                                              {RunCommand::Continue, "continue"},
                                                                              {RunCommand::Stop, "stop"},
                                                                              {RunCommand::CheckpointNow, "checkpoint"},
                                                                              {RunCommand::SampleNow, "sample"}}};

/// Commits only when the disk has it: a checkpoint's record must not outlive or miss its folder through a power cut.
class FullySynchronous {
public:
    [[nodiscard]] static Result<FullySynchronous> on(const QSqlDatabase& database) {
        LOSSMITH_CHECK(sql::run(database, "PRAGMA synchronous = FULL"));
        return FullySynchronous(database);
    }
    FullySynchronous(FullySynchronous&& other) noexcept : m_database(std::move(other.m_database)), m_on(std::exchange(other.m_on, false)) {}
    FullySynchronous& operator=(FullySynchronous&&) = delete;
    ~FullySynchronous() {
        if (!m_on) return;
        QSqlQuery query(m_database);
        query.exec(QStringLiteral("PRAGMA synchronous = NORMAL"));
    }

private:
    explicit FullySynchronous(const QSqlDatabase& database) : m_database(database) {}
    QSqlDatabase m_database;
    bool m_on = true;
};

Status expect_run(const QSqlDatabase& database, std::int64_t id) {
    if (LOSSMITH_TRY(sql::first_integer(database, "SELECT id FROM runs WHERE id = ?", id))) return {};
    return failure(Error::not_found("There is no run " + std::to_string(id) + " in this project."));
}

}  // namespace

const char* name_of(CheckpointKind kind) {
    switch (kind) {
        case CheckpointKind::Periodic: return "periodic";
        case CheckpointKind::Best: return "best";
        case CheckpointKind::Manual: return "manual";
        case CheckpointKind::Final: return "final";
    }
    return "periodic";
}

Status RunStore::add_event(std::int64_t id, std::int64_t step, const std::string& kind, const std::string& message) {
    LOSSMITH_CHECK(expect_run(m_parts->database, id));
    return sql::run(m_parts->database, "INSERT INTO events (run, at, step, kind, message) VALUES (?, ?, ?, ?, ?)", id, sql::now(), step,
                    kind, message);
}

Result<std::vector<RunEvent>> RunStore::events(std::int64_t id, std::int64_t after_event) const {
    auto select = LOSSMITH_TRY(
        sql::Statement::prepare(m_parts->database, "SELECT id, at, step, kind, message FROM events WHERE run = ? AND id > ? ORDER BY id"));
    LOSSMITH_CHECK(select.run(id, after_event));
    std::vector<RunEvent> events;
    while (LOSSMITH_TRY(select.next()))
        events.push_back({select.integer(0), select.text(1), select.integer(2), select.text(3), select.text(4)});
    return events;
}

Status RunStore::add_sample(std::int64_t id, const Sample& sample) {
    LOSSMITH_CHECK(expect_run(m_parts->database, id));
    return sql::run(m_parts->database,
                    "INSERT OR REPLACE INTO samples (run, step, prompt, problem, solution, text, tokens) VALUES (?, ?, ?, ?, ?, ?, ?)", id,
                    sample.step, sample.prompt, sample.problem, sample.solution, sample.text, sql::stored(sample.tokens));
}

Result<std::vector<Sample>> RunStore::samples(std::int64_t id, SampleParts parts) const {
    const bool all = parts == SampleParts::All;
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, all ? "SELECT step, prompt, problem, solution, text, tokens FROM samples WHERE run = ? ORDER BY step, prompt"
                               : "SELECT step, prompt, problem, solution, text FROM samples WHERE run = ? ORDER BY step, prompt"));
    LOSSMITH_CHECK(select.run(id));
    std::vector<Sample> samples;
    while (LOSSMITH_TRY(select.next())) {
        samples.push_back({select.integer(0), select.integer(1), select.text(2), select.text(3), select.text(4)});
        if (!all) continue;
        Json tokens = parse_json(select.text(5)).value_or(Json::array());
        if (tokens.is_array()) samples.back().tokens = std::move(tokens);
    }
    return samples;
}

Status RunStore::add_completions(std::int64_t id, const std::vector<RewardedCompletion>& completions) {
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    LOSSMITH_CHECK(expect_run(m_parts->database, id));
    for (const RewardedCompletion& each : completions)
        LOSSMITH_CHECK(
            sql::run(m_parts->database,
                     "INSERT OR REPLACE INTO completions (run, step, prompt, completion, problem, solution, text, reward, advantage,"
                     " ended, parts, tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     id, each.step, each.prompt, each.completion, each.problem, each.solution, each.text, each.reward, each.advantage,
                     std::int64_t{each.ended}, each.parts.dump(), each.tokens.dump(-1, ' ', false, Json::error_handler_t::replace)));
    return transaction.commit();
}

Result<std::vector<RewardedCompletion>> RunStore::completions(std::int64_t id, std::int64_t after_step) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database,
        "SELECT step, prompt, completion, problem, solution, text, reward, advantage, ended, parts, tokens FROM completions"
        " WHERE run = ? AND step > ? ORDER BY step, prompt, completion"));
    LOSSMITH_CHECK(select.run(id, after_step));
    std::vector<RewardedCompletion> completions;
    while (LOSSMITH_TRY(select.next())) {
        RewardedCompletion completion{select.integer(0),
                                      select.integer(1),
                                      select.integer(2),
                                      select.text(3),
                                      select.text(4),
                                      select.text(5),
                                      select.real_or_none(6).value_or(0.0),
                                      select.real_or_none(7).value_or(0.0),
                                      select.integer(8) != 0};
        completion.parts = parse_json(select.text(9)).value_or(Json::object());
        completion.tokens = parse_json(select.text(10)).value_or(Json::array());
        completions.push_back(std::move(completion));
    }
    return completions;
}

Status RunStore::add_checkpoint(std::int64_t id, const Checkpoint& checkpoint) {
    const auto synchronous = LOSSMITH_TRY(FullySynchronous::on(m_parts->database));
    LOSSMITH_CHECK(expect_run(m_parts->database, id));
    // A resumed run comes by the same step again, and writes the same folder.
    return sql::run(m_parts->database,
                    "INSERT OR REPLACE INTO checkpoints (run, step, kind, path, sha256, validation_loss, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    id, checkpoint.step, std::string(name_of(checkpoint.kind)), checkpoint.path, checkpoint.sha256,
                    checkpoint.validation_loss, checkpoint.created_at.empty() ? sql::now() : checkpoint.created_at);
}

Status RunStore::remove_checkpoint(std::int64_t checkpoint) {
    const auto synchronous = LOSSMITH_TRY(FullySynchronous::on(m_parts->database));
    auto statement = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "DELETE FROM checkpoints WHERE id = ?"));
    LOSSMITH_CHECK(statement.run(checkpoint));
    if (statement.rows_changed() == 0) return failure(Error::not_found("There is no checkpoint " + std::to_string(checkpoint) + "."));
    return {};
}

Result<std::vector<Checkpoint>> RunStore::checkpoints(std::int64_t id) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database,
        "SELECT id, step, kind, path, sha256, validation_loss, created_at FROM checkpoints WHERE run = ? ORDER BY step, id"));
    LOSSMITH_CHECK(select.run(id));
    std::vector<Checkpoint> checkpoints;
    while (LOSSMITH_TRY(select.next())) {
        Checkpoint checkpoint{select.integer(0),      select.integer(1), CheckpointKind::Periodic, select.text(3), select.text(4),
                              select.real_or_none(5), select.text(6)};
        for (const CheckpointKind kind : all_kinds)
            if (select.text(2) == name_of(kind)) checkpoint.kind = kind;
        checkpoints.push_back(std::move(checkpoint));
    }
    return checkpoints;
}

const char* name_of(RunCommand command) {
    return std::ranges::find(command_names, command, &std::pair<RunCommand, const char*>::first)->second;
}

std::optional<RunCommand> run_command(std::string_view name) {
    const auto found = std::ranges::find(command_names, name, &std::pair<RunCommand, const char*>::second);
    return found == command_names.end() ? std::nullopt : std::optional(found->first);
}

Status RunStore::send(std::int64_t id, RunCommand command) {
    const RunStatus status = LOSSMITH_TRY(run(id)).status;
    if (status == RunStatus::Queued && command == RunCommand::Stop)
        return set_status(id, RunStatus::Stopped, "Taken out of the queue before it began.");
    if (status != RunStatus::Queued && !has_process(status))
        return failure(Error::bad_input("Run " + std::to_string(id) + " is " + name_of(status) + ": there is no process that could obey.")
                           .with_hint(status == RunStatus::Finished ? "" : "Resume it first."));
    return sql::run(m_parts->database, "INSERT INTO commands (run, command) VALUES (?, ?)", id, std::string(name_of(command)));
}

Result<std::vector<RunCommand>> RunStore::take_commands(std::int64_t id) {
    // Asked after every step, so the write lock is taken only where there is one.
    if (!LOSSMITH_TRY(sql::first_integer(m_parts->database, "SELECT id FROM commands WHERE run = ? LIMIT 1", id)))
        return std::vector<RunCommand>{};
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    std::vector<RunCommand> commands;
    {
        auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT command FROM commands WHERE run = ? ORDER BY id"));
        LOSSMITH_CHECK(select.run(id));
        while (LOSSMITH_TRY(select.next())) {
            if (const auto command = run_command(select.text(0))) commands.push_back(*command);
        }
    }
    LOSSMITH_CHECK(sql::run(m_parts->database, "DELETE FROM commands WHERE run = ?", id));
    LOSSMITH_CHECK(transaction.commit());
    return commands;
}

}  // namespace lossmith
