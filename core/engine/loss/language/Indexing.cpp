// x[index], x[index] = value and del x[index].
#include <ATen/TensorIndexing.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {

Value tensor_from_values(Context& context, const Value& data, const Value& dtype, const Value& device);

namespace {

using at::indexing::TensorIndex;

std::int64_t slice_bound(Context& context, const Value& value, std::int64_t otherwise) {
    return value.is_none() ? otherwise : whole(context, value, "A bound of this slice");
}

struct SliceBounds {
    std::int64_t start, stop, step;
};

// Python's rules for a sequence of `size` items.
SliceBounds bounds_of(Context& context, const SliceValue& slice, std::int64_t size) {
    const std::int64_t step = slice_bound(context, slice.step, 1);
    if (step == 0) context.fail("slice step cannot be zero.", "Leave the step out, or write 1.");
    const auto clamp = [&](const Value& value, std::int64_t otherwise) {
        if (value.is_none()) return otherwise;
        std::int64_t at = whole(context, value, "A bound of this slice");
        if (at < 0) at = at < -size ? (step < 0 ? -1 : 0) : at + size;
        return std::clamp<std::int64_t>(at, step < 0 ? -1 : 0, step < 0 ? size - 1 : size);
    };
    return {clamp(slice.start, step < 0 ? size - 1 : 0), clamp(slice.stop, step < 0 ? -1 : size),
            std::clamp<std::int64_t>(step, -(std::int64_t{1} << 40), std::int64_t{1} << 40)};
}

std::vector<std::int64_t> positions(const SliceBounds& bounds) {
    std::vector<std::int64_t> at;
    if (bounds.step > 0)
        for (std::int64_t i = bounds.start; i < bounds.stop; i += bounds.step) at.push_back(i);
    else
        for (std::int64_t i = bounds.start; i > bounds.stop; i += bounds.step) at.push_back(i);
    return at;
}

TensorIndex index_from(Context& context, const Value& index) {
    switch (index.kind()) {
        case ValueKind::None: return {at::indexing::None};
        case ValueKind::Ellipsis: return {at::indexing::Ellipsis};
        case ValueKind::Bool: return {index.as_bool()};
        case ValueKind::Int: return {index.as_int()};
        case ValueKind::Tensor: return {index.as_tensor()};
        case ValueKind::List:
        case ValueKind::Tuple: return {tensor_from_values(context, index, {}, {}).as_tensor()};
        case ValueKind::Range: return {tensor_from_values(context, context.list(context.iterate(index)), {}, {}).as_tensor()};
        case ValueKind::Slice: {
            const auto& slice = index.heap<SliceValue>();
            const std::int64_t step = slice_bound(context, slice.step, 1);
            if (step <= 0)
                context.fail("step must be greater than zero: a tensor's slice goes forwards.",
                             "Turn the dimension round with .flip(dim).");
            const std::int64_t start = slice_bound(context, slice.start, 0);
            const std::int64_t stop = slice_bound(context, slice.stop, INT64_MAX);
            return {at::indexing::Slice(start, stop, step)};
        }
        default:
            context.fail("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got " +
                             std::string(index.type_name()) + ").",
                         "Index with whole numbers or masks.");
    }
}

std::vector<TensorIndex> indices_from(Context& context, const Value& index) {
    std::vector<TensorIndex> indices;
    if (index.is(ValueKind::Tuple)) {
        for (const Value& one : index.items()) indices.push_back(index_from(context, one));
    } else {
        indices.push_back(index_from(context, index));
    }
    return indices;
}

// What indexing by tensors makes at most; plain views make nothing.
double gathered_bytes(const at::Tensor& tensor, const std::vector<TensorIndex>& indices) {
    double chosen = 1;
    double rest = static_cast<double>(tensor.numel());
    bool gathers = false;
    std::int64_t dimension = 0;
    for (const auto& index : indices) {
        if (index.is_tensor()) {
            gathers = true;
            const bool mask = index.tensor().scalar_type() == at::kBool || index.tensor().scalar_type() == at::kByte;
            const std::int64_t covers = mask ? index.tensor().dim() : 1;
            for (std::int64_t i = 0; i < covers && dimension < tensor.dim(); ++i)
                rest /= static_cast<double>(std::max<std::int64_t>(tensor.size(dimension++), 1));
            chosen = std::max(chosen, static_cast<double>(index.tensor().numel()));
        } else if (index.is_integer() || index.is_slice()) {
            ++dimension;
        } else if (index.is_ellipsis()) {
            std::int64_t after = 0;
            for (const auto* later = &index + 1; later != indices.data() + indices.size(); ++later)
                after += later->is_none() || later->is_boolean()                            ? 0
                         : later->is_tensor() && later->tensor().scalar_type() == at::kBool ? later->tensor().dim()
                                                                                            : 1;
            dimension = std::max(dimension, tensor.dim() - after);
        }
    }
    return gathers ? chosen * rest * static_cast<double>(tensor.element_size()) : 0;
}

/// tensor[indices]. The usual index of losses, one mask over the leading dimensions, is taken row by row: that copies and gives gradient
/// back in whole rows, where the general way goes element by element; and a mask that leaves nothing out is a plain copy.
at::Tensor indexed(const at::Tensor& tensor, const std::vector<TensorIndex>& indices) {
    const bool one_mask = indices.size() == 1 && indices.front().is_tensor() && indices.front().tensor().scalar_type() == at::kBool;
    if (!one_mask) return tensor.index(indices);
    const at::Tensor& mask = indices.front().tensor();
    const std::int64_t covered = mask.dim();
    const bool rows = covered > 0 && tensor.dim() > covered && mask.sizes() == tensor.sizes().slice(0, static_cast<std::size_t>(covered));
    if (!rows) return tensor.index(indices);
    const at::Tensor lines = tensor.flatten(0, covered - 1);
    const at::Tensor chosen = mask.flatten().nonzero().squeeze(1);
    return chosen.size(0) == mask.numel() ? lines.clone() : lines.index_select(0, chosen);
}

template <typename Work>
auto index_guarded(Context& context, const at::Tensor& tensor, Work work) {
    try {
        return work();
    } catch (const c10::Error& error) {
        std::string text = error.what_without_backtrace();
        if (const std::size_t end = text.find('\n'); end != std::string::npos) text.resize(end);
        if (!text.empty() && text.back() != '.') text += '.';
        context.fail(text + " (The indexed tensor is " + described(Value(tensor)) + ".)",
                     "Compare the index with the shape; indices count from 0.");
    }
}

std::string index_error(std::string_view what) {
    return std::string(what) + " index out of range";
}

std::int64_t position_in(Context& context, const Value& index, std::size_t size, std::string_view what) {
    if (!index.is_integral() && !index.is_tensor())
        context.fail(std::string(what) + " indices must be integers or slices, not " + std::string(index.type_name()) + ".",
                     "Convert it with int().");
    std::int64_t at = whole(context, index, "An index");
    const auto count = static_cast<std::int64_t>(size);
    if (at < 0) at += count;
    if (at < 0 || at >= count)
        context.fail(index_error(what) + ": index " + std::to_string(at < 0 ? at - count : at) + " in a " + std::string(what) + " of " +
                         std::to_string(size) + ".",
                     "Indices count from 0; -1 is the last.");
    return at;
}

bool is_ascii(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Value text_item(Context& context, const Value& container, const Value& index) {
    const std::string& text = container.as_string();
    // Where each character begins, when some take several bytes
    std::vector<std::size_t> starts;
    const bool ascii = is_ascii(text);
    context.step(static_cast<std::int64_t>(text.size() / 256));
    if (!ascii) {
        context.reserve_text(static_cast<std::int64_t>(text.size()) * 8);
        for (std::size_t i = 0; i < text.size(); ++i)
            if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) starts.push_back(i);
        starts.push_back(text.size());
    }
    const std::size_t count = ascii ? text.size() : starts.size() - 1;
    const auto character = [&](std::size_t i) { return ascii ? text.substr(i, 1) : text.substr(starts[i], starts[i + 1] - starts[i]); };
    if (!index.is(ValueKind::Slice)) return context.text(character(static_cast<std::size_t>(position_in(context, index, count, "string"))));
    const SliceBounds bounds = bounds_of(context, index.heap<SliceValue>(), static_cast<std::int64_t>(count));
    if (bounds.step == 1) {
        if (bounds.stop <= bounds.start) return context.text({});
        const auto from = static_cast<std::size_t>(bounds.start);
        const auto to = static_cast<std::size_t>(bounds.stop);
        return context.text(ascii ? text.substr(from, to - from) : text.substr(starts[from], starts[to] - starts[from]));
    }
    std::string result;
    for (const std::int64_t at : positions(bounds)) result += character(static_cast<std::size_t>(at));
    return context.text(std::move(result));
}

[[noreturn]] void missing_key(const Context& context, const Value& key) {
    context.fail("KeyError: the dictionary has no key " + repr(key) + ".", "Use .get(key, default), or check with `in`.");
}

void check_key(const Context& context, const Value& key) {
    if (!DictValue::can_be_key(key))
        context.fail("unhashable type: '" + std::string(key.type_name()) + "' cannot be a key.",
                     key.is_tensor() ? "Use the number: int(x)." : "Use a number, a text or a tuple of these.");
}

// The value for x[mask] = value: a number takes the tensor's own type, as PyTorch does.
at::Tensor value_for(Context& context, const at::Tensor& tensor, const Value& value) {
    if (value.is_tensor()) return value.as_tensor();
    if (value.is_sequence())
        return tensor_from_values(context, value, Value::dtype(static_cast<int>(tensor.scalar_type())), {}).as_tensor();
    if (!value.is_number())
        context.fail("can't assign a " + std::string(value.type_name()) + " to a tensor.", "Assign a number or a tensor.");
    return tensor_from_values(context, value, Value::dtype(static_cast<int>(tensor.scalar_type())), {}).as_tensor();
}

}  // namespace

