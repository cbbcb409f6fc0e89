// Loops over plain float arrays that ATen has no fused form of. No Torch here; each is one pass over memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lossmith::engine {

/// Which elements a dropout drops is a pure function of this key and the element's index, so a resumed run, a backward pass
/// and a second device all find the same mask without storing it.
struct DropoutKey {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
};

/// The key of one dropout in the network: seed and step of the run, and the place (layer, which of its dropouts, micro-batch).
[[nodiscard]] DropoutKey dropout_key(std::uint64_t seed, std::int64_t step, std::int64_t place);

/// out[i] = kept(first + i) ? in[i] / (1 - p) : 0 (+ add[i] when not null). in and out may be the same.
void drop_elements(const float* in, const float* add, float* out, std::size_t count, std::uint64_t first, double p, DropoutKey key);

/// Causal softmax of one query row: out[j] = exp(scale * in[j] - max) / sum for j < visible, 0 for visible <= j < width.
/// Returns with NaN in the row when the input holds one. in and out may be the same.
void causal_softmax_row(const float* in, float* out, std::size_t visible, std::size_t width, float scale);

/// Gradient of the same: out[j] = scale * p[j] * (g[j] - sum_k p[k] g[k]) for j < visible, 0 beyond. g and out may be the same.
void causal_softmax_row_backward(const float* probabilities, const float* gradient, float* out, std::size_t visible, std::size_t width,
                                 float scale);

/// One query of one head over the keys and values before it, each [count, size]: out = softmax(scale · query · keysᵀ) · values.
/// `weights` is room for `count` floats.
void attend_row(const float* query, const float* keys, const float* values, std::size_t count, std::size_t size, float scale,
                float* weights, float* out);

/// One AdamW update (Loshchilov & Hutter 2019, as torch.optim.AdamW computes it), gradient scaled first by `gradient_scale`.
struct AdamWStep {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float bias_correction1, bias_correction2_root;  ///< 1 - beta1^t, sqrt(1 - beta2^t)
    float gradient_scale;
};
void adamw_update(float* parameter, const float* gradient, float* first_moment, float* second_moment, std::size_t count,
                  const AdamWStep& step);

/// out[i] = gelu(in[i]), the tanh form (Hendrycks & Gimpel 2016): x · sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x³).
/// NaN stays NaN. in and out may be the same.
void gelu_tanh(const float* in, float* out, std::size_t count);

/// The value again and the gradient at the input: at_in[i] = gradient[i] · gelu'(in[i]). gradient and at_in may be the same.
void gelu_tanh_backward(const float* in, const float* gradient, float* value, float* at_in, std::size_t count);

/// To bfloat16's bits, rounded to the nearest, ties to even; NaN stays NaN.
void round_to_bf16(const float* in, std::uint16_t* out, std::size_t count);

/// From bfloat16's bits: out[i] = in[i] (+ bias[i] when not null).
void widen_bf16(const std::uint16_t* in, const float* bias, float* out, std::size_t count);

/// out[i] += in[i], in being bfloat16's bits.
void add_bf16(const std::uint16_t* in, float* out, std::size_t count);

/// out = (in - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016), the variance that of the row. in and out may be the same.
void layer_norm_row(const float* in, const float* weight, const float* bias, float* out, std::size_t count, float epsilon);

/// out[c] = the sum over `rows` of in[r * stride + c], for `columns` of them.
void sum_of_rows(const float* in, std::size_t rows, std::size_t stride, std::size_t columns, float* out);

/// Sum of squares in double.
[[nodiscard]] double sum_of_squares(const float* values, std::size_t count);

/// In place: logits[j] -> (softmax(logits)[j] - (j == target)) * weight. Returns -log softmax(logits)[target], unweighted.
float cross_entropy_row(float* logits, std::size_t width, std::size_t target, float weight);

/// What softmax(scale · logits) says of one row.
struct SoftmaxRow {
    float maximum = 0.0F;   ///< of the logits
    double sum = 0.0;       ///< of exp(scale · (logit - maximum))
    double log_prob = 0.0;  ///< of the target, nats
    double entropy = 0.0;   ///< nats
};
[[nodiscard]] SoftmaxRow softmax_row(const float* logits, std::size_t width, std::size_t target, float scale);

/// One more than how many logits stand above the target's; of equal ones the first ranks first.
[[nodiscard]] std::size_t rank_in_row(const float* logits, std::size_t width, std::size_t target);

/// KL(p‖q) in nats of p = softmax(logits) from q = softmax(others), by what softmax_row() says of either at scale 1.
[[nodiscard]] double divergence_of_rows(const float* logits, const SoftmaxRow& row, const float* others, const SoftmaxRow& other_row,
                                        std::size_t width);

/// sums[j] += softmax(logits)[j].
void add_probabilities(const float* logits, std::size_t width, const SoftmaxRow& row, double* sums);

/// out[j] = (softmax(scale · logits)[j] - (j == target)) * weight, `row` being what softmax_row() says of them. logits and out may be the
/// same.
void softmax_row_gradient(const float* logits, float* out, std::size_t width, std::size_t target, float scale, float weight,
                          const SoftmaxRow& row);

}  // namespace lossmith::engine
