#include "core/engine/loss/language/Context.h"

#include <ATen/core/Tensor.h>
#include <c10/core/StorageImpl.h>

#include <algorithm>

#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

constexpr std::int64_t kStepsBetweenChecks = 64;
constexpr std::int64_t kItemBytes = 32;

std::string in_words(double bytes) {
    char text[64];
    if (bytes >= 1e9)
        std::snprintf(text, sizeof text, "%.1f GB", bytes / 1e9);
    else if (bytes >= 1e6)
        std::snprintf(text, sizeof text, "%.1f MB", bytes / 1e6);
    else
        std::snprintf(text, sizeof text, "%.0f KB", bytes / 1e3);
    return text;
}

}  // namespace

/// The storages made during an evaluation, watched without keeping them.
struct TensorMeter {
    struct Entry {
        c10::weak_intrusive_ptr<c10::StorageImpl> storage;
        std::int64_t bytes;
    };
    std::vector<Entry> entries;
    std::int64_t bytes = 0;  // of those alive at the last sweep and all made since

    void sweep() {
        std::erase_if(entries, [](const Entry& entry) { return entry.storage.expired(); });
        bytes = 0;
        for (const auto& entry : entries) bytes += entry.bytes;
    }
};

Context::Context(const Budget& given, Observer* looking, CancellationToken cancellation)
    : observer(looking),
      budget(given),
      m_meter(std::make_shared<HostMeter>()),
      m_cancellation(std::move(cancellation)),
      m_tensors(std::make_unique<TensorMeter>()) {
    restart();
}

Context::~Context() = default;

void Context::restart() {
    m_steps = 0;
    m_printed = 0;
    m_next_check = std::min(kStepsBetweenChecks, budget.steps);
    const double seconds = std::clamp(budget.seconds, 0.0, 1e8);
    m_end = std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

void Context::fail(std::string message, std::string hint) const {
    throw Fault(LossFault::Failed, std::move(message), std::move(hint), where != nullptr ? *where : SourceRange{});
}

void Context::fail(LossFault kind, std::string message, std::string hint) const {
    throw Fault(kind, std::move(message), std::move(hint), where != nullptr ? *where : SourceRange{});
}

void Context::check() {
    if (m_cancellation.is_cancelled()) fail(LossFault::Cancelled, "Cancelled.", {});
    if (m_steps > budget.steps)
        fail(LossFault::Timeout, "The loss took more than " + std::to_string(budget.steps) + " steps; it was stopped here.",
             "Look for a loop that never ends, or compute with whole tensors instead of loops.");
    if (std::chrono::steady_clock::now() > m_end) {
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "%g", budget.seconds);
        fail(LossFault::Timeout, std::string("The loss took longer than ") + seconds + " seconds; it was stopped here.",
             "Look for a loop that never ends, or compute with whole tensors instead of loops.");
    }
    m_next_check = std::min(m_steps + kStepsBetweenChecks, std::max(budget.steps, m_steps) + 1);
}

void Context::reserve_text(std::int64_t bytes) const {
    if (bytes < 4096 && m_meter->alive < budget.text_bytes) return;
    if (m_meter->alive + bytes > budget.text_bytes)
        fail(LossFault::Memory,
             "This would need " + in_words(static_cast<double>(bytes)) + " of text or list; the loss may hold " +
                 in_words(static_cast<double>(budget.text_bytes)) + ".",
             "Use a tensor, or a shorter text or list.");
}

void Context::reserve_items(std::int64_t count) const {
    if (count > budget.text_bytes) count = budget.text_bytes;
    reserve_text(count * kItemBytes);
}

Value Context::text(std::string content) {
    const auto bytes = static_cast<std::int64_t>(content.size()) + 96;
    reserve_text(bytes);
    auto heap = std::make_shared<TextValue>();
    heap->text = std::move(content);
    heap->charge.begin(m_meter, bytes);
    return {ValueKind::String, std::move(heap)};
}

Value Context::list(std::vector<Value> items) {
    const auto bytes = static_cast<std::int64_t>(items.size()) * kItemBytes + 96;
    reserve_text(bytes);
    auto heap = std::make_shared<ListValue>();
    heap->items = std::move(items);
    heap->charge.begin(m_meter, bytes);
    return {ValueKind::List, std::move(heap)};
}

