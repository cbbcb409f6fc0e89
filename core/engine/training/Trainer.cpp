#include "core/engine/training/Trainer.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "core/engine/devices/DeviceMemory.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/inspection/SampleTokens.h"
#include "core/engine/model/AdapterFolder.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/TorchErrors.h"
#include "core/engine/reward/Advantages.h"
#include "core/engine/training/KindLoss.h"
#include "core/engine/training/Schedule.h"
#include "core/engine/training/SharedRun.h"
#include "core/engine/training/TrainingStep.h"

namespace lossmith::engine {
namespace {

/// Enough for a steady figure, few enough to cost little beside the validation itself.
constexpr std::int64_t validation_tokens_by_kind = 2'048;

std::string rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", value);
    return text;
}

std::vector<std::size_t> lengths_of(const std::vector<Example>& examples) {
    std::vector<std::size_t> lengths;
    lengths.reserve(examples.size());
    for (const Example& example : examples) lengths.push_back(example.input_ids.size());
    return lengths;
}

/// Faults that end a run safely instead of being the program's own.
bool ends_the_run(const Error& error) {
    return error.kind == ErrorKind::NotFinite || error.kind == ErrorKind::Io || error.kind == ErrorKind::OutOfMemory ||
           error.kind == ErrorKind::BadInput;
}

/// The weights that a run moves; all others require no gradient from here on.
std::vector<std::pair<std::string, at::Tensor>> chosen_to_train(Gpt2& model, const RunConfig& config) {
    model.require_gradients_but(config.freeze_layers, config.freeze_embeddings);
    return model.trainable_parameters();
}

/// What LibTorch or the allocator threw, said for the step it happened in.
Error fault_in_step(const std::exception& exception, std::int64_t step) {
    Error error = error_from(exception);
    if (error.kind == ErrorKind::OutOfMemory)
        return Error::out_of_memory("Memory ran out at step " + std::to_string(step) + ".")
            .with_hint(
                "Lower per_device_train_batch_size and raise gradient_accumulation_steps by the same factor: the result is the same. With "
                "auto_find_batch_size this is done by itself.");
    error.message = "At step " + std::to_string(step) + ": " + error.message;
    return error;
}

/// The same rows in micro-batches of at most so many.
PlannedStep cut_to(const PlannedStep& planned, int rows_at_once) {
    PlannedStep cut;
    for (const auto& rows : planned)
        for (std::size_t begin = 0; begin < rows.size(); begin += static_cast<std::size_t>(rows_at_once))
            cut.emplace_back(
                rows.begin() + static_cast<std::ptrdiff_t>(begin),
                rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), begin + static_cast<std::size_t>(rows_at_once))));
    return cut;
}

std::string event_kind(const Error& error) {
    switch (error.kind) {
        case ErrorKind::NotFinite: return "not_finite";
        case ErrorKind::OutOfMemory: return "out_of_memory";
        case ErrorKind::Io: return "disk";
        default: return "failed";
    }
}

}  // namespace

Trainer::Trainer(Gpt2& model, const Tokenizer& tokenizer, const Objective& objective, TrainingSet set, RunConfig config,
                 std::filesystem::path folder, TrainingRecord& record, Ranks* ranks)
    : m_model(model),
      m_tokenizer(tokenizer),
      m_objective(objective),
      m_set(std::move(set)),
      m_config(std::move(config)),
      m_folder(std::move(folder)),
      m_record(record),
      m_ranks(ranks),
      m_plan(lengths_of(m_set.train), m_config),
      m_optimizer(chosen_to_train(model, m_config), m_config),
      m_total_steps(m_plan.total_steps()) {
    m_state.threads = at::get_num_threads();
}

Status Trainer::resume_from(const std::filesystem::path& checkpoint, std::vector<lossmith::Checkpoint> earlier) {
    m_state = LOSSMITH_TRY(read_training_state(checkpoint, m_optimizer));
    m_checkpoints = std::move(earlier);
    if (m_state.threads != at::get_num_threads())
        LOSSMITH_CHECK(m_record.event(m_state.step, "threads",
                                      "Resumed with " + std::to_string(at::get_num_threads()) + " threads instead of " +
                                          std::to_string(m_state.threads) +
                                          ": sums are added in another order, so the last bits may differ from an undisturbed run."));
    return {};
}

LossMoment Trainer::moment(std::int64_t step) const {
    return {step, static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, m_total_steps))};
}

bool Trainer::due(std::int64_t every) const {
    if (m_state.step >= m_total_steps) return true;
    return every > 0 ? m_state.step % every == 0 : m_state.step % m_plan.steps_per_epoch() == 0;
}

