#include "core/engine/loss/language/Interpreter.h"

#include <c10/core/GradMode.h>

#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {

struct Interpreter::State {
    Budget budget;
    Observer* observer = nullptr;
    CancellationToken cancellation;
    std::shared_ptr<std::deque<language::NativeFunction>> host = std::make_shared<std::deque<language::NativeFunction>>();
    LossFault fault = LossFault::None;
};

Interpreter::Interpreter(Budget budget, Observer* observer, CancellationToken cancellation) : m_state(std::make_unique<State>()) {
    m_state->budget = budget;
    m_state->observer = observer;
    m_state->cancellation = std::move(cancellation);
}

Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter&&) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&&) noexcept = default;

Result<Value> Interpreter::call(const Program& program, const std::string& function,
                                const std::vector<std::pair<std::string, Value>>& arguments) {
    const bool gradient = c10::GradMode::is_enabled();
    const auto evaluation =
        std::make_shared<language::Evaluation>(program.tree(), m_state->host, m_state->budget, m_state->observer, m_state->cancellation);
    const auto ended = [&](LossFault fault) {
        m_state->fault = fault;
        c10::GradMode::set_enabled(gradient);
        evaluation->finish();
    };
    try {
        Value result = evaluation->run(function, arguments);
        ended(LossFault::None);
        return result;
    } catch (const language::Fault& fault) {
        ended(fault.kind());
        return failure(fault.error());
    } catch (const std::exception& exception) {
        Error error = dynamic_cast<const WrongKind*>(&exception) != nullptr
                          ? Error::bad_input(exception.what()).with_hint("Look at what this function takes.")
                          : error_from(exception);
        const LossFault fault = error.kind == ErrorKind::OutOfMemory ? LossFault::Memory : LossFault::Failed;
        if (evaluation->where != nullptr && evaluation->where->line > 0) {
            error.where.line = evaluation->where->line;
            error.where.column = evaluation->where->column;
        }
        ended(fault);
        return failure(std::move(error));
    }
}

void Interpreter::add_function(std::string name, std::function<Result<Value>(std::span<const Value>)> function) {
    // A new table, since evaluations with a derivative of their own may still look at the old one.
    auto host = std::make_shared<std::deque<language::NativeFunction>>(*m_state->host);
    std::erase_if(*host, [&](const auto& earlier) { return earlier.name == name; });
    language::NativeFunction native;
    native.name = name;
    native.short_name = std::move(name);
    native.host = std::move(function);
    host->push_back(std::move(native));
    m_state->host = std::move(host);
}

LossFault Interpreter::last_fault() const {
    return m_state->fault;
}
void Interpreter::set_budget(Budget budget) {
    m_state->budget = budget;
}
void Interpreter::set_observer(Observer* observer) {
    m_state->observer = observer;
}

}  // namespace lossmith::engine
