// The attention of one query, which VectorMath.h declares.
#include <algorithm>

#include "core/engine/model/Lanes.h"
#include "core/engine/model/VectorMath.h"
#include "core/engine/model/Wide.h"

namespace lossmith::engine {
namespace {

constexpr std::size_t width = lanes;
constexpr std::size_t keys_at_once = 4;
constexpr std::size_t vectors_at_once = 4;  // of a value: heads of GPT-2 have just as many

using Four = float __attribute__((vector_size(16)));

/// The halves of each added, those of `a` before those of b.
LOSSMITH_INLINE void add_halves(const Floats& a, const Floats& b, Floats& to) {
    to = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
         __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

/// The sums of four vectors, each added up in halves.
LOSSMITH_INLINE Four sums_of(const Floats (&of)[keys_at_once]) {
    Floats first, second;
    add_halves(of[0], of[1], first);
    add_halves(of[2], of[3], second);
    const Floats quarters = __builtin_shufflevector(first, second, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                            __builtin_shufflevector(first, second, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    const Floats eighths = quarters + __builtin_shufflevector(quarters, quarters, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    const Floats all = eighths + __builtin_shufflevector(eighths, eighths, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return Four{all[0], all[4], all[8], all[12]};
}

/// scores[i] = query · keys[i]
LOSSMITH_INLINE void score(const float* query, const float* const (&keys)[keys_at_once], std::size_t size, float (&scores)[keys_at_once]) {
    Floats sums[keys_at_once] = {};
    std::size_t d = 0;
    for (; d + width <= size; d += width) {
        Floats own;
        load(own, query + d);
        for (std::size_t i = 0; i < keys_at_once; ++i) {
            Floats key;
            load(key, keys[i] + d);
            sums[i] += own * key;
        }
    }
    const Four all = sums_of(sums);
    for (std::size_t i = 0; i < keys_at_once; ++i) {
        scores[i] = all[i];
        for (std::size_t rest = d; rest < size; ++rest) scores[i] += query[rest] * keys[i][rest];
    }
}

/// A stretch of the values' elements, all of them weighed and added up.
template <std::size_t vectors>
LOSSMITH_INLINE void mix(const float* weights, const float* values, std::size_t count, std::size_t size, float* out) {
    Floats sums[vectors] = {};
    for (std::size_t j = 0; j < count; ++j)
        for (std::size_t v = 0; v < vectors; ++v) {
            Floats value;
            load(value, values + j * size + v * width);
            sums[v] += weights[j] * value;
        }
    for (std::size_t v = 0; v < vectors; ++v) store(out + v * width, sums[v]);
}

}  // namespace

LOSSMITH_WIDE void attend_row(const float* query, const float* keys, const float* values, std::size_t count, std::size_t size, float scale,
                              float* weights, float* out) {
    for (std::size_t j = 0; j < count; j += keys_at_once) {
        const float* own[keys_at_once];
        for (std::size_t i = 0; i < keys_at_once; ++i) own[i] = keys + std::min(j + i, count - 1) * size;
        float scores[keys_at_once];
        score(query, own, size, scores);
        for (std::size_t i = 0; i < keys_at_once && j + i < count; ++i) weights[j + i] = scores[i];
    }
    causal_softmax_row(weights, weights, count, count, scale);
    std::size_t d = 0;
    for (; d + vectors_at_once * width <= size; d += vectors_at_once * width)
        mix<vectors_at_once>(weights, values + d, count, size, out + d);
    for (; d + width <= size; d += width) mix<1>(weights, values + d, count, size, out + d);
    for (; d < size; ++d) {
        out[d] = 0.0F;
        for (std::size_t j = 0; j < count; ++j) out[d] += weights[j] * values[j * size + d];
    }
}

}  // namespace lossmith::engine
