#include "core/engine/inspection/AskedRows.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "core/engine/loss/RowCrossEntropy.h"
#include "core/project/DataStore.h"

namespace lossmith::engine {

Result<std::vector<AskedRow>> asked_rows(Project& project, Split split, const TemplateSpec& spec, const Tokenizer& tokenizer,
                                         std::int64_t n_positions, std::size_t count) {
    std::vector<AskedRow> asked;
    const std::int64_t there = LOSSMITH_TRY(project.data().count(split));
    const std::int64_t stride = std::max<std::int64_t>(1, there / static_cast<std::int64_t>(std::max<std::size_t>(1, count)));
    for (std::int64_t offset = 0; offset < there && asked.size() < count; offset += stride)
        for (const Row& row : LOSSMITH_TRY(project.data().rows(split, 1, offset))) {
            AskedRow one;
            one.problem = row.problem;
            const Example example = LOSSMITH_TRY(encode_example(spec, tokenizer, row.problem, row.solution, 0));
            const auto middle = example.input_ids.begin() + static_cast<std::ptrdiff_t>(example.prompt_tokens);
            one.prompt.assign(example.input_ids.begin(), middle);
            one.completion.assign(middle, example.input_ids.end());
            one.ended = example.ended;
            const bool readable = static_cast<std::int64_t>(example.input_ids.size()) <= n_positions;
            if (readable && !one.prompt.empty() && !one.completion.empty()) asked.push_back(std::move(one));
        }
    return asked;
}

at::Tensor completion_logits(const Gpt2& model, const std::vector<TokenId>& prompt, const std::vector<TokenId>& completion) {
    const at::NoGradGuard no_graph;
    std::vector<std::int64_t> ids(prompt.begin(), prompt.end());
    ids.insert(ids.end(), completion.begin(), completion.end());
    // Another row's prompt may be longer than this row's own.
    const auto most = static_cast<std::size_t>(model.config().n_positions);
    if (ids.size() > most) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(most));
    const auto length = static_cast<std::int64_t>(ids.size());
    const at::Tensor hidden = model.hidden(at::tensor(ids, at::kLong).unsqueeze(0))[0];
    const std::int64_t first = std::max<std::int64_t>(0, length - static_cast<std::int64_t>(completion.size()) - 1);
    return model.logits(hidden.slice(0, first)).cpu().contiguous();
}

double completion_loss(const Gpt2& model, const std::vector<TokenId>& prompt, const std::vector<TokenId>& completion) {
    return loss_in(completion_logits(model, prompt, completion), completion);
}

double loss_in(const at::Tensor& logits, const std::vector<TokenId>& completion) {
    const at::NoGradGuard no_graph;
    const std::int64_t places = logits.size(0) - 1;
    const std::vector<std::int64_t> labels(completion.end() - static_cast<std::ptrdiff_t>(places), completion.end());
    return row_cross_entropy(logits.slice(0, 0, places), at::tensor(labels, at::kLong), ignore_index).mean().item<double>();
}

}  // namespace lossmith::engine
