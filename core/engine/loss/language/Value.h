// A value of the loss language: what a name in a typed loss can hold. Containers are shared, as in Python: two names may hold one list.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/Json.h"

namespace at {
class Tensor;
}

namespace lossmith::engine {

enum class ValueKind : std::uint8_t {
    Unbound,  ///< a local that is not yet assigned; never seen by callers
    None,
    Bool,
    Int,
    Float,
    String,
    List,
    Tuple,
    Dict,
    Set,
    Range,
    Slice,
    Ellipsis,
    Tensor,
    Dtype,
    Device,
    Function,   ///< a def or lambda of the program
    Native,     ///< a function of the allow-list or of the host
    Bound,      ///< a method taken from a value
    Namespace,  ///< torch, F, nn, math, …
    Type,       ///< int, float, torch.Tensor, …, as isinstance takes them
    Object,     ///< an nn loss, a Categorical, a regular expression's match
    Cell,       ///< a variable shared with a nested function; never seen by callers
};

/// What an accessor throws when the value is of another kind; Interpreter::call turns it into an error with the line.
class WrongKind : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How many bytes of text and containers one evaluation holds; shared by them, since they may outlive it.
struct HostMeter {
    std::atomic<std::int64_t> alive = 0;
};

/// A container's share of the meter, given back with the container.
class HostCharge {
public:
    HostCharge() = default;
    HostCharge(const HostCharge&) = delete;
    HostCharge& operator=(const HostCharge&) = delete;
    ~HostCharge() { set(0); }
    void begin(const std::shared_ptr<HostMeter>& meter, std::int64_t bytes) {
        m_meter = meter;
        set(bytes);
    }
    void set(std::int64_t bytes) {
        if (m_meter) m_meter->alive += bytes - m_bytes;
        m_bytes = bytes;
    }

private:
    std::shared_ptr<HostMeter> m_meter;
    std::int64_t m_bytes = 0;
};

namespace language {
struct TextValue;
struct ListValue;
struct TupleValue;
struct DictValue;
struct RangeValue;
struct SliceValue;
struct DeviceValue;
struct FunctionValue;
struct NativeFunction;
struct BoundMethod;
struct Namespace;
struct TypeValue;
struct ObjectValue;
struct Cell;
}  // namespace language

class Value {
public:
    Value() : m_kind(ValueKind::None) {}
    Value(bool value) : m_kind(ValueKind::Bool) { m_plain.boolean = value; }
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    Value(Number value) : m_kind(ValueKind::Int) {
        m_plain.integer = static_cast<std::int64_t>(value);
    }
    Value(double value) : m_kind(ValueKind::Float) { m_plain.real = value; }
    Value(std::string text);
    Value(std::string_view text) : Value(std::string(text)) {}
    Value(const char* text) : Value(std::string(text)) {}
    Value(const at::Tensor& tensor);
    Value(ValueKind kind, std::shared_ptr<void> heap) : m_kind(kind), m_heap(std::move(heap)) {}

    [[nodiscard]] static Value list(std::vector<Value> items);
    [[nodiscard]] static Value tuple(std::vector<Value> items);
    /// Text keys, in this order.
    [[nodiscard]] static Value dict(const std::vector<std::pair<std::string, Value>>& items);
    [[nodiscard]] static Value from_json(const Json& json);
    [[nodiscard]] static Value unbound();
    [[nodiscard]] static Value ellipsis();
    /// `type` is at::ScalarType's number.
    [[nodiscard]] static Value dtype(int type);
    [[nodiscard]] static Value native(const language::NativeFunction* function);
    [[nodiscard]] static Value name_space(const language::Namespace* space);
    [[nodiscard]] static Value type(const language::TypeValue* type);

    [[nodiscard]] ValueKind kind() const { return m_kind; }
    [[nodiscard]] bool is(ValueKind kind) const { return m_kind == kind; }
    [[nodiscard]] bool is_none() const { return m_kind == ValueKind::None; }
    [[nodiscard]] bool is_tensor() const { return m_kind == ValueKind::Tensor; }
    /// bool, int or float.
    [[nodiscard]] bool is_number() const { return m_kind == ValueKind::Bool || m_kind == ValueKind::Int || m_kind == ValueKind::Float; }
    /// bool or int.
    [[nodiscard]] bool is_integral() const { return m_kind == ValueKind::Bool || m_kind == ValueKind::Int; }
    [[nodiscard]] bool is_sequence() const { return m_kind == ValueKind::List || m_kind == ValueKind::Tuple; }

