#include "core/engine/inspection/SpecialTokens.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>

#include <algorithm>
#include <limits>

#include "core/engine/training/RunDriver.h"

namespace lossmith::engine {
namespace {

struct NamedToken {
    std::string name;
    TokenId id = 0;
    bool added = false;
};

/// Those of the vocabulary first, then those that the template adds.
std::vector<NamedToken> special_tokens(const Tokenizer& tokenizer, const TemplateSpec& spec) {
    std::vector<NamedToken> tokens;
    for (const std::string& name : tokenizer.added_tokens())
        if (const auto id = tokenizer.id_of(name))
            tokens.push_back({name, *id, std::ranges::find(spec.added_tokens, name) != spec.added_tokens.end()});
    return tokens;
}

std::string role_of(const std::string& name, const TemplateSpec& spec) {
    std::string roles;
    for (const auto& [role, token] :
         {std::pair{"start", &spec.start_token}, std::pair{"end", &spec.end_token}, std::pair{"padding", &spec.pad_token}})
        if (*token == name) roles += (roles.empty() ? "" : ", ") + std::string(role);
    return roles;
}

Json share_json(const TokenShares& shares, std::size_t i) {
    return {{"logit", shares.logits[i]}, {"probability", shares.probabilities[i]}};
}

}  // namespace

TokenShares shares_of_tokens(const Gpt2& model, const std::vector<TokenId>& ids, const std::vector<AskedRow>& rows) {
    const at::NoGradGuard no_graph;
    TokenShares shares;
    shares.logits.assign(ids.size(), 0.0);
    shares.probabilities.assign(ids.size(), 0.0);
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    const at::Tensor chosen = at::tensor(wide, at::kLong);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const AskedRow& row : rows) {
        const at::Tensor logits = completion_logits(model, row.prompt, row.completion).to(at::kDouble);
        const at::Tensor theirs = logits.index_select(1, chosen);
        const at::Tensor sums = theirs.sum(0);
        const at::Tensor probable = at::softmax(logits, -1).index_select(1, chosen).sum(0);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            shares.logits[i] += sums[static_cast<std::int64_t>(i)].item<double>();
            shares.probabilities[i] += probable[static_cast<std::int64_t>(i)].item<double>();
        }
        const auto others = static_cast<double>(logits.size(1) - theirs.size(1));
        shares.others_logit += ((logits.sum(1) - theirs.sum(1)) / others).sum().item<double>();
        shares.others_highest += std::get<0>(logits.index_fill(1, chosen, -infinity).max(1)).sum().item<double>();
        shares.others_lowest += std::get<0>(logits.index_fill(1, chosen, infinity).min(1)).sum().item<double>();
        shares.places += logits.size(0);
    }
    const auto places = static_cast<double>(std::max<std::int64_t>(1, shares.places));
    for (double& logit : shares.logits) logit /= places;
    for (double& probability : shares.probabilities) probability /= places;
    for (double* figure : {&shares.others_logit, &shares.others_lowest, &shares.others_highest}) *figure /= places;
    return shares;
}

std::vector<TokenNeighbour> nearest_tokens(const Gpt2& model, TokenId id, int count) {
    const at::NoGradGuard no_graph;
    const at::Tensor all = model.token_embedding().detach();
    const at::Tensor own = all[id];
    at::Tensor cosines = at::mv(all, own) / (all.norm(2, 1) * own.norm()).clamp_min(1e-12);
    cosines[id] = -2.0;
    const auto [values, ids] = at::topk(cosines, std::min<std::int64_t>(count, all.size(0) - 1));
    std::vector<TokenNeighbour> nearest;
    for (std::int64_t i = 0; i < values.size(0); ++i)
        nearest.push_back({static_cast<TokenId>(ids[i].item<std::int64_t>()), values[i].item<double>()});
    return nearest;
}

Result<Json> look_at_special_tokens(Project& project, const SpecialTokensRequest& request) {
    RunConfig config;
    config.model = request.model;
    config.seed = request.seed;
    config.template_spec = request.spec;
    if (auto wrong = request.spec.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    config.template_spec->added_tokens_init = AddedTokensInit::Mean;
    const LoadedModel mean = LOSSMITH_TRY(model_for(project, config));
    config.template_spec->added_tokens_init = AddedTokensInit::Random;
    const LoadedModel random = LOSSMITH_TRY(model_for(project, config));
    const auto rows =
        LOSSMITH_TRY(asked_rows(project, Split::Train, request.spec, *mean.tokenizer, mean.model.config().n_positions, request.rows));

    std::vector<NamedToken> tokens = special_tokens(*mean.tokenizer, request.spec);
    std::erase_if(tokens, [&](const NamedToken& token) { return token.id >= mean.model.config().vocab_size; });
    std::vector<TokenId> ids;
    for (const NamedToken& token : tokens) ids.push_back(token.id);
    const TokenShares of_mean = shares_of_tokens(mean.model, ids, rows);
    const TokenShares of_random = shares_of_tokens(random.model, ids, rows);

    Json described = Json::array();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const bool begun_at_random = tokens[i].added && request.spec.added_tokens_init == AddedTokensInit::Random;
        Json neighbours = Json::array();
        for (const TokenNeighbour& near : nearest_tokens(begun_at_random ? random.model : mean.model, tokens[i].id, request.neighbours))
            neighbours.push_back({{"id", near.id}, {"text", mean.tokenizer->bytes_of(near.id)}, {"cosine", near.cosine}});
        described.push_back({{"id", tokens[i].id},
                             {"name", tokens[i].name},
                             {"role", role_of(tokens[i].name, request.spec)},
                             {"added", tokens[i].added},
                             {"neighbours", std::move(neighbours)},
                             {"mean", share_json(of_mean, i)},
                             {"random", share_json(of_random, i)}});
    }
    return Json{{"rows", rows.size()},
                {"places", of_mean.places},
                {"vocabulary", mean.model.config().vocab_size},
                {"tokens", std::move(described)},
                {"others", {{"mean", of_random.others_logit}, {"lowest", of_random.others_lowest}, {"highest", of_random.others_highest}}}};
}

}  // namespace lossmith::engine
