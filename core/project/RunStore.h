// Runs: their config, state, events, samples, checkpoints, and the commands the window sends to a running process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"

class QSqlDatabase;

namespace lossmith {

enum class RunStatus { Queued, Running, Paused, Finished, Stopped, EarlyStopped, Failed, Lost };
[[nodiscard]] const char* name_of(RunStatus status);  ///< "queued", "running", …, "early_stopped", "lost"
[[nodiscard]] bool has_process(RunStatus status);     ///< running or paused

struct Run {
    std::int64_t id = 0;
    std::string name;
    RunStatus status = RunStatus::Queued;  ///< Lost: says running but its process is gone; it can be resumed
    RunConfig config;
    std::string created_at, started_at, ended_at;  ///< ISO 8601, UTC; empty: not yet
    std::int64_t process = 0;                      ///< process id on `host`
    std::string host;
    std::int64_t step = 0;         ///< last optimiser step done
    std::int64_t total_steps = 0;  ///< zero until the batch plan is made
    std::int64_t best_step = 0;    ///< zero: none yet
    std::optional<double> best_validation_loss;
    std::string message;  ///< why it ended, for Failed and Stopped
    std::string tags;     ///< comma separated
    std::string note;
    Json provenance = Json::object();  ///< data digest, model sha256, versions, machine, threads
};

struct RunEvent {
    std::int64_t id = 0;
    std::string at;  ///< ISO 8601, UTC
    std::int64_t step = 0;
    std::string kind;     ///< "started", "validation", "checkpoint", "resumed", "not_finite", "unlabelled_row", …
    std::string message;  ///< a sentence
};

struct Sample {
    std::int64_t step = 0;
    std::int64_t prompt = 0;        ///< which of the run's fixed prompts, from zero
    std::string problem, solution;  ///< the validation row it comes from
    std::string text;               ///< what the model wrote
    /// The prompt with its true solution, token by token, as the model stood: `[{id, text, probability, rank, entropy, labelled}]`.
    /// Empty: not kept, or not asked for.
    Json tokens = Json::array();
};

enum class SampleParts { Texts, All };  ///< without or with `tokens`, which are by far the most of it

/// What a run by reward wrote at a step and learnt from.
struct RewardedCompletion {
    std::int64_t step = 0;
    std::int64_t prompt = 0;        ///< which of the step's prompts, from zero
    std::int64_t completion = 0;    ///< which of the prompt's completions, from zero
    std::string problem, solution;  ///< the training row it comes from
    std::string text;
    double reward = 0.0;
    double advantage = 0.0;       ///< what its log-probability weighed in the gradient
    bool ended = false;           ///< by the end token; false: cut at the longest length
    Json parts = Json::object();  ///< the reward's named parts
    Json tokens = Json::array();  ///< [{text, log_prob, kl, entropy}], nats
};

enum class CheckpointKind { Periodic, Best, Manual, Final };
[[nodiscard]] const char* name_of(CheckpointKind kind);

struct Checkpoint {
    std::int64_t id = 0;
    std::int64_t step = 0;
    CheckpointKind kind = CheckpointKind::Periodic;
    std::string path;    ///< a Hugging Face folder relative to the project file
    std::string sha256;  ///< of its model.safetensors
    std::optional<double> validation_loss;
    std::string created_at;
};

enum class RunCommand { Pause, Continue, Stop, CheckpointNow, SampleNow };
[[nodiscard]] const char* name_of(RunCommand command);  ///< "pause", "continue", "stop", "checkpoint", "sample"
[[nodiscard]] std::optional<RunCommand> run_command(std::string_view name);

class RunStore {
public:
    explicit RunStore(const QSqlDatabase& database);
    ~RunStore();
    RunStore(const RunStore&) = delete;
    RunStore& operator=(const RunStore&) = delete;

    /// Refuses a config that does not validate. The config is recorded whole, the template filled in.
    [[nodiscard]] Result<Run> create(const RunConfig& config);
    /// Newest first. A run that says running or paused on this host whose process is gone comes back as Lost.
    [[nodiscard]] Result<std::vector<Run>> runs() const;
    [[nodiscard]] Result<Run> run(std::int64_t id) const;
    [[nodiscard]] Status remove(std::int64_t id);  ///< refused while it runs; its folder is the caller's to delete
    [[nodiscard]] Status set_note(std::int64_t id, const std::string& name, const std::string& tags, const std::string& note);

    // ---- what the run's own process writes
    /// Marks it running under this process (id and start time, so that a reused process id is not taken for it).
    /// Refused when another living process has it.
    [[nodiscard]] Status claim(std::int64_t id);
    [[nodiscard]] Status set_total_steps(std::int64_t id, std::int64_t steps);
    [[nodiscard]] Status set_provenance(std::int64_t id, const Json& provenance);
    [[nodiscard]] Status set_step(std::int64_t id, std::int64_t step);
    [[nodiscard]] Status set_best(std::int64_t id, std::int64_t step, double validation_loss);
    [[nodiscard]] Status set_status(std::int64_t id, RunStatus status, const std::string& message = {});
    [[nodiscard]] Status add_event(std::int64_t id, std::int64_t step, const std::string& kind, const std::string& message);
    [[nodiscard]] Status add_sample(std::int64_t id, const Sample& sample);  ///< replaces one of the same step and prompt
    [[nodiscard]] Status add_completions(std::int64_t id,
                                         const std::vector<RewardedCompletion>& completions);  ///< replaces those of the same step
    [[nodiscard]] Status add_checkpoint(std::int64_t id, const Checkpoint& checkpoint);
    [[nodiscard]] Status remove_checkpoint(std::int64_t checkpoint);
    /// Resuming from `step`: metrics, samples, completions and events recorded after it are dropped, so that none is doubled.
    [[nodiscard]] Status rewind(std::int64_t id, std::int64_t step);
    /// Commands sent since the last call, oldest first; each is given once.
    [[nodiscard]] Result<std::vector<RunCommand>> take_commands(std::int64_t id);

    // ---- what the window and the command line ask
    /// The run obeys after its current step. One that is queued is told when it begins, or with Stop taken out of the queue; one that has
    /// ended is refused.
    [[nodiscard]] Status send(std::int64_t id, RunCommand command);
    [[nodiscard]] Result<std::vector<RunEvent>> events(std::int64_t id, std::int64_t after_event = 0) const;
    /// By step, then prompt.
    [[nodiscard]] Result<std::vector<Sample>> samples(std::int64_t id, SampleParts parts = SampleParts::All) const;
    /// Those of later steps, by step, prompt, completion.
    [[nodiscard]] Result<std::vector<RewardedCompletion>> completions(std::int64_t id, std::int64_t after_step = -1) const;
    [[nodiscard]] Result<std::vector<Checkpoint>> checkpoints(std::int64_t id) const;  ///< by step

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
