#include "core/engine/inspection/SampleTokens.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/engine/inspection/Inspect.h"

namespace lossmith::engine {
namespace {

/// A run keeps thousands of these, so no digit more than is looked at.
double six_digits(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", number);
    return std::strtod(text, nullptr);
}

}  // namespace

Result<Json> sample_tokens(const Gpt2& model, const Tokenizer& tokenizer, const Example& example, const CancellationToken& cancelled) {
    if (example.input_ids.empty()) return Json::array();
    const std::size_t kept = std::min(example.input_ids.size(), longest_kept_sample);
    const std::vector<TokenId> ids(example.input_ids.begin(), example.input_ids.begin() + static_cast<std::ptrdiff_t>(kept));
    const auto inspection = LOSSMITH_TRY(inspect(model, ids, 0, cancelled));
    Json tokens = Json::array();
    for (std::size_t t = 0; t < kept; ++t) {
        const auto& prediction = inspection.tokens[t].prediction;
        tokens.push_back({{"id", ids[t]},
                          {"text", tokenizer.bytes_of(ids[t])},
                          {"probability", prediction ? Json(six_digits(prediction->probability)) : Json()},
                          {"rank", prediction ? Json(prediction->rank) : Json()},
                          {"entropy", prediction ? Json(six_digits(prediction->entropy)) : Json()},
                          {"labelled", example.labels[t] != ignore_index}});
    }
    return tokens;
}

}  // namespace lossmith::engine
