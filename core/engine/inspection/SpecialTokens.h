// What special tokens do in a model: what their embeddings are near, and how much of the probability they take from all others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/inspection/AskedRows.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::engine {

/// Some tokens beside all others, averaged over the places where completions begin and go on.
struct TokenShares {
    std::vector<double> logits;         ///< of each token, mean
    std::vector<double> probabilities;  ///< of each token, mean
    double others_logit = 0.0;          ///< mean of all others
    double others_lowest = 0.0;         ///< mean over places of the least of the others
    double others_highest = 0.0;        ///< mean over places of the largest
    std::int64_t places = 0;
};

/// Ids outside the vocabulary are a fault of the caller. All zeros without rows.
[[nodiscard]] TokenShares shares_of_tokens(const Gpt2& model, const std::vector<TokenId>& ids, const std::vector<AskedRow>& rows);

struct TokenNeighbour {
    TokenId id = 0;
    double cosine = 0.0;
};

/// The tokens whose embeddings (rows of wte) lie nearest by the angle between them, the token itself left out.
[[nodiscard]] std::vector<TokenNeighbour> nearest_tokens(const Gpt2& model, TokenId id, int count);

struct SpecialTokensRequest {
    std::string model = "starter";
    TemplateSpec spec;        ///< its added tokens, and those that it gives a role
    std::uint64_t seed = 42;  ///< of random embeddings
    int neighbours = 5;
    std::size_t rows = 8;
};

/// Each special token of the model and the template, with its role, its neighbours and its share of the probability at the places of a
/// few training rows; once with embeddings of added tokens begun as the mean of the known ones and once at random.
/// `{rows, places, vocabulary, tokens: [{id, name, role, added, neighbours: [{id, text, cosine}], mean: {logit, probability},
/// random: {logit, probability}}], others: {mean, lowest, highest}}`
[[nodiscard]] Result<Json> look_at_special_tokens(Project& project, const SpecialTokensRequest& request);

}  // namespace lossmith::engine
