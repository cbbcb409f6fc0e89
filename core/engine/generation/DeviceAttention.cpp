#include "core/engine/generation/DeviceAttention.h"

#include <ATen/TensorIndexing.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <limits>

namespace lossmith::engine {

CachePlaces CachePlaces::of(const std::vector<std::int64_t>& slots, const std::vector<std::int64_t>& lengths, at::Device device) {
    CachePlaces places;
    places.longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
    places.slots = at::tensor(slots, at::kLong).to(device);
    places.lengths = at::tensor(lengths, at::kLong).to(device);
    const at::Tensor all = at::arange(places.longest + 1, places.lengths.options());
    places.unseen = (all > places.lengths.unsqueeze(1)).view({places.lengths.size(0), 1, 1, places.longest + 1});
    return places;
}

at::Tensor attend_on_device(const at::Tensor& qkv, at::Tensor& keys, at::Tensor& values, const CachePlaces& places, double scale) {
    using at::indexing::Slice;
    const std::int64_t texts = qkv.size(0);
    const at::Tensor parts = qkv.view({texts, 3, keys.size(1), keys.size(3)});
    keys.index_put_({places.slots, Slice(), places.lengths}, parts.select(1, 1).to(keys.scalar_type()));
    values.index_put_({places.slots, Slice(), places.lengths}, parts.select(1, 2).to(values.scalar_type()));
    const at::Tensor past_keys = keys.slice(2, 0, places.longest + 1).index_select(0, places.slots);
    const at::Tensor past_values = values.slice(2, 0, places.longest + 1).index_select(0, places.slots);
    const at::Tensor scores = at::matmul(parts.select(1, 0).unsqueeze(2), past_keys.transpose(-2, -1)) * scale;
    const at::Tensor weights = at::softmax(scores.masked_fill(places.unseen, -std::numeric_limits<float>::infinity()), -1);
    // Rows beyond a text's length may hold what was never written, which times zero need not be zero.
    return at::matmul(weights, past_values.masked_fill(places.unseen.transpose(-2, -1), 0.0)).reshape({texts, qkv.size(1) / 3});
}

}  // namespace lossmith::engine
