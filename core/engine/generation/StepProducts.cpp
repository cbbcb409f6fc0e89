#include "core/engine/generation/StepProducts.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "core/engine/devices/Parallel.h"
#include "core/engine/devices/Processor.h"
#include "core/engine/model/Activation.h"
#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t few_rows = 4;  ///< each thread prepares all of them for itself, which costs less than waiting for the others

/// In fp32: laying the weights out for a product of large matrices then costs less than it saves. With AVX-512, panels do well up to many
/// rows; tiles do better sooner.
std::int64_t whole_from_rows() {
    return processor_multiplies_tiles() ? 49 : processor_has_avx512() ? 193 : 9;
}

}  // namespace

StepProducts::StepProducts(const StepWeights& weights)
    : m_weights(weights),
      m_precision(weights.precision()),
      m_epsilon(static_cast<float>(weights.model().config().layer_norm_epsilon)),
      m_activation(weights.model().config().activation_function),
      m_shared(m_precision, 0, weights.widest()),
      m_own(static_cast<std::size_t>(at::get_num_threads()), StepRows(m_precision, few_rows, weights.widest())) {}

void StepProducts::run(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out) {
    if (rows > m_most_rows) {
        m_most_rows = rows;
        m_to_add.resize(static_cast<std::size_t>(rows * m_weights.model().config().n_embd));
        if (rows > few_rows) m_shared = StepRows(m_precision, rows, m_weights.widest());
    }
    if (rows <= few_rows)
        run_few(matrix, x, rows, how, out);
    else
        run_many(matrix, x, rows, how, out);
}

void StepProducts::set_row(StepRows& rows, std::vector<float>& normed, std::int64_t row, const float* x, const StepProduct& how) const {
    if (how.norm.weight == nullptr) {
        rows.set(row, x);
        return;
    }
    layer_norm_row(x, how.norm.weight, how.norm.bias, normed.data(), normed.size(), m_epsilon);
    rows.set(row, normed.data());
}

/// What follows the product, for a stretch of one row's channels.
void StepProducts::finish(const StepMatrix& matrix, std::int64_t row, std::int64_t begin, std::int64_t end, const StepProduct& how,
                          float* out) {
    float* own = out + row * matrix.outputs();
    if (how.activate) activate_row(own + begin, static_cast<std::size_t>(end - begin), m_activation);
    if (!how.add_to) return;
    const float* result = m_to_add.data() + row * matrix.outputs();
    for (std::int64_t c = begin; c < end; ++c) own[c] += result[c];
}

void StepProducts::run_few(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out) {
    parallel_for(0, matrix.panels(), 1, [&](std::int64_t first, std::int64_t last) {
        StepRows& own = m_own[static_cast<std::size_t>(at::get_thread_num())];
        own.begin(matrix.inputs());
        std::vector<float> normed(static_cast<std::size_t>(matrix.inputs()));
        for (std::int64_t row = 0; row < rows; ++row) set_row(own, normed, row, x + row * matrix.inputs(), how);
        matrix.multiply(own, rows, first, last, how.add_to ? m_to_add.data() : out);
        const std::int64_t end = std::min(last * panel_width, matrix.outputs());
        for (std::int64_t row = 0; row < rows; ++row) finish(matrix, row, first * panel_width, end, how, out);
    });
}

void StepProducts::run_many(const StepMatrix& matrix, const float* x, std::int64_t rows, const StepProduct& how, float* out) {
    m_shared.begin(matrix.inputs());
    parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> normed(static_cast<std::size_t>(matrix.inputs()));
        for (std::int64_t row = begin; row < end; ++row) set_row(m_shared, normed, row, x + row * matrix.inputs(), how);
    });
    float* result = how.add_to ? m_to_add.data() : out;
    if (m_precision == Precision::Fp32 && rows >= whole_from_rows()) {
        matrix.multiply_whole(m_shared, rows, result);
        if (!how.activate && !how.add_to) return;
        parallel_for(0, rows, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) finish(matrix, row, 0, matrix.outputs(), how, out);
        });
        return;
    }
    parallel_for(0, matrix.panels(), 1, [&](std::int64_t first, std::int64_t last) {
        matrix.multiply(m_shared, rows, first, last, result);
        const std::int64_t end = std::min(last * panel_width, matrix.outputs());
        for (std::int64_t row = 0; row < rows; ++row) finish(matrix, row, first * panel_width, end, how, out);
    });
}

}  // namespace lossmith::engine
