// A reward: what a completion is worth, typed in the loss language over its text. It needs no derivative.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RewardSpec.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/loss/language/Interpreter.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith {
class CopyIndex;
class Tokenizer;
}  // namespace lossmith

namespace lossmith::engine {

/// What a reward may look at.
struct RewardInputs {
    std::string_view problem, solution;  ///< as the row has them
    std::string_view generated;          ///< the completion's text, special tokens left out
    std::int64_t length = 0;             ///< its tokens
    bool ended = false;                  ///< by the end token; false: cut
    LossMoment moment = {};
};

struct RewardValue {
    double total = 0.0;                                 ///< the sum of the parts
    std::vector<std::pair<std::string, double>> parts;  ///< empty for a reward that returns one number
};

/// The arguments that a reward can name, for completion and help: {"problem", "str", "the row's problem"}.
struct RewardArgument {
    const char* name;
    const char* type;
    const char* meaning;
};
[[nodiscard]] const std::vector<RewardArgument>& reward_arguments();

/// The index over the training solutions, made when copied_words(…) is first called: building it sorts all of their words.
using TrainingTexts = std::function<Result<const CopyIndex*>()>;

/// The function called "reward"; null where there is none.
[[nodiscard]] const FunctionSignature* reward_function(const std::vector<FunctionSignature>& functions);

class Reward {
public:
    /// A catalogue entry's source, or the spec's own. BadInput with line and column for what is wrong with the text, an unknown name,
    /// an argument that rewards do not have or a parameter that this one does not have. `tokenizer` is for tokens("…") and may be null,
    /// `training` for copied_words(…) and may be empty: then it is 0. What they refer to must outlive the reward.
    [[nodiscard]] static Result<std::unique_ptr<Reward>> create(const RewardSpec& spec, const Tokenizer* tokenizer,
                                                                const TrainingTexts& training, Observer* observer = nullptr,
                                                                const CancellationToken& cancelled = {});

    /// One completion's reward. Errors have the line; NotFinite for NaN and infinity. In one thread at a time.
    [[nodiscard]] Result<RewardValue> of(const RewardInputs& inputs) const;

    /// How the last of() ended.
    [[nodiscard]] LossFault last_fault() const { return m_interpreter.last_fault(); }

    [[nodiscard]] const FunctionSignature& function() const { return m_function; }

private:
    Reward(RewardSpec spec, Program program, FunctionSignature function, Observer* observer, const CancellationToken& cancelled);

    RewardSpec m_spec;
    Program m_program;
    FunctionSignature m_function;
    mutable Interpreter m_interpreter;
};

}  // namespace lossmith::engine
