// The training loop: steps, validation, best kept, early stopping, checkpoints, samples, commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/data/Template.h"
#include "core/engine/generation/SamplePrompt.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Gpt2.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/PolicyStep.h"
#include "core/engine/training/TimeSpent.h"
#include "core/engine/training/TrainingRecord.h"
#include "core/engine/training/TrainingState.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct TrainingSet {
    std::vector<Example> train;                         ///< each with at least one predicted label
    std::vector<Example> validation;                    ///< may be empty: then there is no best and no early stopping
    std::vector<SamplePrompt> prompts;                  ///< whose continuations are written down as the model learns
    std::vector<SamplePrompt> train_prompts = {};       ///< for a run by reward: each training example's
    std::vector<SamplePrompt> validation_prompts = {};  ///< for a run by reward: those that are answered and rewarded at each validation
};

struct TrainingOutcome {
    RunStatus status = RunStatus::Finished;  ///< Finished, Stopped, EarlyStopped or Failed
    std::string message;                     ///< why, for Stopped and Failed
    std::int64_t steps = 0;
    std::int64_t best_step = 0;
    std::optional<double> best_validation_loss;
    std::optional<double> best_validation_reward;  ///< for a run by reward
    TimeSpent spent;                               ///< since the run began or was resumed
    std::filesystem::path checkpoint;              ///< the best, or the last where there is no validation; empty: none was written
};

class Trainer {
public:
    /// `ranks`: the processes that compute this run together, of which this is rank 0; the config's gradient_accumulation_steps are then
    /// those of all. `folder`: where checkpoint-STEP folders are made. All references must outlive the trainer.
    Trainer(Gpt2& model, const Tokenizer& tokenizer, const Objective& objective, TrainingSet set, RunConfig config,
            std::filesystem::path folder, TrainingRecord& record, class Ranks* ranks = nullptr);

    /// Takes weights, optimiser and counters from a checkpoint written by a run of the same config.
    [[nodiscard]] Status resume_from(const std::filesystem::path& checkpoint, std::vector<lossmith::Checkpoint> earlier);

    /// For a run of several ranks, before run(): gives the others what they need to compute their shares.
    [[nodiscard]] Status share_out(const LoadedModel& base, const LoadedModel* frozen);

    /// To the end of the plan, or until stopped. Cancelling is a stop: a checkpoint is written and the run can be resumed.
    /// Errors of the run itself (a loss that is not finite, a full disk) are an outcome; an Error means the record failed.
    [[nodiscard]] Result<TrainingOutcome> run(const CancellationToken& cancelled = {}, const ProgressSink& progress = {});

private:
    enum class Next { Go, Stop };

    /// What a step did, for its metrics.
    struct StepReport {
        StepLoss loss;
        double norm = 0.0;
        std::vector<Metric> more;
    };

    [[nodiscard]] Status take_step(std::int64_t step);
    /// `work` with as many rows at once as are wanted; where memory runs out, again with half of them, if the config says so, and from then
    /// on with no more.
    [[nodiscard]] Result<StepLoss> with_rows_that_fit(int wanted, const std::function<Result<StepLoss>(int rows_at_once)>& work);
    [[nodiscard]] Result<StepReport> learn_from_solutions(std::int64_t step, double rate);
    [[nodiscard]] Result<StepReport> learn_from_reward(std::int64_t step, double rate);
    /// Moves the weights by the gradients that are there; gives their norm. Refuses what is not finite and leaves the weights.
    [[nodiscard]] Result<double> update(std::int64_t step, double loss, double rate);
    [[nodiscard]] Status watch(const PolicyRound& round, const StepLoss& policy);
    [[nodiscard]] Status validate(const CancellationToken& cancelled);
    [[nodiscard]] Result<std::optional<double>> validation_reward(const CancellationToken& cancelled);
    [[nodiscard]] Status write_samples(const CancellationToken& cancelled);
    [[nodiscard]] Status write_completions();
    [[nodiscard]] Status save(CheckpointKind kind);
    [[nodiscard]] Status drop_old_checkpoints();
    [[nodiscard]] Result<Next> obey_commands(const CancellationToken& cancelled);
    [[nodiscard]] bool due(std::int64_t every) const;
    [[nodiscard]] LossMoment moment(std::int64_t step) const;
    [[nodiscard]] Status work(const CancellationToken& cancelled, const ProgressSink& progress, TrainingOutcome& outcome);

    Gpt2& m_model;
    const Tokenizer& m_tokenizer;
    Objective m_objective;
    TrainingSet m_set;
    RunConfig m_config;
    std::filesystem::path m_folder;
    TrainingRecord& m_record;
    class Ranks* m_ranks;  // null: this process computes alone
    BatchPlan m_plan;
    AdamW m_optimizer;
    TrainingState m_state;
    TimeSpent m_spent;
    std::int64_t m_total_steps;
    std::vector<lossmith::Checkpoint> m_checkpoints;  // oldest first
    bool m_improved = false;
    int m_most_rows = std::numeric_limits<int>::max();  // at once, since memory ran out with more
    std::optional<PolicyRound> m_last_round;            // of a run by reward
    CollapseWatch m_collapse;
};

}  // namespace lossmith::engine