Result<double> Trainer::update(std::int64_t step, double loss, double rate) {
    if (!std::isfinite(loss))
        return failure(Error::not_finite("The loss of step " + std::to_string(step + 1) +
                                         " is not a finite number; the weights were left as they were before it.")
                           .with_hint("Lower the learning rate, or look at the loss on these rows."));
    const double norm = m_optimizer.gradient_norm();
    if (!std::isfinite(norm))
        return failure(Error::not_finite("The gradient of step " + std::to_string(step + 1) +
                                         " is not finite; the weights were left as they were before it.")
                           .with_hint("Lower the learning rate, or set max_grad_norm."));
    m_optimizer.step(rate, norm);
    ++m_state.updates;
    return norm;
}

Result<StepLoss> Trainer::with_rows_that_fit(int wanted, const std::function<Result<StepLoss>(int rows_at_once)>& work) {
    while (true) {
        const int rows = std::min(wanted, m_most_rows);
        try {
            auto loss = work(rows);
            if (loss || loss.error().kind != ErrorKind::OutOfMemory || !m_config.auto_find_batch_size || rows == 1) return loss;
        } catch (const std::exception& exception) {
            if (error_from(exception).kind != ErrorKind::OutOfMemory || !m_config.auto_find_batch_size || rows == 1) throw;
        }
        m_most_rows = rows / 2;
        LOSSMITH_CHECK(m_record.event(m_state.step, "out_of_memory",
                                      "Memory ran out with " + std::to_string(rows) + " rows at once; from here on " +
                                          std::to_string(m_most_rows) + " are computed at once, with the same result."));
    }
}

Status Trainer::share_out(const LoadedModel& base, const LoadedModel* frozen) {
    return give_job(*m_ranks, {m_config, base, frozen, m_set.train}, m_optimizer, m_state.updates, m_total_steps);
}

Result<Trainer::StepReport> Trainer::learn_from_solutions(std::int64_t step, double rate) {
    StepReport report;
    const PlannedStep& planned = m_plan.step(step);
    if (m_ranks != nullptr) {
        LOSSMITH_CHECK(order_step(*m_ranks, step, rate));
        m_optimizer.zero_gradients();
        report.loss = LOSSMITH_TRY(shared_gradients(*m_ranks, m_model, m_objective, m_set.train, planned, m_config, moment(step)));
        report.norm = LOSSMITH_TRY(update(step, report.loss.mean, rate));
        return report;
    }
    report.loss = LOSSMITH_TRY(with_rows_that_fit(m_config.per_device_train_batch_size, [&](int rows_at_once) {
        m_optimizer.zero_gradients();
        return accumulate_gradients(m_model, m_objective, m_set.train, cut_to(planned, rows_at_once), m_config, moment(step));
    }));
    report.norm = LOSSMITH_TRY(update(step, report.loss.mean, rate));
    return report;
}

Result<Trainer::StepReport> Trainer::learn_from_reward(std::int64_t step, double rate) {
    const RewardSpec& spec = *m_config.reward;
    const PlannedStep& planned = m_plan.step(step);
    PolicyRound round = LOSSMITH_TRY(
        draw_round(m_model, m_tokenizer, m_objective, m_set.train_prompts, planned, m_config, moment(step), m_state.reward_baseline));
    StepReport report;
    StepLoss policy;
    for (int i = 0; i < spec.num_iterations; ++i) {
        m_optimizer.zero_gradients();
        policy = LOSSMITH_TRY(accumulate_policy_gradients(m_model, m_objective, round, m_config, moment(step)));
        double total = policy.mean;
        report.loss.real_tokens += policy.real_tokens;
        if (spec.loss_weight > 0.0) {
            StepLoss solutions =
                LOSSMITH_TRY(accumulate_gradients(m_model, m_objective, m_set.train, planned, m_config, moment(step), {spec.loss_weight}));
            total += spec.loss_weight * solutions.mean;
            report.loss.real_tokens += solutions.real_tokens;
            report.loss.parts = std::move(solutions.parts);
            report.more = {{step + 1, "solutions", solutions.mean}};
        }
        report.loss.mean = total;
        report.norm = LOSSMITH_TRY(update(step, total, rate));
    }
    const RoundFigures& figures = round.rollout.figures;
    m_state.reward_baseline = next_baseline(m_state.reward_baseline, figures.reward);
    report.more.insert(report.more.end(), {{step + 1, "reward", figures.reward},
                                           {step + 1, "reward_std", figures.reward_std},
                                           {step + 1, "completion_tokens", figures.completion_tokens},
                                           {step + 1, "completions_cut", figures.unfinished}});
    for (const auto& [name, value] : round.rollout.reward_parts) report.more.push_back({step + 1, "reward/" + name, value});
    for (const auto& [name, value] : policy.parts) report.more.push_back({step + 1, name, value});
    LOSSMITH_CHECK(watch(round, policy));
    m_last_round = std::move(round);
    return report;
}

