// Which earlier tokens each token of a text attends to, in one layer.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/model/Gpt2.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

/// The longest text that is answered: a map grows with the square of it.
inline constexpr std::size_t longest_attention_text = 256;

/// [heads, queries, keys], each query's row summing to one; `head`: that one alone. Layers and heads count from zero.
/// BadInput for a layer or head the model does not have and for a text that is too long.
[[nodiscard]] Result<at::Tensor> attention_maps(const Gpt2& model, const std::vector<TokenId>& ids, std::int64_t layer,
                                                std::optional<std::int64_t> head = {}, const CancellationToken& cancelled = {});

/// `{layer, head?, heads: [[[p]]]}`, probabilities to a millionth.
[[nodiscard]] Json attention_json(const at::Tensor& maps, std::int64_t layer, std::optional<std::int64_t> head = {});

}  // namespace lossmith::engine