Value Context::tuple(std::vector<Value> items, const std::vector<std::string>* fields) {
    const auto bytes = static_cast<std::int64_t>(items.size()) * kItemBytes + 96;
    reserve_text(bytes);
    auto heap = std::make_shared<TupleValue>();
    heap->items = std::move(items);
    heap->fields = fields;
    heap->charge.begin(m_meter, bytes);
    return {ValueKind::Tuple, std::move(heap)};
}

Value Context::dict(ValueKind kind) {
    auto heap = std::make_shared<DictValue>();
    heap->charge.begin(m_meter, 160);
    return {kind, std::move(heap)};
}

void Context::recharge(const Value& container) {
    if (container.is(ValueKind::List)) {
        auto& list = container.heap<ListValue>();
        list.charge.set(static_cast<std::int64_t>(list.items.size()) * kItemBytes + 96);
    } else {
        auto& dict = container.heap<DictValue>();
        dict.charge.set(static_cast<std::int64_t>(dict.pairs.size()) * kItemBytes * 5 + 160);
    }
    if (m_meter->alive > budget.text_bytes)
        fail(LossFault::Memory, "The loss holds more than " + in_words(static_cast<double>(budget.text_bytes)) + " of text and lists.",
             "Use tensors, or keep less.");
}

void Context::refuse_cycle(const Value& container, const Value& item) {
    // Walks what `item` holds with a list of its own, since it may be deep.
    std::vector<Value> pending = {item};
    while (!pending.empty()) {
        const Value value = std::move(pending.back());
        pending.pop_back();
        if (value.shared() != nullptr && value.shared() == container.shared())
            fail("A container cannot hold itself here.", "Put a copy of it in: list(x), dict(x).");
        const auto add = [&](const Value& inner) {
            if (inner.is_sequence() || inner.is(ValueKind::Dict) || inner.is(ValueKind::Function) || inner.is(ValueKind::Bound) ||
                inner.is(ValueKind::Object))
                pending.push_back(inner);
        };
        if (value.is_sequence()) {
            step(static_cast<std::int64_t>(value.items().size() / 16) + 1);
            for (const Value& inner : value.items()) add(inner);
        } else if (value.is(ValueKind::Dict)) {
            step(static_cast<std::int64_t>(value.pairs().size() / 16) + 1);
            for (const auto& [key, inner] : value.pairs()) add(inner);
        } else if (value.is(ValueKind::Function)) {
            for (const Value& inner : value.heap<FunctionValue>().defaults) add(inner);
        } else if (value.is(ValueKind::Bound)) {
            add(value.heap<BoundMethod>().self);
        } else if (value.is(ValueKind::Object)) {
            for (const Value& inner : value.heap<ObjectValue>().values) add(inner);
        }
    }
}

void Context::reserve_tensor(double bytes) {
    check();
    if (bytes < 4096) return;
    const auto limit = static_cast<double>(budget.tensor_bytes);
    if (static_cast<double>(m_tensors->bytes) + bytes <= limit) return;
    m_tensors->sweep();
    if (static_cast<double>(m_tensors->bytes) + bytes <= limit) return;
    std::string message = "This makes a tensor of " + in_words(bytes);
    if (m_tensors->bytes > 0) message += " beside " + in_words(static_cast<double>(m_tensors->bytes)) + " already held";
    fail(LossFault::Memory, message + "; the loss may use " + in_words(limit) + ".",
         "Look at the shapes: a missing index or dimension often multiplies two large sizes.");
}

void Context::track(const at::Tensor& tensor) {
    if (!tensor.defined() || !tensor.has_storage()) return;
    const auto bytes = static_cast<std::int64_t>(tensor.storage().nbytes());
    m_tensors->bytes += bytes;
    m_tensors->entries.push_back({tensor.storage().getWeakStorageImpl(), bytes});
    if (m_tensors->entries.size() % 4096 == 0) m_tensors->sweep();
}

void Context::print(const std::string& text) {
    m_printed += static_cast<std::int64_t>(text.size());
    if (m_printed > budget.printed_bytes)
        fail(LossFault::Memory,
             "The loss printed more than " + in_words(static_cast<double>(budget.printed_bytes)) + "; it was stopped here.",
             "Print less, or only when step % 100 == 0.");
    if (observer != nullptr) observer->on_print(where != nullptr ? *where : SourceRange{}, text);
}

