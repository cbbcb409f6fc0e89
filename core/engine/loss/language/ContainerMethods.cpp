// The methods of lists, tuples, dictionaries and sets.
#include <algorithm>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

std::vector<Value>& items_of(const Value& list) {
    return list.heap<ListValue>().items;
}

Value append(Context& context, const NativeFunction&, Bound args) {
    context.refuse_cycle(args[0], args[1]);
    items_of(args[0]).push_back(args[1]);
    context.recharge(args[0]);
    return {};
}

Value extend(Context& context, const NativeFunction&, Bound args) {
    (void)binary_in_place(context, Operator::Add, args[0], args[1]);
    return {};
}

std::int64_t place_in(Context& context, const Value& list, const Value& index) {
    const auto size = static_cast<std::int64_t>(items_of(list).size());
    std::int64_t at = whole(context, index, "The index");
    if (at < 0) at += size;
    return at;
}

Value insert(Context& context, const NativeFunction&, Bound args) {
    context.refuse_cycle(args[0], args[2]);
    const std::int64_t at =
        std::clamp<std::int64_t>(place_in(context, args[0], args[1]), 0, static_cast<std::int64_t>(items_of(args[0]).size()));
    items_of(args[0]).insert(items_of(args[0]).begin() + at, args[2]);
    context.step(static_cast<std::int64_t>(items_of(args[0]).size() / 64));
    context.recharge(args[0]);
    return {};
}

Value pop(Context& context, const NativeFunction&, Bound args) {
    auto& items = items_of(args[0]);
    if (items.empty()) context.fail("pop from empty list.", "Check the list first: if items:");
    const std::int64_t at = place_in(context, args[0], args[1]);
    if (at < 0 || at >= static_cast<std::int64_t>(items.size()))
        context.fail("pop index out of range.", "Indices count from 0; -1 is the last.");
    Value value = std::move(items[static_cast<std::size_t>(at)]);
    items.erase(items.begin() + at);
    context.step(static_cast<std::int64_t>(items.size() / 64));
    context.recharge(args[0]);
    return value;
}

Value position_of(Context& context, const NativeFunction&, Bound args) {
    const auto& items = args[0].items();
    for (std::size_t i = 0; i < items.size(); ++i)
        if (equal(context, items[i], args[1])) return {i};
    context.fail(repr(args[1]) + " is not in the " + std::string(args[0].type_name()) + ".", "Check with `in` first.");
}

Value remove(Context& context, const NativeFunction& self, Bound args) {
    const std::int64_t at = position_of(context, self, args).as_int();
    items_of(args[0]).erase(items_of(args[0]).begin() + at);
    context.recharge(args[0]);
    return {};
}

Value count(Context& context, const NativeFunction&, Bound args) {
    std::int64_t found = 0;
    for (const Value& item : context.iterate(args[0])) found += equal(context, item, args[1]) ? 1 : 0;
    return {found};
}

Value reverse(Context&, const NativeFunction&, Bound args) {
    std::ranges::reverse(items_of(args[0]));
    return {};
}

Value sort(Context& context, const NativeFunction&, Bound args) {
    const Keyword keywords[] = {{"key", args[1]}, {"reverse", args[2]}};
    Value made = context.call(*Library::instance().builtin("sorted"), {args.data(), 1}, keywords);
    items_of(args[0]) = made.items();
    return {};
}

Value clear(Context& context, const NativeFunction&, Bound args) {
    if (args[0].is(ValueKind::List)) {
        const std::vector<Value> kept = std::exchange(items_of(args[0]), {});
    } else {
        args[0].heap<DictValue>().clear();
    }
    context.recharge(args[0]);
    return {};
}

Value copy_list(Context& context, const NativeFunction&, Bound args) {
    return context.list(args[0].items());
}

Value copy_dict(Context& context, const NativeFunction&, Bound args) {
    Value made = context.dict(args[0].kind());
    for (const auto& [key, value] : args[0].pairs()) made.heap<DictValue>().set(key, value);
    context.recharge(made);
    return made;
}

void check(const Context& context, const Value& key) {
    if (!DictValue::can_be_key(key))
        context.fail("unhashable type: '" + std::string(key.type_name()) + "' cannot be a key.",
                     key.is_tensor() ? "Use the number: int(x)." : "");
}

Value get(Context& context, const NativeFunction&, Bound args) {
    check(context, args[1]);
    const Value* found = args[0].heap<DictValue>().find(args[1]);
    return found == nullptr ? args[2] : *found;
}

Value set_default(Context& context, const NativeFunction&, Bound args) {
    check(context, args[1]);
    if (const Value* found = args[0].heap<DictValue>().find(args[1])) return *found;
    set_item(context, args[0], args[1], args[2]);
    return args[2];
}

Value pop_key(Context& context, const NativeFunction&, Bound args) {
    check(context, args[1]);
    const Value* found = args[0].heap<DictValue>().find(args[1]);
    const auto& rest = args[2].items();
    if (found == nullptr) {
        if (!rest.empty()) return rest[0];
        context.fail("KeyError: the dictionary has no key " + repr(args[1]) + ".", "Give a default: pop(key, None).");
    }
    Value value = *found;
    delete_item(context, args[0], args[1]);
    return value;
}

