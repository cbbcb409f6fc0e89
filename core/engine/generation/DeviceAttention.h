// Attention of one new token a text over a key/value cache on a graphics card, by LibTorch's operators.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace lossmith::engine {

/// Where each text's new token goes, on the device: the same for all layers of a step.
struct CachePlaces {
    at::Tensor slots;          ///< [texts] int64: where in the cache each text lies
    at::Tensor lengths;        ///< [texts] int64: tokens already there, so the new one's place
    at::Tensor unseen;         ///< [texts, 1, 1, longest + 1] bool: places beyond the new token
    std::int64_t longest = 0;  ///< of the lengths

    [[nodiscard]] static CachePlaces of(const std::vector<std::int64_t>& slots, const std::vector<std::int64_t>& lengths,
                                        at::Device device);
};

/// qkv [texts, 3 n_embd] of the new tokens -> [texts, n_embd]; their keys and values are put into keys and values, each
/// [slots, heads, capacity, head width].
[[nodiscard]] at::Tensor attend_on_device(const at::Tensor& qkv, at::Tensor& keys, at::Tensor& values, const CachePlaces& places,
                                          double scale);

}  // namespace lossmith::engine
