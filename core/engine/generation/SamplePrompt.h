// A row's problem as the ids that a model goes on from.
#pragma once

#include <string>
#include <vector>

#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct SamplePrompt {
    std::string problem, solution;
    std::vector<TokenId> ids;
};

}  // namespace lossmith::engine
