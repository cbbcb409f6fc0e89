#include "core/engine/inspection/Places.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "core/engine/devices/Parallel.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t places_at_once = 512;  // 100 MB of logits over GPT-2's vocabulary; fewer would read the head more often

}  // namespace

Result<at::Tensor> text_tensor(const Gpt2& model, const std::vector<TokenId>& ids) {
    if (ids.empty()) return failure(Error::bad_input("There is no text to look at.").with_hint("Type some text."));
    if (static_cast<std::int64_t>(ids.size()) > model.config().n_positions)
        return failure(Error::bad_input("The text has " + std::to_string(ids.size()) + " tokens; this model reads at most " +
                                        std::to_string(model.config().n_positions) + ".")
                           .with_hint("Shorten the text."));
    for (const TokenId id : ids)
        if (id < 0 || id >= model.config().vocab_size)
            return failure(Error::bad_input("Token " + std::to_string(id) + " is not in the model's vocabulary of " +
                                            std::to_string(model.config().vocab_size) + "."));
    return at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
}

Status check_place(const std::vector<TokenId>& ids, std::int64_t place, bool next_too) {
    const auto last = static_cast<std::int64_t>(ids.size()) - (next_too ? 0 : 1);
    if (place >= 1 && place <= last) return {};
    if (last < 1)
        return failure(Error::bad_input("A text of one token has no place that is predicted from it.").with_hint("Type a longer text."));
    return failure(Error::bad_input("There is no place " + std::to_string(place) + " that a model predicts in this text.")
                       .with_hint("Give a place from 1 to " + std::to_string(last) + ": the first token, 0, is predicted by nothing."));
}

Status each_place(std::span<const StatesOf> sides, const LookAtPlace& look, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const std::int64_t places = sides.empty() ? 0 : sides.front().states.size(0);
    for (std::int64_t first = 0; first < places; first += places_at_once) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        std::vector<at::Tensor> logits;
        for (const StatesOf& side : sides)
            logits.push_back(side.model.logits(side.states.slice(0, first, std::min(places, first + places_at_once))).cpu().contiguous());
        std::atomic<bool> finite = true;
        parallel_for(0, logits.front().size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<Distribution> distributions(sides.size());
            for (std::int64_t row = begin; row < end; ++row) {
                for (std::size_t side = 0; side < sides.size(); ++side) {
                    const auto width = static_cast<std::size_t>(logits[side].size(1));
                    distributions[side] = Distribution({logits[side].data_ptr<float>() + static_cast<std::size_t>(row) * width, width});
                }
                if (std::all_of(distributions.begin(), distributions.end(), [](const Distribution& one) { return one.finite(); }))
                    look(first + row, distributions);
                else
                    finite = false;
            }
        });
        if (!finite)
            return failure(Error::not_finite("The model's logits are not finite numbers, so there is nothing to tell of this text.")
                               .with_hint("Its weights are damaged, or its training diverged; choose an earlier checkpoint."));
    }
    return {};
}

}  // namespace lossmith::engine
