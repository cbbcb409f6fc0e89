// The products of a one-token step, each with what stands before and after it, in as few parallel regions as it takes.
#pragma once

#include <vector>

#include "core/engine/model/StepWeights.h"

namespace lossmith::engine {

/// A layer norm of a product's inputs; by default none.
struct StepNorm {
    StepNorm() = default;
    StepNorm(const at::Tensor& weight_of, const at::Tensor& bias_of)
        : weight(weight_of.data_ptr<float>()), bias(bias_of.data_ptr<float>()) {}
    const float* weight = nullptr;
    const float* bias = nullptr;
};

struct StepProduct {
    StepNorm norm = {};
    bool activate = false;  ///< apply the config's activation_function to the result
    bool add_to = false;    ///< add the result to what is there
};

/// Keeps the room that they need between steps. For one thread, which shares the work with LibTorch's.
class StepProducts {
public:
    explicit StepProducts(const StepWeights& weights);

    /// x [rows, matrix.inputs()] -> out [rows, matrix.outputs()]
    void run(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out);

private:
    void run_few(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out);
    void run_many(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out);
    void set_row(StepRows& rows, std::vector<float>& normed, std::int64_t row, const float* x, const StepProduct& how) const;
    void finish(const StepMatrix& matrix, std::int64_t row, std::int64_t begin, std::int64_t end, const StepProduct& how, float* out);

    const StepWeights& m_weights;
    Precision m_precision;
    float m_epsilon;
    std::string m_activation;
    std::int64_t m_most_rows = 0;  // that there is room for
    StepRows m_shared;             // the rows of a product of many
    std::vector<StepRows> m_own;   // for each thread, the rows of a product of few
    std::vector<float> m_to_add;   // results on their way to where they are added
};

}  // namespace lossmith::engine
