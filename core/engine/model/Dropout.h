// Dropout whose mask is a function of a key, not of a generator's state: exact on resume, free to store.
#pragma once

#include <ATen/core/Tensor.h>

#include "core/engine/model/VectorMath.h"

namespace lossmith::engine {

/// x with each element dropped with probability p and the rest scaled by 1/(1-p); x itself when p is 0.
/// The mask is found again in the backward pass. On a graphics card it is drawn by the card's own generator, seeded by the key: the same
/// for the same key there, but another than the processor's.
[[nodiscard]] at::Tensor dropout(const at::Tensor& x, double p, DropoutKey key);

/// The same, not part of a graph: for nodes that have a backward pass of their own, where it is applied to the gradient.
[[nodiscard]] at::Tensor dropped(const at::Tensor& x, double p, DropoutKey key);

/// Lets what the card draws next be a function of the key. For a device that is no graphics card nothing happens.
void seed_card(at::Device device, DropoutKey key);

/// base + dropped(x), of one shape, in one pass; not part of a graph.
[[nodiscard]] at::Tensor add_dropped(const at::Tensor& base, const at::Tensor& x, double p, DropoutKey key);

}  // namespace lossmith::engine
