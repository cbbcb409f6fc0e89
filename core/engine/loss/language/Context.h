// What a function of the allow-list sees of the evaluation that calls it: the budget, the observer, where it stands.
#pragma once

#include <c10/core/Device.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/engine/loss/language/Fault.h"
#include "core/engine/loss/language/Interpreter.h"
#include "core/engine/loss/language/NativeFunction.h"

namespace lossmith::engine::language {

struct TensorMeter;

class Context {
public:
    Context(const Budget& budget, Observer* observer, CancellationToken cancellation);
    virtual ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const SourceRange* where = nullptr;  ///< the expression at work
    Observer* observer;
    Budget budget;
    c10::Device home = c10::kCPU;  ///< where the arguments lie, and so what is made without a device being named
    int nesting = 0;  ///< of containers in containers, while two are compared

    [[noreturn]] void fail(std::string message, std::string hint = {}) const;
    [[noreturn]] void fail(LossFault kind, std::string message, std::string hint) const;

    /// Counts steps; ends the evaluation when they, the time or the caller's patience are spent.
    void step(std::int64_t count = 1) {
        m_steps += count;
        if (m_steps >= m_next_check) check();
    }
    void check();
    /// Starts the clock and the steps anew.
    void restart();

    // Text and containers, charged to the budget.
    [[nodiscard]] Value text(std::string text);
    [[nodiscard]] Value list(std::vector<Value> items);
    [[nodiscard]] Value tuple(std::vector<Value> items, const std::vector<std::string>* fields = nullptr);
    [[nodiscard]] Value dict(ValueKind kind = ValueKind::Dict);
    /// Refuses what would not fit, before it is made.
    void reserve_text(std::int64_t bytes) const;
    /// For each item that a list is about to hold.
    void reserve_items(std::int64_t count) const;
    /// Charges a list or dict anew after it grew.
    void recharge(const Value& container);
    /// Refuses `item` in `container` when it holds the container itself.
    void refuse_cycle(const Value& container, const Value& item);

    // Tensors.
    void reserve_tensor(double bytes);
    void track(const at::Tensor& tensor);

    void print(const std::string& text);
    void observe(std::string_view name, std::span<const Value> inputs, const Value& output) {
        if (observer != nullptr) observer->on_operator(*where, name, inputs, output);
    }

    [[nodiscard]] virtual Value call(const Value& callee, Arguments arguments, Keywords keywords) = 0;

    /// Python's truth; observed when it reads a tensor.
    [[nodiscard]] bool truth(const Value& value);
    /// Every item of what a for may go over, charged to the budget.
    [[nodiscard]] std::vector<Value> iterate(const Value& value);

protected:
    std::shared_ptr<HostMeter> m_meter;

private:
    std::int64_t m_steps = 0;
    std::int64_t m_next_check = 0;
    std::int64_t m_printed = 0;
    std::chrono::steady_clock::time_point m_end;
    CancellationToken m_cancellation;
    std::unique_ptr<TensorMeter> m_tensors;
};

/// Calls a function of the allow-list; Torch's exceptions become faults with the operands' shapes. Observed.
[[nodiscard]] Value call_native(Context& context, const NativeFunction& function, Arguments arguments, Keywords keywords);

/// "float32 [2, 3]", "int 5", "str".
[[nodiscard]] std::string described(const Value& value);

/// As `repr` and `str` show it.
[[nodiscard]] std::string repr(const Value& value, int depth = 0);
[[nodiscard]] std::string str(const Value& value);
/// As an f-string's {value:spec} does.
[[nodiscard]] std::string formatted(Context& context, const Value& value, std::string_view spec);

}  // namespace lossmith::engine::language
