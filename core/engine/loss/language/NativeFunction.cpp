#include "core/engine/loss/language/NativeFunction.h"

#include <algorithm>
#include <charconv>

#include "core/data/JsonFields.h"
#include "core/engine/loss/language/Context.h"

namespace lossmith::engine::language {
namespace {

Value default_from(std::string_view text) {
    if (text == "None") return {};
    if (text == "True" || text == "False") return {text == "True"};
    if (text == "()") return Value::tuple({});
    if (text.front() == '\'') return {text.substr(1, text.size() - 2)};
    if (text.find_first_of(".e") == std::string_view::npos) {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return {value};
    }
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return {value};
}

std::string count_of(std::size_t number) {
    return std::to_string(number) + (number == 1 ? " argument" : " arguments");
}

}  // namespace

Signature Signature::parse(std::string_view text) {
    Signature signature;
    bool keyword_only = false;
    while (!text.empty()) {
        const std::size_t comma = text.find(", ");
        std::string_view part = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 2);
        if (part == "*") {
            keyword_only = true;
            continue;
        }
        Item item;
        item.keyword_only = keyword_only;
        if (part.starts_with("*")) {
            item.star = true;
            keyword_only = true;
            part.remove_prefix(1);
        }
        const std::size_t equals = part.find('=');
        item.name = part.substr(0, equals);
        if (equals != std::string_view::npos) {
            item.has_default = true;
            item.default_value = default_from(part.substr(equals + 1));
        }
        signature.items.push_back(std::move(item));
    }
    return signature;
}

std::vector<Value> bind(Context& context, const NativeFunction& function, Arguments arguments, Keywords keywords) {
    const auto& items = function.signature.items;
    std::vector<Value> bound;
    bound.reserve(items.size());
    std::size_t next = 0;
    std::size_t named = 0;
    for (const auto& item : items) {
        if (item.star) {
            bound.push_back(context.tuple({arguments.begin() + static_cast<std::ptrdiff_t>(next), arguments.end()}));
            next = arguments.size();
            continue;
        }
        const auto keyword = std::ranges::find(keywords, std::string_view(item.name), &Keyword::name);
        if (!item.keyword_only && next < arguments.size()) {
            if (keyword != keywords.end())
                context.fail("`" + function.name + "` got two values for the argument `" + item.name + "`.", "Give it once.");
            bound.push_back(arguments[next++]);
        } else if (keyword != keywords.end()) {
            ++named;
            bound.push_back(keyword->value);
        } else if (item.has_default) {
            bound.push_back(item.default_value);
        } else {
            context.fail("`" + function.name + "` is missing the argument `" + item.name + "`.", "Give it in the brackets.");
        }
    }
    if (next < arguments.size()) {
        const auto most = static_cast<std::size_t>(std::ranges::count_if(items, [](const auto& item) { return !item.keyword_only; }));
        context.fail("`" + function.name + "` takes " + count_of(most) + " but was given " + std::to_string(arguments.size()) + ".",
                     "Remove those it does not take.");
    }
    if (named < keywords.size()) {
        std::vector<std::string_view> known;
        for (const auto& item : items) known.push_back(item.name);
        for (const auto& keyword : keywords) {
            if (std::ranges::find(known, keyword.name) != known.end()) continue;
            const std::string near = nearest_name(keyword.name, known);
            context.fail("`" + function.name + "` has no argument `" + std::string(keyword.name) + "`.",
                         near.empty() ? "Remove it." : "Did you mean `" + near + "`?");
        }
    }
    return bound;
}

}  // namespace lossmith::engine::language
