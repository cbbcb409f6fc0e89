// A row's problem as the ids that a model goes on from.
#pragma once

#include <string>
#include <vector>

#include "core/data/Template.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct SamplePrompt {
    std::string problem, solution;
    std::vector<TokenId> ids;
    Example solved = {};  ///< with the true solution after it, as training feeds it; empty where that is not wanted
};

}  // namespace lossmith::engine