Status Trainer::watch(const PolicyRound& round, const StepLoss& policy) {
    RoundFigures figures = round.rollout.figures;
    for (const auto& [name, value] : policy.parts) {
        if (name == "entropy") figures.entropy = value;
        if (name == "kl") figures.kl = value;
    }
    for (const CollapseNews& news : m_collapse.look(figures)) LOSSMITH_CHECK(m_record.event(m_state.step + 1, news.kind, news.message));
    return {};
}

Status Trainer::take_step(std::int64_t step) {
    const auto begin = std::chrono::steady_clock::now();
    const double rate = learning_rate_at(m_config, step, m_total_steps);
    const StepReport report = LOSSMITH_TRY(m_config.reward ? learn_from_reward(step, rate) : learn_from_solutions(step, rate));
    m_state.step = step + 1;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    m_spent.steps += seconds;

    if (m_state.step % std::max<std::int64_t>(1, m_config.logging_steps) != 0 && m_state.step != m_total_steps) return {};
    std::vector<Metric> metrics = {
        {m_state.step, "train/loss", report.loss.mean},
        {m_state.step, "learning_rate", rate},
        {m_state.step, "gradient_norm", report.norm},
        {m_state.step, "tokens_per_second", static_cast<double>(report.loss.real_tokens) / std::max(seconds, 1e-9)},
        {m_state.step, "memory_bytes", static_cast<double>(memory_in_use(m_model.device()))}};
    for (const auto& [name, value] : report.loss.parts) metrics.push_back({m_state.step, "loss/" + name, value});
    metrics.insert(metrics.end(), report.more.begin(), report.more.end());
    return m_record.metrics(m_state.step, metrics);
}

Result<std::optional<double>> Trainer::validation_reward(const CancellationToken& cancelled) {
    if (!m_config.reward || m_set.validation_prompts.empty()) return std::nullopt;
    const RolloutSetting setting{*m_config.reward, *m_objective.reward, m_config.seed, 0.0, m_config.bf16, moment(m_state.step)};
    const GreedyReplies replies = LOSSMITH_TRY(greedy_replies(m_model, m_tokenizer, m_set.validation_prompts, setting, cancelled));
    double sum = 0.0;
    for (const RewardValue& value : replies.rewards) sum += value.total;
    return sum / static_cast<double>(replies.rewards.size());
}

Status Trainer::validate(const CancellationToken& cancelled) {
    if (m_set.validation.empty()) return {};
    const TimedPart timed(m_spent.validation);
    const StepLoss loss = LOSSMITH_TRY(with_rows_that_fit(m_config.per_device_eval_batch_size, [&](int rows_at_once) {
        return mean_loss(m_model, m_objective, m_set.validation, rows_at_once, m_config.bf16, moment(m_state.step), cancelled);
    }));
    if (!std::isfinite(loss.mean))
        return failure(Error::not_finite("The validation loss after step " + std::to_string(m_state.step) + " is not a finite number.")
                           .with_hint("Lower the learning rate."));
    const auto reward = LOSSMITH_TRY(validation_reward(cancelled));
    std::vector<Metric> metrics = {{m_state.step, "validation/loss", loss.mean}};
    if (reward) metrics.push_back({m_state.step, "validation/reward", *reward});
    // In joined blocks no token is of one kind any more.
    if (!m_config.packing)
        for (const KindLoss& kind : LOSSMITH_TRY(loss_by_kind(m_model, m_set.validation, validation_tokens_by_kind, cancelled)))
            metrics.push_back({m_state.step, std::string("validation/loss/") + metric_name(kind.kind), kind.mean});
    LOSSMITH_CHECK(m_record.metrics(m_state.step, metrics));
    const std::string found = reward ? "reward " + rounded(*reward) + ", loss " + rounded(loss.mean) : "loss " + rounded(loss.mean);
    if (m_state.step == 0) return m_record.event(0, "validation", "Validation " + found + " before training.");

    m_improved = reward ? !m_state.best_validation_reward || *reward > *m_state.best_validation_reward
                        : !m_state.best_validation_loss || loss.mean < *m_state.best_validation_loss;
    if (m_improved) {
        m_state.best_validation_loss = loss.mean;
        m_state.best_validation_reward = reward;
        m_state.best_step = m_state.step;
        m_state.validations_without_improvement = 0;
    } else {
        ++m_state.validations_without_improvement;
    }
    return m_record.event(m_state.step, "validation", "Validation " + found + (m_improved ? ", the best so far." : "."));
}

