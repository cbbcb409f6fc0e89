// Runs a typed loss step by step over PyTorch's operators. Nothing runs but what AllowList.cpp and its neighbours name.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/engine/loss/language/Budget.h"
#include "core/engine/loss/language/Program.h"
#include "core/engine/loss/language/Value.h"

namespace lossmith::engine {

/// What looks on while a loss runs. Every method has an empty default; without an observer nothing is spent on this.
class Observer {
public:
    virtual ~Observer() = default;
    /// After each operator, function or method, by Python's name for it: "argmax", "cross_entropy". The operators of the syntax have
    /// PyTorch's names: "add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "matmul", "neg", "eq", "ne", "lt", "le", "gt",
    /// "ge", "bitwise_and", …, "getitem", "setitem"; a tensor that becomes a truth value is "bool", a number "item", "int" or "float".
    /// Attributes that compute (T, mT, data) are named so. In-place methods end in "_". "no_grad" and "enable_grad" have no inputs and
    /// the value True when their block begins, False when it ends. For setitem the inputs are container, index, value.
    virtual void on_operator(const SourceRange& /*where*/, std::string_view /*name*/, std::span<const Value> /*inputs*/,
                             const Value& /*output*/) {}
    /// After each assignment to a name (its name), item ("[]"), return ("return") and expression statement ("").
    virtual void on_statement(const SourceRange& /*where*/, std::string_view /*target*/, const Value& /*value*/) {}
    virtual void on_print(const SourceRange& /*where*/, std::string_view /*text*/) {}
};

/// One at a time in one thread. A loss with a derivative of its own (`@gradient`) keeps what it needs alive in the graph; backward runs
/// under a fresh budget of the same size, and what goes wrong there is thrown from Torch's backward as a std::exception whose text
/// has the line.
class Interpreter {
public:
    explicit Interpreter(Budget budget = {}, Observer* observer = nullptr, CancellationToken cancellation = {});
    ~Interpreter();
    Interpreter(Interpreter&&) noexcept;
    Interpreter& operator=(Interpreter&&) noexcept;

    /// Runs the program's top level, then its function `function` with arguments by name.
    [[nodiscard]] Result<Value> call(const Program& program, const std::string& function,
                                     const std::vector<std::pair<std::string, Value>>& arguments);

    /// A function of the host's, called by name from the loss, with positional arguments. A definition in the program goes before it.
    void add_function(std::string name, std::function<Result<Value>(std::span<const Value>)> function);

    /// How the last call ended.
    [[nodiscard]] LossFault last_fault() const;

    /// Whose budget the next call has.
    void set_budget(Budget budget);
    void set_observer(Observer* observer);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Values as Python's print shows them; tensors shortened.
[[nodiscard]] std::string shown(const Value& value);

/// What `torch.`, `Tensor.`, `F.` … offer, for completion: "torch.softmax", "Tensor.sum", "F.cross_entropy", "len".
[[nodiscard]] std::vector<std::string> allowed_names();

}  // namespace lossmith::engine
