#include "core/engine/training/KindLoss.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <array>

#include "core/engine/loss/RowCrossEntropy.h"
#include "core/engine/training/MicroBatch.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t rows_of_logits = 256;  // at once; a whole row's logits over the vocabulary would take 200 KB a token

/// Every how manyth example is looked at, so that their tokens come to about `most_tokens`.
std::size_t stride_for(const std::vector<Example>& examples, std::int64_t most_tokens) {
    std::int64_t tokens = 0;
    for (const Example& example : examples) tokens += static_cast<std::int64_t>(example.input_ids.size());
    return static_cast<std::size_t>(std::max<std::int64_t>(1, (tokens + most_tokens - 1) / std::max<std::int64_t>(1, most_tokens)));
}

}  // namespace

const char* metric_name(TokenKind kind) {
    return kind == TokenKind::Completion ? "solution" : name_of(kind);
}

TokenKind kind_of(const Example& example, std::size_t place) {
    const std::size_t real = example.input_ids.size() - example.padding_tokens;
    if (place >= real) return TokenKind::Padding;
    if (place < example.prompt_tokens) return TokenKind::Prompt;
    return example.ended && place + 1 == real ? TokenKind::End : TokenKind::Completion;
}

Result<std::vector<KindLoss>> loss_by_kind(const Gpt2& model, const std::vector<Example>& examples, std::int64_t most_tokens,
                                           const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    std::array<KindLoss, 5> sums;  // by TokenKind
    for (std::size_t kind = 0; kind < sums.size(); ++kind) sums[kind].kind = static_cast<TokenKind>(kind);
    const std::size_t stride = stride_for(examples, most_tokens);
    for (std::size_t row = 0; row < examples.size(); row += stride) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        const Example& example = examples[row];
        const auto tokens = static_cast<std::int64_t>(example.input_ids.size());
        if (tokens < 2) continue;
        const std::vector<std::int64_t> ids(example.input_ids.begin(), example.input_ids.end());
        const at::Tensor all = at::tensor(ids, at::kLong);
        const at::Tensor hidden = model.hidden(all.unsqueeze(0))[0];
        for (std::int64_t begin = 0; begin + 1 < tokens; begin += rows_of_logits) {
            const std::int64_t end = std::min(tokens - 1, begin + rows_of_logits);
            const at::Tensor losses = row_cross_entropy(model.logits(hidden.slice(0, begin, end)).cpu().contiguous(),
                                                        all.slice(0, begin + 1, end + 1), ignore_index);
            const float* of_places = losses.data_ptr<float>();
            for (std::int64_t place = begin; place < end; ++place) {
                KindLoss& sum = sums[static_cast<std::size_t>(kind_of(example, static_cast<std::size_t>(place) + 1))];
                sum.mean += static_cast<double>(of_places[place - begin]);
                ++sum.tokens;
            }
        }
    }
    std::vector<KindLoss> found;
    for (KindLoss& sum : sums) {
        if (sum.tokens == 0) continue;
        sum.mean /= static_cast<double>(sum.tokens);
        found.push_back(sum);
    }
    return found;
}

}  // namespace lossmith::engine