Status Trainer::write_samples(const CancellationToken& cancelled) {
    if (m_set.prompts.empty()) return {};
    const TimedPart timed(m_spent.samples);
    const at::NoGradGuard no_graph;
    GenerationRequest request;
    for (const SamplePrompt& prompt : m_set.prompts) request.prompts.push_back(prompt.ids);
    request.sampling = m_config.sampling;
    if (m_config.bf16 && request.sampling.precision == "fp32") request.sampling.precision = "bf16";
    const auto texts = LOSSMITH_TRY(generate(m_model, m_tokenizer, request, {}, cancelled));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const SamplePrompt& prompt = m_set.prompts[i];
        Json tokens = LOSSMITH_TRY(sample_tokens(m_model, m_tokenizer, prompt.solved, cancelled));
        LOSSMITH_CHECK(m_record.sample(
            Sample{m_state.step, static_cast<std::int64_t>(i), prompt.problem, prompt.solution, texts[i].text, std::move(tokens)}));
    }
    return write_completions();
}

Status Trainer::write_completions() {
    if (!m_last_round) return {};
    return m_record.completions(
        noted_completions(*m_last_round, m_tokenizer, m_state.step, static_cast<std::size_t>(m_config.sample_prompts)));
}

Status Trainer::save(CheckpointKind kind) {
    const TimedPart timed(m_spent.checkpoints);
    const bool best = m_state.best_step == m_state.step && m_state.best_validation_loss.has_value();
    lossmith::Checkpoint note;
    note.step = m_state.step;
    note.kind = best ? CheckpointKind::Best : kind;
    if (best) note.validation_loss = m_state.best_validation_loss;
    const auto folder = m_folder / ("checkpoint-" + std::to_string(m_state.step));
    LOSSMITH_CHECK(m_record.flush());
    const AlsoWrite tokenizer_and_state = [this](const std::filesystem::path& part) -> Status {
        LOSSMITH_CHECK(m_tokenizer.save(part));
        return write_training_state(part, m_state, m_optimizer);
    };
    if (const LoraAdapter* adapter = m_model.adapter())
        LOSSMITH_CHECK(write_adapter(folder, *adapter, tokenizer_and_state));
    else
        LOSSMITH_CHECK(write_checkpoint(folder, m_model.to_checkpoint(), StoredType::Float32, tokenizer_and_state));
    // A best of before is now one among the others.
    if (best)
        for (lossmith::Checkpoint& earlier : m_checkpoints)
            if (earlier.kind == CheckpointKind::Best) {
                LOSSMITH_CHECK(m_record.checkpoint_removed(earlier.id));
                earlier.kind = CheckpointKind::Periodic;
                earlier.id = LOSSMITH_TRY(m_record.checkpoint(earlier, m_folder / ("checkpoint-" + std::to_string(earlier.step))));
            }
    note.id = LOSSMITH_TRY(m_record.checkpoint(note, folder));
    if (best) LOSSMITH_CHECK(m_record.best(m_state.best_step, *m_state.best_validation_loss));
    m_checkpoints.push_back(note);
    return drop_old_checkpoints();
}

Status Trainer::drop_old_checkpoints() {
    auto periodic =
        std::count_if(m_checkpoints.begin(), m_checkpoints.end(), [](const auto& c) { return c.kind == CheckpointKind::Periodic; });
    for (auto at = m_checkpoints.begin(); at != m_checkpoints.end() && periodic > m_config.save_total_limit;) {
        if (at->kind != CheckpointKind::Periodic || at->step == m_state.step) {
            ++at;
            continue;
        }
        LOSSMITH_CHECK(m_record.checkpoint_removed(at->id));
        std::error_code ignored;  // a folder that cannot be removed costs disk, not the run
        std::filesystem::remove_all(m_folder / ("checkpoint-" + std::to_string(at->step)), ignored);
        at = m_checkpoints.erase(at);
        --periodic;
    }
    return {};
}