    // Numbers convert among themselves; the others throw WrongKind where the value is of another kind.
    [[nodiscard]] bool as_bool() const { return m_kind == ValueKind::Bool ? m_plain.boolean : as_int() != 0; }
    [[nodiscard]] std::int64_t as_int() const { return m_kind == ValueKind::Bool ? std::int64_t{m_plain.boolean} : m_plain.integer; }
    [[nodiscard]] double as_float() const { return m_kind == ValueKind::Float ? m_plain.real : static_cast<double>(as_int()); }
    [[nodiscard]] const std::string& as_string() const;
    [[nodiscard]] const at::Tensor& as_tensor() const {
        if (m_kind != ValueKind::Tensor) [[unlikely]]
            wrong_kind("Tensor");
        return *static_cast<const at::Tensor*>(m_heap.get());
    }
    /// A list's or tuple's items.
    [[nodiscard]] const std::vector<Value>& items() const;
    /// A dict's pairs of key and value, in the order of insertion.
    [[nodiscard]] const std::vector<std::pair<Value, Value>>& pairs() const;
    [[nodiscard]] int as_dtype() const { return static_cast<int>(m_plain.integer); }

    /// "list", "Tensor", "function", … as Python names it.
    [[nodiscard]] std::string_view type_name() const;

    // For the interpreter's own files.
    template <typename Heap>
    [[nodiscard]] Heap& heap() const {
        return *static_cast<Heap*>(m_heap.get());
    }
    template <typename Plain>
    [[nodiscard]] const Plain& plain() const {
        return *static_cast<const Plain*>(m_plain.pointer);
    }
    [[nodiscard]] const std::shared_ptr<void>& shared() const { return m_heap; }
    [[nodiscard]] const void* pointer() const { return m_plain.pointer; }

private:
    [[noreturn]] void wrong_kind(std::string_view wanted) const;

    ValueKind m_kind;
    union {
        bool boolean;
        std::int64_t integer;
        double real;
        const void* pointer;
    } m_plain{.integer = 0};
    std::shared_ptr<void> m_heap;
};

namespace language {

struct TextValue {
    std::string text;
    HostCharge charge;
};

struct ListValue {
    std::vector<Value> items;
    HostCharge charge;
    ~ListValue();
};

struct TupleValue {
    std::vector<Value> items;
    const std::vector<std::string>* fields = nullptr;  ///< the names of a named tuple (values, indices); lives for ever
    HostCharge charge;
    ~TupleValue();
};

/// Keeps the order of insertion. Keys are hashed as Python does: 1, 1.0 and True are one key. Also a set, whose values are None.
struct DictValue {
    std::vector<std::pair<Value, Value>> pairs;
    HostCharge charge;
    ~DictValue();

    /// Whether a value can be a key: a tensor or a list cannot.
    [[nodiscard]] static bool can_be_key(const Value& key);
    [[nodiscard]] const Value* find(const Value& key) const;
    void set(const Value& key, Value value);
    bool erase(const Value& key);
    void clear();

private:
    [[nodiscard]] std::ptrdiff_t position(const Value& key) const;
    std::unordered_multimap<std::size_t, std::size_t> m_positions;
};

struct RangeValue {
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t step = 1;
    [[nodiscard]] std::int64_t size() const;
};

struct SliceValue {
    Value start, stop, step;
};

struct DeviceValue {
    std::string type;
    int index = -1;
};

struct Cell {
    Value value = Value::unbound();
    ~Cell();
};

struct BoundMethod {
    Value self;
    Value function;
};

struct TypeValue {
    std::string name;
    std::vector<ValueKind> kinds;                 ///< of which values isinstance says True
    const NativeFunction* constructor = nullptr;  ///< what calling it does; null where it cannot be called
};

/// Takes values apart without recursion, so that a chain of a million lists ends quietly.
void dismantle(std::vector<Value> values);

}  // namespace language
}  // namespace lossmith::engine
