// What a token costs, by what it is: a loss that is mostly padding looks splendid while the solutions are as bad as ever.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/data/ExampleView.h"
#include "core/engine/model/Gpt2.h"

namespace lossmith::engine {

/// What the token at `place` of an unpacked example is; a start token counts as prompt.
[[nodiscard]] TokenKind kind_of(const Example& example, std::size_t place);
/// As metrics name it: "prompt", "solution", "end", "padding".
[[nodiscard]] const char* metric_name(TokenKind kind);

/// The mean cross-entropy of one kind of token, in nats, whether or not it is labelled; as the model predicts it from what stands before.
struct KindLoss {
    TokenKind kind = TokenKind::Prompt;
    double mean = 0.0;
    std::int64_t tokens = 0;
};

/// Over at most about `most_tokens` tokens of the examples, spread evenly over them. Kinds that do not occur are left out.
[[nodiscard]] Result<std::vector<KindLoss>> loss_by_kind(const Gpt2& model, const std::vector<Example>& examples,
                                                         std::int64_t most_tokens = 4'096, const CancellationToken& cancelled = {});

}  // namespace lossmith::engine
