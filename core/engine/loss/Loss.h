// A loss as the trainer sees it: logits and labels in, what is to be minimised and its gradient out.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/config/LossSpec.h"

namespace lossmith {
class Tokenizer;
}

namespace lossmith::engine {

/// When in a run a loss is asked.
struct LossMoment {
    std::int64_t step = 0;  ///< from zero
    double progress = 0.0;  ///< 0 at the start, towards 1 at the end
};

/// What is known of tokens that the model drew itself, at the places of the labels; for the policy gradient alone.
struct SampledTokens {
    at::Tensor weights;         ///< [n], fp32: what a token counts for in the sum
    at::Tensor advantages;      ///< [n], fp32: its completion's
    at::Tensor log_probs = {};  ///< [n], fp32: under the policy that drew them; undefined: that is the policy as it is now
};

/// What a loss may look at. Either labelled tokens alone, [n]; or whole rows, [rows, tokens], where labels are -100 at places that predict
/// nothing. Logits stand one position before the label they are for, at the same index: they are aligned.
struct LossInputs {
    at::Tensor logits;              ///< [n, vocabulary] or [rows, tokens, vocabulary], fp32
    at::Tensor labels;              ///< [n] or [rows, tokens], int64
    at::Tensor base_logits = {};    ///< as logits, of the frozen base; only where needs() asks for it, as the next ones
    at::Tensor hidden_states = {};  ///< [n, n_embd] or [rows, tokens, n_embd], after the last layer norm
    at::Tensor embeddings = {};     ///< [vocabulary, n_embd], the token embedding, a constant
    at::Tensor input_ids = {};      ///< [n] or [rows, tokens], int64: the tokens at these places (not the ones predicted); may be undefined
    at::Tensor attention_mask = {};  ///< as input_ids: 1 at tokens, 0 at padding; may be undefined
    LossMoment moment = {};
    SampledTokens sampled = {};
};

struct LossNeeds {
    bool base_logits = false;
    bool hidden_states = false;
    bool embeddings = false;
};

/// What a step's loss is the mean of.
enum class LossUnit { Token, Row };

struct LossValue {
    at::Tensor sum;  ///< scalar: the sum over the inputs' labelled tokens (or rows, see LossUnit)
    std::vector<std::pair<std::string, at::Tensor>> parts = {};  ///< named contributions to it, each a curve of its own
};

struct LossGradient {
    double sum = 0.0;
    at::Tensor at_logits;                                    ///< as logits: gradient of weight * sum
    at::Tensor at_hidden = {};                               ///< as hidden_states; undefined where they were not used
    std::vector<std::pair<std::string, double>> parts = {};  ///< each part's sum
};

class Loss {
public:
    virtual ~Loss() = default;

    /// Whether each token's value depends on that token's logits alone. Then the trainer feeds labelled tokens in chunks and the
    /// whole [rows, tokens, vocabulary] tensor never exists; otherwise it feeds rows.
    [[nodiscard]] virtual bool separable_by_token() const = 0;

    /// Whether with_gradient() needs no room beside the logits it is given.
    [[nodiscard]] virtual bool works_in_place() const { return false; }
    [[nodiscard]] virtual LossUnit unit() const { return LossUnit::Token; }
    [[nodiscard]] virtual LossNeeds needs() const { return {}; }

    /// Differentiable in `inputs.logits` and `inputs.hidden_states` where those require a gradient.
    [[nodiscard]] virtual Result<LossValue> evaluate(const LossInputs& inputs) const = 0;

    /// Value and gradient of weight · sum. `inputs.logits` may be overwritten. By default through autograd.
    [[nodiscard]] virtual Result<LossGradient> with_gradient(LossInputs inputs, double weight) const;
};

/// Adds to the part of this name, making it where it is new.
void add_part(std::vector<std::pair<std::string, double>>& parts, const std::string& name, double value);

/// What a loss is made for: a typed one is tried on made-up logits of this size.
struct LossSetting {
    std::int64_t vocabulary = 0;
    std::int64_t n_embd = 0;
    const Tokenizer* tokenizer = nullptr;  ///< for tokens("…") in a typed loss; must outlive it
};

/// BadInput for a name that is not in the catalogue or a parameter it does not have, naming those it has; a typed loss's own errors.
[[nodiscard]] Result<std::unique_ptr<Loss>> make_loss(const LossSpec& spec, const LossSetting& setting = {});

/// A loss, and the frozen model that it may compare with; for a run by reward, the reward too.
struct Objective {
    Objective(const Loss& of, const class Gpt2* frozen = nullptr, const class Reward* rewarded = nullptr)
        : loss(of), base(frozen), reward(rewarded) {}
    const Loss& loss;
    const class Gpt2* base;      ///< must be there when the loss, or a reward's pull to the base, needs base_logits
    const class Reward* reward;  ///< null: it learns from the true solutions alone
};

}  // namespace lossmith::engine