Result<Trainer::Next> Trainer::obey_commands(const CancellationToken& cancelled) {
    bool paused = false;
    do {
        for (const RunCommand command : LOSSMITH_TRY(m_record.commands())) switch (command) {
                case RunCommand::Stop: return Next::Stop;
                case RunCommand::CheckpointNow: LOSSMITH_CHECK(save(CheckpointKind::Manual)); break;
                case RunCommand::SampleNow: LOSSMITH_CHECK(write_samples(cancelled)); break;
                case RunCommand::Pause:
                    if (!paused) LOSSMITH_CHECK(m_record.paused(true));
                    paused = true;
                    break;
                case RunCommand::Continue:
                    if (paused) LOSSMITH_CHECK(m_record.paused(false));
                    paused = false;
                    break;
            }
        if (cancelled.is_cancelled()) return Next::Stop;
        if (paused) {
            const TimedPart timed(m_spent.paused);
            ::poll(nullptr, 0, 200);
        }
    } while (paused);
    return Next::Go;
}

Status Trainer::work(const CancellationToken& cancelled, const ProgressSink& progress, TrainingOutcome& outcome) {
    LOSSMITH_CHECK(m_record.total_steps(m_total_steps));
    if (m_state.step == 0) {
        LOSSMITH_CHECK(validate(cancelled));
        LOSSMITH_CHECK(write_samples(cancelled));
    }
    const std::int64_t sample_every = m_config.sample_steps > 0 ? m_config.sample_steps : m_config.eval_steps;
    const std::int64_t save_every = m_config.save_steps > 0 ? m_config.save_steps : m_config.eval_steps;
    while (m_state.step < m_total_steps) {
        if (LOSSMITH_TRY(obey_commands(cancelled)) == Next::Stop) {
            outcome.status = RunStatus::Stopped;
            outcome.message = "Stopped at step " + std::to_string(m_state.step) + "; it can be resumed from there.";
            if (m_checkpoints.empty() || m_checkpoints.back().step != m_state.step) LOSSMITH_CHECK(save(CheckpointKind::Manual));
            return {};
        }
        LOSSMITH_CHECK(take_step(m_state.step));
        if (progress) progress({"training", m_state.step, m_total_steps});
        m_improved = false;
        if (due(m_config.eval_steps)) LOSSMITH_CHECK(validate({}));
        if (due(sample_every)) LOSSMITH_CHECK(write_samples({}));
        const bool last = m_state.step == m_total_steps;
        const bool tired =
            m_config.early_stopping_patience > 0 && m_state.validations_without_improvement >= m_config.early_stopping_patience;
        if (m_improved || due(save_every) || tired) LOSSMITH_CHECK(save(last || tired ? CheckpointKind::Final : CheckpointKind::Periodic));
        if (tired && !last) {
            outcome.status = RunStatus::EarlyStopped;
            outcome.message = (m_config.reward ? std::string("The validation reward did not rise in the last ")
                                               : std::string("The validation loss did not fall in the last ")) +
                              std::to_string(m_config.early_stopping_patience) + " validations; the best is that of step " +
                              std::to_string(m_state.best_step) + ".";
            return m_record.event(m_state.step, "early_stopped", outcome.message);
        }
    }
    return {};
}

Result<TrainingOutcome> Trainer::run(const CancellationToken& cancelled, const ProgressSink& progress) {
    TrainingOutcome outcome;
    Status status;
    try {
        const TimedPart timed(m_spent.whole);
        status = work(cancelled, progress, outcome);
    } catch (const std::exception& exception) {
        status = failure(fault_in_step(exception, m_state.step + 1));
    }
    if (!status && status.error().kind == ErrorKind::Cancelled) {
        outcome.status = RunStatus::Stopped;
        outcome.message = "Stopped before the first step.";
        status = Status{};
    }
    if (!status) {
        outcome.status = RunStatus::Failed;
        outcome.message = describe(status.error()) + (status.error().hint.empty() ? "" : " " + status.error().hint);
        if (ends_the_run(status.error())) {
            // The disk that failed the run may fail its record too; then the error itself is the answer.
            if (!m_record.flush() || !m_record.event(m_state.step, event_kind(status.error()), outcome.message))
                return failure(std::move(status).error());
        } else {
            return failure(std::move(status).error());
        }
    }
    LOSSMITH_CHECK(m_record.flush());
    outcome.steps = m_state.step;
    outcome.spent = m_spent;
    outcome.spent.whole -= m_spent.paused;
    outcome.best_step = m_state.best_step;
    outcome.best_validation_loss = m_state.best_validation_loss;
    outcome.best_validation_reward = m_state.best_validation_reward;
    const std::int64_t chosen = m_state.best_validation_loss ? m_state.best_step : (m_checkpoints.empty() ? 0 : m_checkpoints.back().step);
    if (chosen > 0) outcome.checkpoint = m_folder / ("checkpoint-" + std::to_string(chosen));
    return outcome;
}

}  // namespace lossmith::engine