Value get_item(Context& context, const Value& container, const Value& index) {
    context.step();
    switch (container.kind()) {
        case ValueKind::Tensor: {
            const at::Tensor& tensor = container.as_tensor();
            const auto indices = indices_from(context, index);
            const double bytes = gathered_bytes(tensor, indices);
            context.reserve_tensor(bytes);
            Value result = index_guarded(context, tensor, [&] { return Value(indexed(tensor, indices)); });
            if (bytes > 0) context.track(result.as_tensor());
            if (context.observer != nullptr) {
                const Value pair[] = {container, index};
                context.observe("getitem", pair, result);
            }
            return result;
        }
        case ValueKind::List:
        case ValueKind::Tuple: {
            const auto& items = container.items();
            if (!index.is(ValueKind::Slice))
                return items[static_cast<std::size_t>(position_in(context, index, items.size(), container.type_name()))];
            std::vector<Value> part;
            for (const std::int64_t at : positions(bounds_of(context, index.heap<SliceValue>(), static_cast<std::int64_t>(items.size()))))
                part.push_back(items[static_cast<std::size_t>(at)]);
            context.step(static_cast<std::int64_t>(part.size() / 16));
            return container.is(ValueKind::List) ? context.list(std::move(part)) : context.tuple(std::move(part));
        }
        case ValueKind::String: return text_item(context, container, index);
        case ValueKind::Dict: {
            check_key(context, index);
            const Value* found = container.heap<DictValue>().find(index);
            if (found == nullptr) missing_key(context, index);
            return *found;
        }
        case ValueKind::Range: {
            const auto& range = container.heap<RangeValue>();
            if (index.is(ValueKind::Slice)) return get_item(context, context.list(context.iterate(container)), index);
            return {range.start + position_in(context, index, static_cast<std::size_t>(range.size()), "range") * range.step};
        }
        default:
            context.fail("'" + std::string(container.type_name()) + "' object is not subscriptable: it has no items.",
                         container.is_none() ? "Does a function above forget its return?" : "");
    }
}

