// A few rows in the run's own template, as ids, to ask its models with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/data/Split.h"
#include "core/engine/model/Gpt2.h"
#include "core/project/Project.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct AskedRow {
    std::string problem;
    std::vector<TokenId> prompt;      ///< start token and prompt
    std::vector<TokenId> completion;  ///< the solution and, where the template has one, the end token
    bool ended = false;               ///< its last id is the end token
};

/// At most `count` rows of a split, spread evenly over it; rows that a model of `n_positions` cannot read whole are passed over.
[[nodiscard]] Result<std::vector<AskedRow>> asked_rows(Project& project, Split split, const TemplateSpec& spec, const Tokenizer& tokenizer,
                                                       std::int64_t n_positions, std::size_t count);

/// Mean cross-entropy of the completion after a prompt, nats a token.
[[nodiscard]] double completion_loss(const Gpt2& model, const std::vector<TokenId>& prompt, const std::vector<TokenId>& completion);
/// The same from completion_logits().
[[nodiscard]] double loss_in(const at::Tensor& logits, const std::vector<TokenId>& completion);

/// The logits that predict each token of the completion and the one after it: [completion + 1, vocab_size].
[[nodiscard]] at::Tensor completion_logits(const Gpt2& model, const std::vector<TokenId>& prompt, const std::vector<TokenId>& completion);

}  // namespace lossmith::engine
