// What each operator of the loss language does to gradient, in words for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lossmith::engine {

/// Why nothing passes through `name`: a sentence; nullopt where the name is not known to cut.
[[nodiscard]] std::optional<std::string> reason_of_cut(std::string_view name);

/// Why a bend in the curve is no harm: for relu, abs, clamp, max, …; nullopt for what is smooth.
[[nodiscard]] std::optional<std::string> reason_of_kink(std::string_view name);

/// Staircases, which PyTorch differentiates to zero: their result claims a gradient, and it is zero everywhere.
[[nodiscard]] bool is_step(std::string_view name);

/// Questions about a tensor that read no values: shape, size, len, dim, ….
[[nodiscard]] bool only_looks_at_the_shape(std::string_view name);

}  // namespace lossmith::engine
