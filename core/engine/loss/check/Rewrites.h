// Ways to write a loss so that gradient flows: edits of the line that cuts, and whole losses that say the same thing with a slope.
#pragma once

#include <string>
#include <vector>

#include "core/engine/loss/check/FlowObserver.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith::engine {

struct Rewrite {
    std::string title;
    std::string about;
    std::string snippet;           ///< what is new, a line or a few
    std::string source;            ///< the whole text afterwards
    std::string becomes = "loss";  ///< or "reward"
};

/// Candidates for one cut, the nearest to what stands there first; whether they run and flow is for the caller to try.
[[nodiscard]] std::vector<Rewrite> rewrites_for(const Program& program, const FunctionSignature& function, const GradientCut& cut);

/// For the usual error of shapes: logits [B, T, V] given to cross_entropy beside labels [B, T]. None for another error.
[[nodiscard]] std::vector<Rewrite> rewrites_of_shapes(const Program& program, const FunctionSignature& function, const Error& error);

/// For logits or labels that were moved along although they are aligned: the same text without the slices.
[[nodiscard]] Rewrite without_shifts(const Program& program, const std::vector<FlowObserver::Shift>& shifts);

}  // namespace lossmith::engine
