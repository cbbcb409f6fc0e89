#include "core/engine/doctor/ModelEvidence.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/engine/doctor/PromptEvidence.h"
#include "core/engine/doctor/SamplingEvidence.h"
#include "core/engine/inspection/AskedRows.h"
#include "core/engine/inspection/SpecialTokens.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/model/VectorMath.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/DataStore.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t rows_asked = 16;
constexpr std::size_t rows_of_places = 8;    // where whole distributions are looked at
constexpr std::size_t problem_tokens = 128;  // of a problem, for the base's fit

std::vector<double> losses_of(const Gpt2& model, const std::vector<AskedRow>& rows) {
    std::vector<double> losses;
    for (const AskedRow& row : rows) losses.push_back(completion_loss(model, row.prompt, row.completion));
    return losses;
}

double mean_of(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

double standard_error(const std::vector<double>& values) {
    if (values.size() < 2) return 0.0;
    const double mean = mean_of(values);
    double squares = 0.0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const auto count = static_cast<double>(values.size());
    return std::sqrt(squares / (count - 1.0) / count);
}

/// Each solution after the problem of a row half the list away, unless both are the same text.
void exchange_problems(const Gpt2& tuned, const std::vector<AskedRow>& rows, const std::vector<double>& own, HeldOutLosses& losses) {
    std::vector<double> others;
    std::vector<double> gains;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const AskedRow& other = rows[(i + rows.size() / 2) % rows.size()];
        if (other.problem == rows[i].problem || rows[i].problem.empty()) continue;
        others.push_back(completion_loss(tuned, other.prompt, rows[i].completion));
        gains.push_back(others.back() - own[i]);
    }
    if (others.size() < 2) return;
    // The gain is over the rows that could be exchanged, so the figure is the own mean and that gain.
    losses.other_problem = losses.tuned + mean_of(gains);
    losses.other_problem_error = standard_error(gains);
}

/// Over the tokens that the base knew before the template added some: what those do is a matter of its own.
BaseFit base_fit(const LoadedModel& base, const TemplateSpec& spec, const std::vector<AskedRow>& rows) {
    const at::NoGradGuard no_graph;
    BaseFit fit;
    fit.vocabulary = base.model.config().vocab_size;
    for (const std::string& name : spec.added_tokens)
        if (const auto id = base.tokenizer->id_of(name)) fit.vocabulary = std::min<std::int64_t>(fit.vocabulary, *id);
    for (const AskedRow& row : rows) {
        std::vector<TokenId> ids = base.tokenizer->encode(row.problem);
        if (ids.size() > problem_tokens) ids.resize(problem_tokens);
        if (ids.size() < 2 || static_cast<std::int64_t>(ids.size()) > base.model.config().n_positions) continue;
        if (std::ranges::any_of(ids, [&](TokenId id) { return id >= fit.vocabulary; })) continue;
        const std::vector<TokenId> first(ids.begin(), ids.begin() + 1);
        const std::vector<TokenId> rest(ids.begin() + 1, ids.end());
        const at::Tensor logits = completion_logits(base.model, first, rest);
        const at::Tensor log_probs = at::log_softmax(logits.slice(0, 0, logits.size(0) - 1).slice(1, 0, fit.vocabulary), -1);
        const std::vector<std::int64_t> labels(rest.begin(), rest.end());
        fit.loss -= log_probs.gather(1, at::tensor(labels, at::kLong).unsqueeze(1)).sum().item<double>();
        fit.entropy -= (log_probs.exp() * log_probs).sum().item<double>();
        fit.tokens += static_cast<std::int64_t>(rest.size());
    }
    const auto tokens = static_cast<double>(std::max<std::int64_t>(1, fit.tokens));
    fit.loss /= tokens;
    fit.entropy /= tokens;
    return fit;
}

/// Where solutions begin and go on, at the model as it was before the first step.
AddedTokensShare added_tokens(const LoadedModel& base, const std::vector<std::string>& names, std::vector<AskedRow> rows) {
    rows.resize(std::min(rows.size(), rows_of_places));
    std::vector<TokenId> ids;
    for (const std::string& name : names)
        if (const auto id = base.tokenizer->id_of(name)) ids.push_back(*id);
    const TokenShares shares = shares_of_tokens(base.model, ids, rows);
    AddedTokensShare added;
    added.names = names;
    for (const double probability : shares.probabilities) added.probability += probability;
    added.mean_logit = mean_of(shares.logits);
    added.others_logit = shares.others_logit;
    added.highest_other = shares.others_highest;
    return added;
}

double squares_in(const at::Tensor& values) {
    const at::Tensor flat = values.contiguous();
    return sum_of_squares(flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel()));
}

/// A stretch at a time: the embeddings' difference alone is a third of GPT-2.
double squares_between(const at::Tensor& before, const at::Tensor& after) {
    constexpr std::int64_t at_once = 1 << 20;
    const at::Tensor first = before.reshape(-1);
    const at::Tensor second = after.reshape(-1);
    double squares = 0.0;
    for (std::int64_t begin = 0; begin < first.size(0); begin += at_once) {
        const std::int64_t end = std::min(begin + at_once, first.size(0));
        squares += squares_in(second.slice(0, begin, end) - first.slice(0, begin, end));
    }
    return squares;
}