void set_item(Context& context, const Value& container, const Value& index, const Value& value) {
    context.step();
    switch (container.kind()) {
        case ValueKind::Tensor: {
            const at::Tensor& tensor = container.as_tensor();
            const auto indices = indices_from(context, index);
            const at::Tensor given = value_for(context, tensor, value);
            context.reserve_tensor(gathered_bytes(tensor, indices));
            index_guarded(context, tensor, [&] {
                at::Tensor target = tensor;
                if (given.dim() == 0 && !value.is_tensor())
                    target.index_put_(indices, given.item());
                else
                    target.index_put_(indices, given);
                return 0;
            });
            if (context.observer != nullptr) {
                const Value inputs[] = {container, index, value};
                context.observe("setitem", inputs, container);
            }
            return;
        }
        case ValueKind::List: {
            auto& list = container.heap<ListValue>();
            if (index.is(ValueKind::Slice)) {
                const SliceBounds bounds = bounds_of(context, index.heap<SliceValue>(), static_cast<std::int64_t>(list.items.size()));
                std::vector<Value> given = context.iterate(value);
                for (const Value& item : given) context.refuse_cycle(container, item);
                if (bounds.step == 1) {
                    const std::int64_t stop = std::max(bounds.start, bounds.stop);
                    context.reserve_items(static_cast<std::int64_t>(list.items.size() + given.size()));
                    std::vector<Value> made(list.items.begin(), list.items.begin() + bounds.start);
                    made.insert(made.end(), given.begin(), given.end());
                    made.insert(made.end(), list.items.begin() + stop, list.items.end());
                    list.items.swap(made);
                    context.recharge(container);
                    return;
                }
                const auto at = positions(bounds);
                if (at.size() != given.size())
                    context.fail("attempt to assign sequence of size " + std::to_string(given.size()) + " to extended slice of size " +
                                     std::to_string(at.size()) + ".",
                                 "Give as many items as the slice has.");
                for (std::size_t i = 0; i < at.size(); ++i) list.items[static_cast<std::size_t>(at[i])] = given[i];
                return;
            }
            context.refuse_cycle(container, value);
            const auto at = static_cast<std::size_t>(position_in(context, index, list.items.size(), "list"));
            const Value kept = std::exchange(list.items[at], value);  // ends after the list is whole again
            return;
        }
        case ValueKind::Dict: {
            check_key(context, index);
            context.refuse_cycle(container, value);
            container.heap<DictValue>().set(index, value);
            context.recharge(container);
            return;
        }
        default:
            context.fail("'" + std::string(container.type_name()) + "' object does not support item assignment.",
                         "Make a list of it first: list(x).");
    }
}

void delete_item(Context& context, const Value& container, const Value& index) {
    context.step();
    if (container.is(ValueKind::Dict)) {
        check_key(context, index);
        if (!container.heap<DictValue>().erase(index)) missing_key(context, index);
        context.step(static_cast<std::int64_t>(container.pairs().size() / 16));
    } else if (container.is(ValueKind::List)) {
        auto& items = container.heap<ListValue>().items;
        if (index.is(ValueKind::Slice)) {
            auto at = positions(bounds_of(context, index.heap<SliceValue>(), static_cast<std::int64_t>(items.size())));
            std::vector<Value> kept;
            std::ranges::sort(at);
            for (std::size_t i = 0; i < items.size(); ++i)
                if (!std::ranges::binary_search(at, static_cast<std::int64_t>(i))) kept.push_back(items[i]);
            items.swap(kept);
        } else {
            items.erase(items.begin() + position_in(context, index, items.size(), "list"));
        }
    } else {
        context.fail("'" + std::string(container.type_name()) + "' object doesn't support item deletion.",
                     "Only lists and dictionaries lose items.");
    }
    context.recharge(container);
}

}  // namespace lossmith::engine::language
