// Which words two texts share, and which only one of them has.
#pragma once

#include <string_view>
#include <vector>

#include "core/comparison/Words.h"

namespace lossmith {

enum class DiffKind { Same, OnlyFirst, OnlySecond };

/// Neighbouring words of one kind. `first` is its place in the first text (empty for OnlySecond), `second` in the second one
/// (empty for OnlyFirst). The spans' places tile each text, white space included.
struct DiffSpan {
    DiffKind kind = DiffKind::Same;
    TextRange first;
    TextRange second;
    bool operator==(const DiffSpan&) const = default;
};

/// The shortest edit script over words and punctuation (Wu, Manber & Myers 1990). Case counts, white space does not.
/// Time is bounded: where more than 1,200 words of each text are left between what both begin and end with, lines are compared instead
/// of words, and where there are too many of those as well, all between is said to differ.
[[nodiscard]] std::vector<DiffSpan> word_diff(std::string_view first, std::string_view second);

}  // namespace lossmith