std::optional<double> weights_moved(const Gpt2& before, const Gpt2& after) {
    const at::NoGradGuard no_graph;
    const auto first = before.parameters();
    double moved = 0.0;
    double size = 0.0;
    for (const auto& [name, tensor] : first) size += squares_in(tensor);
    if (const LoraAdapter* adapter = after.adapter()) {
        for (const auto& [name, pair] : adapter->pairs) moved += squares_in(merged_change(pair));
    } else {
        const auto second = after.parameters();
        if (first.size() != second.size()) return {};
        for (std::size_t i = 0; i < first.size(); ++i) {
            if (first[i].first != second[i].first || first[i].second.sizes() != second[i].second.sizes()) return {};
            moved += squares_between(first[i].second, second[i].second);
        }
    }
    return size > 0.0 ? std::optional(std::sqrt(moved / size)) : std::nullopt;
}

/// What the tuned model says to its own rows.
struct OwnAnswers {
    std::vector<double> losses;             ///< of each row's completion
    std::optional<double> end_probability;  ///< of the end token right after the last token of a solution, mean
};

OwnAnswers own_answers(const LoadedModel& tuned, const TemplateSpec& spec, const std::vector<AskedRow>& rows) {
    const at::NoGradGuard no_graph;
    const auto end = tuned.tokenizer->id_of(spec.end_token.empty() ? "<|endoftext|>" : spec.end_token);
    OwnAnswers answers;
    double sum = 0.0;
    for (const AskedRow& row : rows) {
        const at::Tensor logits = completion_logits(tuned.model, row.prompt, row.completion);
        answers.losses.push_back(loss_in(logits, row.completion));
        const std::int64_t place = std::max<std::int64_t>(0, logits.size(0) - (row.ended ? 2 : 1));
        if (end) sum += at::softmax(logits[place], -1)[*end].item<double>();
    }
    if (end && !rows.empty()) answers.end_probability = sum / static_cast<double>(rows.size());
    return answers;
}

/// Validation rows, else test rows.
Result<std::vector<AskedRow>> held_out_rows(Project& project, const TemplateSpec& spec, const LoadedModel& model) {
    for (const Split split : {Split::Validation, Split::Test}) {
        auto rows = LOSSMITH_TRY(asked_rows(project, split, spec, *model.tokenizer, model.model.config().n_positions, rows_asked));
        if (rows.size() >= 2) return rows;
    }
    return std::vector<AskedRow>{};
}

}  // namespace

Result<AskedModels> models_to_ask(Project& project, std::int64_t run, const RunConfig& config) {
    const auto folder = find_model(":" + std::to_string(run), &project);
    Result<LoadedModel> tuned = folder ? load_model(*folder) : std::unexpected(folder.error());
    if (!tuned) return AskedModels{LOSSMITH_TRY(model_for(project, config)), std::nullopt, describe(tuned.error())};
    // An adapter stands beside its base, which need not be read twice.
    const bool beside = tuned->model.adapter() != nullptr && config.lora;
    LoadedModel base = beside ? LoadedModel{tuned->model.without_adapter(), tuned->tokenizer, tuned->folder, {}}
                              : LOSSMITH_TRY(model_for(project, config));
    return AskedModels{std::move(base), std::move(*tuned), {}};
}

Status ask_models(Project& project, std::int64_t run, const AskedModels& models, Evidence& evidence, const CancellationToken& cancelled) {
    const TemplateSpec& spec = *evidence.config.template_spec;
    const LoadedModel& base = models.base;
    const std::optional<LoadedModel>& tuned = models.tuned;
    const std::int64_t n_positions = base.model.config().n_positions;
    auto rows = LOSSMITH_TRY(held_out_rows(project, spec, base));
    const auto training = LOSSMITH_TRY(asked_rows(project, Split::Train, spec, *base.tokenizer, n_positions, rows_asked));
    evidence.base_fit = base_fit(base, spec, training);
    if (!spec.added_tokens.empty()) evidence.added_tokens = added_tokens(base, spec.added_tokens, training);
    if (cancelled.is_cancelled()) return failure(Error::cancelled());

    if (!tuned) {
        evidence.passed.push_back("The tuned model was not asked: " + models.no_tuned);
        return {};
    }
    evidence.weights_moved = weights_moved(base.model, tuned->model);
    if (rows.empty()) {
        evidence.passed.push_back("There are no held-out rows, so nothing could be asked that the run had not seen.");
        return {};
    }
    HeldOutLosses losses;
    const OwnAnswers own = own_answers(*tuned, spec, rows);
    evidence.end_probability = own.end_probability;
    losses.rows = static_cast<std::int64_t>(rows.size());
    losses.tuned = mean_of(own.losses);
    losses.base = mean_of(losses_of(base.model, rows));
    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    losses.training_rows = mean_of(losses_of(tuned->model, training));
    exchange_problems(tuned->model, rows, own.losses, losses);
    evidence.losses = losses;
    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    evidence.prompt_deviations = LOSSMITH_TRY(prompt_deviations(project, run, spec, *tuned, rows, losses.tuned));
    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    rows.resize(std::min(rows.size(), rows_of_places));
    evidence.sampling_effects = LOSSMITH_TRY(sampling_effects(project, run, evidence.config, *tuned, rows));
    return {};
}

}  // namespace lossmith::engine