Value keys(Context& context, const NativeFunction&, Bound args) {
    return context.list(context.iterate(args[0]));
}

Value values(Context& context, const NativeFunction&, Bound args) {
    std::vector<Value> all;
    for (const auto& [key, value] : args[0].pairs()) all.push_back(value);
    return context.list(std::move(all));
}

Value pairs(Context& context, const NativeFunction&, Bound args) {
    context.reserve_items(static_cast<std::int64_t>(args[0].pairs().size()) * 6);
    std::vector<Value> all;
    for (const auto& [key, value] : args[0].pairs()) {
        context.step();
        all.push_back(context.tuple({key, value}));
    }
    return context.list(std::move(all));
}

Value update(Context& context, const NativeFunction&, Arguments given, Keywords keywords) {
    if (given.size() > 1 && given[1].is(ValueKind::Dict)) {
        for (const auto& [key, value] : std::vector(given[1].pairs())) set_item(context, given[0], key, value);
    } else if (given.size() > 1) {
        for (const Value& pair : context.iterate(given[1])) {
            const std::vector<Value> parts = context.iterate(pair);
            if (parts.size() != 2) context.fail("update takes pairs of key and value.", "");
            set_item(context, given[0], parts[0], parts[1]);
        }
    }
    for (const auto& keyword : keywords) set_item(context, given[0], Value(keyword.name), keyword.value);
    return {};
}

Value add(Context& context, const NativeFunction&, Bound args) {
    check(context, args[1]);
    args[0].heap<DictValue>().set(args[1], {});
    context.recharge(args[0]);
    return {};
}

Value discard(Context& context, const NativeFunction&, Bound args) {
    check(context, args[1]);
    (void)args[0].heap<DictValue>().erase(args[1]);
    context.recharge(args[0]);
    return {};
}

template <Operator op_kind>
Value with_sets(Context& context, const NativeFunction&, Bound args) {
    Value result = args[0];
    for (const Value& other : args[1].items()) {
        const Value set = other.is(ValueKind::Set) ? other : context.call(*Library::instance().builtin("set"), {&other, 1}, {});
        result = binary(context, op_kind, result, set);
    }
    return result;
}

template <bool wants_within>
Value subset(Context& context, const NativeFunction&, Bound args) {
    const Value other = args[1].is(ValueKind::Set) ? args[1] : context.call(*Library::instance().builtin("set"), {&args[1], 1}, {});
    return compare(context, wants_within ? Operator::LessEqual : Operator::GreaterEqual, args[0], other);
}

}  // namespace

void add_container_methods(Library& library) {
    library.add_method(ValueKind::List, "append(self, item)", append);
    library.add_method(ValueKind::List, "extend(self, iterable)", extend);
    library.add_method(ValueKind::List, "insert(self, index, item)", insert);
    library.add_method(ValueKind::List, "pop(self, index=-1)", pop);
    library.add_method(ValueKind::List, "remove(self, value)", remove);
    library.add_method(ValueKind::List, "reverse(self)", reverse);
    library.add_method(ValueKind::List, "sort(self, *, key=None, reverse=False)", sort);
    library.add_method(ValueKind::List, "clear(self)", clear);
    library.add_method(ValueKind::List, "copy(self)", copy_list);
    for (const ValueKind kind : {ValueKind::List, ValueKind::Tuple}) {
        library.add_method(kind, "index(self, value)", position_of);
        library.add_method(kind, "count(self, value)", count);
    }
    library.add_method(ValueKind::Dict, "get(self, key, default=None)", get);
    library.add_method(ValueKind::Dict, "setdefault(self, key, default=None)", set_default);
    library.add_method(ValueKind::Dict, "pop(self, key, *default)", pop_key);
    library.add_method(ValueKind::Dict, "keys(self)", keys);
    library.add_method(ValueKind::Dict, "values(self)", values);
    library.add_method(ValueKind::Dict, "items(self)", pairs);
    library.add_method(ValueKind::Dict, "copy(self)", copy_dict);
    library.add_method(ValueKind::Dict, "clear(self)", clear);
    NativeFunction updating;
    updating.name = "dict.update";
    updating.short_name = "update";
    updating.raw = update;
    library.add_named_method(ValueKind::Dict, library.add_free(std::move(updating)));
    library.add_method(ValueKind::Set, "add(self, item)", add);
    library.add_method(ValueKind::Set, "discard(self, item)", discard);
    library.add_method(ValueKind::Set, "remove(self, item)", discard);
    library.add_method(ValueKind::Set, "copy(self)", copy_dict);
    library.add_method(ValueKind::Set, "clear(self)", clear);
    library.add_method(ValueKind::Set, "union(self, *others)", with_sets<Operator::Or>);
    library.add_method(ValueKind::Set, "intersection(self, *others)", with_sets<Operator::And>);
    library.add_method(ValueKind::Set, "difference(self, *others)", with_sets<Operator::Subtract>);
    library.add_method(ValueKind::Set, "issubset(self, other)", subset<true>);
    library.add_method(ValueKind::Set, "issuperset(self, other)", subset<false>);
}

}  // namespace lossmith::engine::language
