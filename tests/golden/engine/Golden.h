// The golden files: what transformers and PyTorch answer, and how near an answer of ours must be.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "core/base/Json.h"
#include "core/data/Template.h"
#include "core/engine/model/Gpt2.h"

namespace golden {

using Tensors = std::map<std::string, at::Tensor>;

/// All tensors of tests/data/golden/NAME.
Tensors tensors(const std::string& name);
lossmith::Json json(const std::string& name);
/// What LOSSMITH_TEST_DEVICE names ("cuda:0"), else the processor.
at::Device device();
/// The tiny model, or one of its variants, on that device; weights of its own.
lossmith::engine::Gpt2 model(const std::string& folder = "tiny-gpt2", at::Device where = device());

/// Either may lie on any device, in these.
double largest_difference(const at::Tensor& ours, const at::Tensor& theirs);
/// |ours - theirs| / |theirs|, Euclidean norms.
double relative_difference(const at::Tensor& ours, const at::Tensor& theirs);

/// The same bits; on a graphics card, where sums are added in another order each time, nearly the same.
bool same_weights(const lossmith::engine::Gpt2& a, const lossmith::engine::Gpt2& b);

/// The batch of forward.safetensors as examples without padding.
std::vector<lossmith::Example> examples(const Tensors& forward);

}  // namespace golden
