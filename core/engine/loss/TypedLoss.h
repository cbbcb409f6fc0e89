// A loss that a user typed, or the catalogue's source, behind the interface that the trainer knows.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/loss/LoadedArguments.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/loss/language/Interpreter.h"

namespace lossmith::engine {

/// How one returned value counts.
enum class LossForm {
    Scalar,       ///< a mean: it counts once for each labelled token
    PerToken,     ///< [rows, tokens] (or [n]): places without a label are left out
    PerLabelled,  ///< [labelled]: one for each labelled token
    PerRow,       ///< [rows]
};

/// The function of a program that is the loss: `loss`, else the only one, else the last one that names logits.
[[nodiscard]] Result<FunctionSignature> loss_function(const Program& program);

/// The names that a loss function may ask for, with their shapes in words, in the order they are shown.
struct LossArgument {
    const char* name;
    const char* shape;  ///< "[B, T, V]"
    const char* about;
};
[[nodiscard]] const std::vector<LossArgument>& loss_arguments();

/// The arguments for a call, by name: what the function asks for of `inputs` in rows or (as one row) of labelled tokens, and the
/// parameters, `loaded` before what they say. `labels` "unshifted" moves the labels one place on, as Hugging Face has them. Missing or
/// unknown names are errors with their line.
[[nodiscard]] Result<std::vector<std::pair<std::string, Value>>> arguments_for(const FunctionSignature& function, const LossInputs& inputs,
                                                                               const Json& parameters, const std::string& labels,
                                                                               const LoadedArguments& loaded = {});

/// The returned value as named tensors; one without a name ("") when it is no dictionary. Numbers become tensors.
[[nodiscard]] Result<std::vector<std::pair<std::string, at::Tensor>>> returned_parts(const Value& value, const FunctionSignature& function);

/// How a part of this shape counts for rows × tokens with `labelled` labels; an error where it cannot be told.
[[nodiscard]] Result<LossForm> form_of(const at::Tensor& part, const LossInputs& inputs);

/// Row where every part is a value for each row; meaningful for two rows and more.
[[nodiscard]] Result<LossUnit> unit_of(const std::vector<std::pair<std::string, at::Tensor>>& parts, const LossInputs& inputs);

/// The parts' sums over the labelled tokens (or rows), and theirs; the whole is differentiable.
[[nodiscard]] Result<LossValue> add_up(const std::vector<std::pair<std::string, at::Tensor>>& parts, const LossInputs& inputs,
                                       LossUnit unit);

/// How many labelled tokens or rows.
[[nodiscard]] double units_in(const LossInputs& inputs, LossUnit unit);

/// Makes what a loss draws at random a function of the batch and the step, so that a resumed run draws the same.
void seed_draws(const LossInputs& inputs);

class TypedLoss final : public Loss {
public:
    /// Parses, tries the loss on made-up logits of the setting's size, and finds out its unit and whether it is separable by token.
    [[nodiscard]] static Result<std::unique_ptr<Loss>> create(const LossSpec& spec, const LossSetting& setting);

    [[nodiscard]] bool separable_by_token() const override { return m_separable; }
    [[nodiscard]] LossUnit unit() const override { return m_unit; }
    [[nodiscard]] LossNeeds needs() const override { return m_needs; }
    [[nodiscard]] Result<LossValue> evaluate(const LossInputs& inputs) const override;

private:
    TypedLoss(LossSpec spec, Program program, FunctionSignature function, const LossSetting& setting);
    [[nodiscard]] Status find_out(const LossSetting& setting);

    LossSpec m_spec;
    Program m_program;
    FunctionSignature m_function;
    LoadedArguments m_loaded;
    LossNeeds m_needs;
    LossUnit m_unit = LossUnit::Token;
    bool m_separable = false;
    mutable Interpreter m_interpreter;
};

/// The host's functions that every typed loss may call: tokens("text") gives the text's ids.
void add_host_functions(Interpreter& interpreter, const Tokenizer* tokenizer);

}  // namespace lossmith::engine
