#include "core/engine/model/Attention.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <limits>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/Dropout.h"
#include "core/engine/model/HostFloat.h"
#include "core/engine/model/Product.h"

namespace lossmith::engine {
namespace {

/// Queries at a time: no scores are computed beyond the last key that a block sees, and the block stays in the cache.
constexpr std::int64_t query_block = 128;

struct Shape {
    std::int64_t rows, tokens, heads, size;  // size: of one head
    [[nodiscard]] std::int64_t width() const { return heads * size; }
};

Shape shape_of(const at::Tensor& qkv, const CausalAttention& how) {
    return {qkv.size(0), qkv.size(1), how.heads, qkv.size(2) / 3 / how.heads};
}

at::Tensor matrix(float* values, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    return at::from_blob(values, {rows, columns}, {stride, 1}, at::kFloat);
}

/// One head of one row inside a [rows, tokens, 3 n_embd] or [rows, tokens, n_embd] buffer.
struct HeadOf {
    float* values;
    std::int64_t stride, size;
    [[nodiscard]] at::Tensor tokens(std::int64_t begin, std::int64_t end) const {
        return matrix(values + begin * stride, end - begin, size, stride);
    }
};

struct Heads {
    HeadOf q, k, v;
};

HeadOf head_of(const at::Tensor& buffer, const Shape& shape, std::int64_t index, std::int64_t part) {
    const std::int64_t stride = buffer.size(2);
    float* values =
        buffer.data_ptr<float>() + index / shape.heads * shape.tokens * stride + part * shape.width() + index % shape.heads * shape.size;
    return {values, stride, shape.size};
}

Heads heads_of(const at::Tensor& qkv, const Shape& shape, std::int64_t index) {
    return {head_of(qkv, shape, index, 0), head_of(qkv, shape, index, 1), head_of(qkv, shape, index, 2)};
}

/// A stretch of queries of one head, and its part of the scores [queries, visible].
struct Block {
    std::int64_t index;       // row * heads + head
    std::int64_t begin, end;  // queries; keys 0…end - 1 are visible to the last
    float* scores;
    [[nodiscard]] std::int64_t queries() const { return end - begin; }
    [[nodiscard]] at::Tensor as_matrix() const { return matrix(scores, queries(), end, end); }
};

void softmax_of_scores(const Block& block, const Heads& from, const CausalAttention& how) {
    put_product(block.as_matrix(), from.q.tokens(block.begin, block.end), from.k.tokens(0, block.end).t(), how.bf16);
    for (std::int64_t i = 0; i < block.queries(); ++i) {
        float* row = block.scores + i * block.end;
        causal_softmax_row(row, row, static_cast<std::size_t>(block.begin + i + 1), static_cast<std::size_t>(block.end),
                           static_cast<float>(how.scale));
    }
}

/// Elements are counted as in [rows, heads, tokens, tokens], whatever the blocks.
void drop_block(const Block& block, const float* in, float* out, std::int64_t tokens, const CausalAttention& how) {
    for (std::int64_t i = 0; i < block.queries(); ++i) {
        const std::int64_t first = (block.index * tokens + block.begin + i) * tokens;
        drop_elements(in + i * block.end, nullptr, out + i * block.end, static_cast<std::size_t>(block.end),
                      static_cast<std::uint64_t>(first), how.dropout, how.key);
    }
}

at::Tensor on_host_forward(const at::Tensor& qkv, const CausalAttention& how) {
    const Shape shape = shape_of(qkv, how);
    const at::Tensor out = at::empty({shape.rows, shape.tokens, shape.width()}, qkv.options());
    const at::Tensor room = at::empty({at::get_num_threads(), query_block * shape.tokens}, qkv.options());
    parallel_for(0, shape.rows * shape.heads, 1, [&](std::int64_t first, std::int64_t last) {
        const at::NoGradGuard no_graph;
        float* scores = room.data_ptr<float>() + at::get_thread_num() * room.size(1);
        for (std::int64_t index = first; index < last; ++index) {
            const Heads from = heads_of(qkv, shape, index);
            const HeadOf to = head_of(out, shape, index, 0);
            for (std::int64_t begin = 0; begin < shape.tokens; begin += query_block) {
                const Block block{index, begin, std::min(begin + query_block, shape.tokens), scores};
                softmax_of_scores(block, from, how);
                if (how.dropout > 0.0) drop_block(block, scores, scores, shape.tokens, how);
                put_product(to.tokens(begin, block.end), block.as_matrix(), from.v.tokens(0, block.end), how.bf16);
            }
        }
    });
    return out;
}

void head_backward(const Shape& shape, std::int64_t index, const Heads& from, const HeadOf& above, const Heads& to, float* room,
                   const CausalAttention& how) {
    const std::int64_t blocks = (shape.tokens + query_block - 1) / query_block;
    for (std::int64_t at = blocks - 1; at >= 0; --at) {
        const std::int64_t begin = at * query_block;
        const Block probabilities{index, begin, std::min(begin + query_block, shape.tokens), room};
        const std::int64_t end = probabilities.end;
        const Block gradient{index, begin, end, room + query_block * shape.tokens};
        const bool first = at == blocks - 1;  // it sees every key, so that it writes all of k's and v's gradients
        const at::Tensor mixed_gradient = above.tokens(begin, end);

        softmax_of_scores(probabilities, from, how);
        if (how.dropout > 0.0) drop_block(probabilities, probabilities.scores, gradient.scores, shape.tokens, how);
        const auto put_or_add = first ? put_product : add_product;
        put_or_add(to.v.tokens(0, end), (how.dropout > 0.0 ? gradient : probabilities).as_matrix().t(), mixed_gradient, how.bf16);

        const at::Tensor into = gradient.as_matrix();
        put_product(into, mixed_gradient, from.v.tokens(0, end).t(), how.bf16);
        if (how.dropout > 0.0) drop_block(gradient, gradient.scores, gradient.scores, shape.tokens, how);
        for (std::int64_t i = 0; i < gradient.queries(); ++i) {
            float* row = gradient.scores + i * end;
            causal_softmax_row_backward(probabilities.scores + i * end, row, row, static_cast<std::size_t>(begin + i + 1),
                                        static_cast<std::size_t>(end), static_cast<float>(how.scale));
        }
        put_product(to.q.tokens(begin, end), into, from.k.tokens(0, end), how.bf16);
        put_or_add(to.k.tokens(0, end), into.t(), from.q.tokens(begin, end), how.bf16);
    }
}

at::Tensor on_host_backward(const at::Tensor& qkv, const at::Tensor& gradient, const CausalAttention& how) {
    const Shape shape = shape_of(qkv, how);
    const at::Tensor out = at::empty_like(qkv);
    const at::Tensor room = at::empty({at::get_num_threads(), 2 * query_block * shape.tokens}, qkv.options());
    parallel_for(0, shape.rows * shape.heads, 1, [&](std::int64_t first, std::int64_t last) {
        const at::NoGradGuard no_graph;
        for (std::int64_t index = first; index < last; ++index)
            head_backward(shape, index, heads_of(qkv, shape, index), head_of(gradient, shape, index, 0), heads_of(out, shape, index),
                          room.data_ptr<float>() + at::get_thread_num() * room.size(1), how);
    });
    return out;
}

/// [rows, tokens, 3 n_embd] -> [3, rows, heads, tokens, head size]
at::Tensor parts_of(const at::Tensor& qkv, const Shape& shape) {
    return qkv.view({shape.rows, shape.tokens, 3, shape.heads, shape.size}).permute({2, 0, 3, 1, 4});
}

at::Tensor joined(const at::Tensor& mixed, const Shape& shape) {
    return mixed.transpose(1, 2).reshape({shape.rows, shape.tokens, shape.width()});
}

}  // namespace

at::Tensor attention_probabilities(const at::Tensor& qkv, const CausalAttention& how) {
    const at::Tensor parts = parts_of(qkv, shape_of(qkv, how));
    const at::Tensor scores = at::matmul(parts[0], parts[1].transpose(-2, -1)) * how.scale;
    const at::Tensor unseen = at::ones({scores.size(-2), scores.size(-1)}, scores.options().dtype(at::kBool)).triu(1);
    return at::softmax(scores.masked_fill(unseen, -std::numeric_limits<float>::infinity()), -1);
}

at::Tensor causal_attention(const at::Tensor& qkv, const CausalAttention& how) {
    if (is_host_float(qkv)) return on_host_forward(qkv.contiguous(), how);
    const Shape shape = shape_of(qkv, how);
    return joined(at::matmul(dropped(attention_probabilities(qkv, how), how.dropout, how.key), parts_of(qkv, shape)[2]), shape);
}

at::Tensor causal_attention_backward(const at::Tensor& qkv, const at::Tensor& gradient, const CausalAttention& how) {
    if (is_host_float(qkv)) return on_host_backward(qkv.contiguous(), gradient.contiguous(), how);
    const Shape shape = shape_of(qkv, how);
    const at::Tensor parts = parts_of(qkv, shape);
    const at::Tensor p = attention_probabilities(qkv, how);
    const at::Tensor above = gradient.view({shape.rows, shape.tokens, shape.heads, shape.size}).transpose(1, 2);
    const at::Tensor at_v = at::matmul(dropped(p, how.dropout, how.key).transpose(-2, -1), above);
    const at::Tensor at_p = dropped(at::matmul(above, parts[2].transpose(-2, -1)), how.dropout, how.key);
    const at::Tensor at_scores = how.scale * p * (at_p - (p * at_p).sum(-1, true));
    const at::Tensor at_q = at::matmul(at_scores, parts[1]);
    const at::Tensor at_k = at::matmul(at_scores.transpose(-2, -1), parts[0]);
    return at::stack({joined(at_q, shape), joined(at_k, shape), joined(at_v, shape)}, 2)
        .reshape({shape.rows, shape.tokens, 3 * shape.width()});
}

}  // namespace lossmith::engine