bool Context::truth(const Value& value) {
    switch (value.kind()) {
        case ValueKind::None: return false;
        case ValueKind::Bool:
        case ValueKind::Int: return value.as_int() != 0;
        case ValueKind::Float: return value.as_float() != 0;
        case ValueKind::String: return !value.as_string().empty();
        case ValueKind::List:
        case ValueKind::Tuple: return !value.items().empty();
        case ValueKind::Dict:
        case ValueKind::Set: return !value.pairs().empty();
        case ValueKind::Range: return value.heap<RangeValue>().size() != 0;
        case ValueKind::Tensor: {
            const at::Tensor& tensor = value.as_tensor();
            if (tensor.numel() > 1)
                fail("Boolean value of Tensor with more than one value is ambiguous: `" + described(value) + "` is neither True nor False.",
                     "Write .any() or .all(), or torch.where(condition, a, b) to choose element by element.");
            const Value result(tensor.numel() == 1 && tensor.is_nonzero());
            observe("bool", {&value, 1}, result);
            return result.as_bool();
        }
        default: return true;
    }
}

std::vector<Value> Context::iterate(const Value& value) {
    switch (value.kind()) {
        case ValueKind::List:
        case ValueKind::Tuple: return value.items();
        case ValueKind::Dict:
        case ValueKind::Set: {
            std::vector<Value> keys;
            keys.reserve(value.pairs().size());
            for (const auto& [key, item] : value.pairs()) keys.push_back(key);
            return keys;
        }
        case ValueKind::Range: {
            const auto& range = value.heap<RangeValue>();
            const std::int64_t size = range.size();
            reserve_items(size);
            step(size / 16);
            std::vector<Value> items;
            items.reserve(static_cast<std::size_t>(size));
            for (std::int64_t i = 0; i < size; ++i) items.emplace_back(range.start + i * range.step);
            return items;
        }
        case ValueKind::String: {
            const std::string& text_value = value.as_string();
            reserve_text(static_cast<std::int64_t>(text_value.size()) * 160);
            step(static_cast<std::int64_t>(text_value.size() / 8));
            std::vector<Value> items;
            for (std::size_t at = 0; at < text_value.size();) {
                std::size_t length = 1;
                while (at + length < text_value.size() && (static_cast<unsigned char>(text_value[at + length]) & 0xC0U) == 0x80U) ++length;
                items.push_back(text(text_value.substr(at, length)));
                at += length;
            }
            return items;
        }
        case ValueKind::Tensor: {
            const at::Tensor& tensor = value.as_tensor();
            if (tensor.dim() == 0) fail("iteration over a 0-d tensor: a single number has no items.", "Use the number itself.");
            reserve_items(tensor.size(0) * 20);
            const Value parts = op(*this, "unbind", {value, Value(0)});
            return parts.items();
        }
        default:
            fail("'" + std::string(value.type_name()) +
                     "' object is not iterable: only lists, tuples, dicts, ranges, strings and tensors can be gone through.",
                 "");
    }
}

Value call_native(Context& context, const NativeFunction& function, Arguments arguments, Keywords keywords) {
    context.step();
    const SourceRange* where = context.where;
    Value result;
    if (function.host) {
        if (!keywords.empty()) context.fail("`" + function.name + "` takes its arguments by position only.", "Leave the names out.");
        Result<Value> outcome = function.host(arguments);
        if (!outcome) context.fail(outcome.error().message, outcome.error().hint);
        result = std::move(*outcome);
    } else if (function.raw != nullptr) {
        result = function.raw(context, function, arguments, keywords);
    } else {
        std::vector<Value> bound = bind(context, function, arguments, keywords);
        result = function.bound(context, function, bound);
    }
    context.where = where;
    // torch.no_grad() by itself does nothing yet; its block is reported where it begins and ends.
    const bool mode = result.is(ValueKind::Object) && result.heap<ObjectValue>().type->name == kGradModeType;
    if (context.observer != nullptr && !mode) {
        std::vector<Value> inputs(arguments.begin(), arguments.end());
        for (const auto& keyword : keywords) inputs.push_back(keyword.value);
        context.observer->on_operator(*where, function.short_name, inputs, result);
    }
    return result;
}

}  // namespace lossmith::engine::language
