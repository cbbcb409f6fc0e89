#include "core/engine/loss/language/Value.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/NativeFunction.h"

namespace lossmith::engine {

Value::Value(std::string text) : m_kind(ValueKind::String) {
    auto heap = std::make_shared<language::TextValue>();
    heap->text = std::move(text);
    m_heap = std::move(heap);
}

Value::Value(const at::Tensor& tensor) : m_kind(ValueKind::Tensor), m_heap(std::make_shared<at::Tensor>(tensor)) {}

Value Value::list(std::vector<Value> items) {
    auto heap = std::make_shared<language::ListValue>();
    heap->items = std::move(items);
    return {ValueKind::List, std::move(heap)};
}

Value Value::tuple(std::vector<Value> items) {
    auto heap = std::make_shared<language::TupleValue>();
    heap->items = std::move(items);
    return {ValueKind::Tuple, std::move(heap)};
}

Value Value::dict(const std::vector<std::pair<std::string, Value>>& items) {
    auto heap = std::make_shared<language::DictValue>();
    for (const auto& [key, value] : items) heap->set(Value(key), value);
    return {ValueKind::Dict, std::move(heap)};
}

Value Value::from_json(const Json& json) {
    if (json.is_boolean()) return {json.get<bool>()};
    if (json.is_number_integer()) return {json.get<std::int64_t>()};
    if (json.is_number()) return {json.get<double>()};
    if (json.is_string()) return {json.get<std::string>()};
    if (json.is_array()) {
        std::vector<Value> items;
        for (const Json& item : json) items.push_back(from_json(item));
        return list(std::move(items));
    }
    if (json.is_object()) {
        auto heap = std::make_shared<language::DictValue>();
        for (const auto& [key, value] : json.items()) heap->set(Value(key), from_json(value));
        return {ValueKind::Dict, std::move(heap)};
    }
    return {};
}

Value Value::unbound() {
    Value value;
    value.m_kind = ValueKind::Unbound;
    return value;
}

Value Value::ellipsis() {
    Value value;
    value.m_kind = ValueKind::Ellipsis;
    return value;
}

Value Value::dtype(int type) {
    Value value(static_cast<std::int64_t>(type));
    value.m_kind = ValueKind::Dtype;
    return value;
}

Value Value::native(const language::NativeFunction* function) {
    Value value;
    value.m_kind = ValueKind::Native;
    value.m_plain.pointer = function;
    return value;
}

Value Value::name_space(const language::Namespace* space) {
    Value value;
    value.m_kind = ValueKind::Namespace;
    value.m_plain.pointer = space;
    return value;
}

Value Value::type(const language::TypeValue* type) {
    Value value;
    value.m_kind = ValueKind::Type;
    value.m_plain.pointer = type;
    return value;
}

void Value::wrong_kind(std::string_view wanted) const {
    throw WrongKind("Here must be a " + std::string(wanted) + ", but it is a " + std::string(type_name()) + ".");
}

const std::string& Value::as_string() const {
    if (m_kind != ValueKind::String) wrong_kind("str");
    return heap<language::TextValue>().text;
}

const std::vector<Value>& Value::items() const {
    if (!is_sequence()) wrong_kind("list");
    return m_kind == ValueKind::List ? heap<language::ListValue>().items : heap<language::TupleValue>().items;
}

const std::vector<std::pair<Value, Value>>& Value::pairs() const {
    if (m_kind != ValueKind::Dict && m_kind != ValueKind::Set) wrong_kind("dict");
    return heap<language::DictValue>().pairs;
}

std::string_view Value::type_name() const {
    switch (m_kind) {
        case ValueKind::Unbound: return "nothing";
        case ValueKind::None: return "NoneType";
        case ValueKind::Bool: return "bool";
        case ValueKind::Int: return "int";
        case ValueKind::Float: return "float";
        case ValueKind::String: return "str";
        case ValueKind::List: return "list";
        case ValueKind::Tuple: return "tuple";
        case ValueKind::Dict: return "dict";
        case ValueKind::Set: return "set";
        case ValueKind::Range: return "range";
        case ValueKind::Slice: return "slice";
        case ValueKind::Ellipsis: return "ellipsis";
        case ValueKind::Tensor: return "Tensor";
        case ValueKind::Dtype: return "torch.dtype";
        case ValueKind::Device: return "torch.device";
        case ValueKind::Function:
        case ValueKind::Native:
        case ValueKind::Bound: return "function";
        case ValueKind::Namespace: return "module";
        case ValueKind::Type: return "type";
        case ValueKind::Object: return heap<language::ObjectValue>().type->name;
        case ValueKind::Cell: return "cell";
    }
    return "object";
}

namespace language {
namespace {

// Moves the values inside `value` out when nobody else holds it.
void empty_into(Value& value, std::vector<Value>& pending) {
    if (value.shared().use_count() != 1) return;
    const auto take = [&](std::vector<Value>& items) {
        for (Value& item : items)
            if (item.shared()) pending.push_back(std::move(item));
        items.clear();
    };
    switch (value.kind()) {
        case ValueKind::List: return take(value.heap<ListValue>().items);
        case ValueKind::Tuple: return take(value.heap<TupleValue>().items);
        case ValueKind::Dict:
        case ValueKind::Set:
            for (auto& [key, item] : value.heap<DictValue>().pairs) {
                if (key.shared()) pending.push_back(std::move(key));
                if (item.shared()) pending.push_back(std::move(item));
            }
            value.heap<DictValue>().pairs.clear();
            return;
        case ValueKind::Cell: pending.push_back(std::move(value.heap<Cell>().value)); return;
        case ValueKind::Bound:
            pending.push_back(std::move(value.heap<BoundMethod>().self));
            pending.push_back(std::move(value.heap<BoundMethod>().function));
            return;
        case ValueKind::Slice:
            pending.push_back(std::move(value.heap<SliceValue>().start));
            pending.push_back(std::move(value.heap<SliceValue>().stop));
            pending.push_back(std::move(value.heap<SliceValue>().step));
            return;
        case ValueKind::Object: return take(value.heap<ObjectValue>().values);
        case ValueKind::Function: {
            auto& function = value.heap<FunctionValue>();
            take(function.defaults);
            for (auto& cell : function.cells) pending.emplace_back(ValueKind::Cell, std::move(cell));
            function.cells.clear();
            pending.push_back(std::move(function.backward));
            return;
        }
        default: return;
    }
}

std::size_t hash_of(const Value& key) {
    if (key.is_number()) return std::hash<double>{}(key.as_float());
    if (key.is(ValueKind::String)) return std::hash<std::string>{}(key.as_string());
    if (key.is(ValueKind::Tuple)) {
        std::size_t hash = 17;
        for (const Value& item : key.items()) hash = hash * 1000003U ^ hash_of(item);
        return hash;
    }
    if (key.is(ValueKind::Dtype)) return static_cast<std::size_t>(key.as_dtype());
    return static_cast<std::size_t>(key.kind());
}

bool same_key(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return a.is_integral() && b.is_integral() ? a.as_int() == b.as_int() : a.as_float() == b.as_float();
    if (a.kind() != b.kind()) return false;
    if (a.is(ValueKind::String)) return a.as_string() == b.as_string();
    if (a.is(ValueKind::Tuple)) return std::ranges::equal(a.items(), b.items(), same_key);
    if (a.is(ValueKind::Dtype)) return a.as_dtype() == b.as_dtype();
    return a.is_none() || (a.shared() == b.shared() && a.pointer() == b.pointer());
}

bool key_within(const Value& key, int depth) {
    if (key.is(ValueKind::Tuple))
        return depth < 20 && std::ranges::all_of(key.items(), [depth](const Value& item) { return key_within(item, depth + 1); });
    return key.is_number() || key.is_none() || key.is(ValueKind::String) || key.is(ValueKind::Dtype) || key.is(ValueKind::Type);
}

}  // namespace

void dismantle(std::vector<Value> pending) {
    while (!pending.empty()) {
        Value value = std::move(pending.back());
        pending.pop_back();
        if (value.shared()) empty_into(value, pending);
    }
}

ListValue::~ListValue() {
    if (std::ranges::any_of(items, [](const Value& item) { return item.shared() != nullptr; })) dismantle(std::move(items));
}

TupleValue::~TupleValue() {
    if (std::ranges::any_of(items, [](const Value& item) { return item.shared() != nullptr; })) dismantle(std::move(items));
}

DictValue::~DictValue() {
    std::vector<Value> pending;
    for (auto& [key, item] : pairs) {
        if (key.shared()) pending.push_back(std::move(key));
        if (item.shared()) pending.push_back(std::move(item));
    }
    if (!pending.empty()) dismantle(std::move(pending));
}

Cell::~Cell() {
    if (value.shared()) {
        std::vector<Value> pending;
        pending.push_back(std::move(value));
        dismantle(std::move(pending));
    }
}

FunctionValue::~FunctionValue() {
    std::vector<Value> pending = std::move(defaults);
    for (auto& cell : cells) pending.emplace_back(ValueKind::Cell, std::move(cell));
    pending.push_back(std::move(backward));
    dismantle(std::move(pending));
}

bool DictValue::can_be_key(const Value& key) {
    return key_within(key, 0);
}

std::ptrdiff_t DictValue::position(const Value& key) const {
    const auto [begin, end] = m_positions.equal_range(hash_of(key));
    for (auto at = begin; at != end; ++at)
        if (same_key(pairs[at->second].first, key)) return static_cast<std::ptrdiff_t>(at->second);
    return -1;
}

const Value* DictValue::find(const Value& key) const {
    const std::ptrdiff_t at = position(key);
    return at < 0 ? nullptr : &pairs[static_cast<std::size_t>(at)].second;
}

void DictValue::set(const Value& key, Value value) {
    if (const std::ptrdiff_t at = position(key); at >= 0) {
        pairs[static_cast<std::size_t>(at)].second = std::move(value);
        return;
    }
    m_positions.emplace(hash_of(key), pairs.size());
    pairs.emplace_back(key, std::move(value));
}

bool DictValue::erase(const Value& key) {
    const std::ptrdiff_t at = position(key);
    if (at < 0) return false;
    pairs.erase(pairs.begin() + at);
    m_positions.clear();
    for (std::size_t i = 0; i < pairs.size(); ++i) m_positions.emplace(hash_of(pairs[i].first), i);
    return true;
}

void DictValue::clear() {
    pairs.clear();
    m_positions.clear();
}

std::int64_t RangeValue::size() const {
    // In 128 bits, since stop - start may not fit 64.
    __extension__ using Wide = __int128;
    const auto span = static_cast<Wide>(stop) - start;
    if (step > 0) return span <= 0 ? 0 : static_cast<std::int64_t>(std::min<Wide>((span + step - 1) / step, INT64_MAX));
    return span >= 0 ? 0 : static_cast<std::int64_t>(std::min<Wide>((-span - step - 1) / -static_cast<Wide>(step), INT64_MAX));
}

}  // namespace language
}  // namespace lossmith::engine
