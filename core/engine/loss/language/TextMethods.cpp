// The methods of strings.
#include <QString>
#include <algorithm>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

const std::string& text_of(const Context& context, const Value& value, const NativeFunction& self) {
    if (!value.is(ValueKind::String))
        context.fail(self.name + " takes text here, not " + described(value) + ".", "Turn it into text with str().");
    return value.as_string();
}

Value from(Context& context, const QString& text) {
    return context.text(text.toStdString());
}
QString wide(const Value& value) {
    return QString::fromStdString(value.as_string());
}

// Work on text counts as steps, so that a loop over long texts is seen.
void cost(Context& context, const Value& text) {
    context.step(static_cast<std::int64_t>(text.as_string().size() / 128));
}

Value lower(Context& context, const NativeFunction&, Bound args) {
    cost(context, args[0]);
    return from(context, wide(args[0]).toLower());
}
Value upper(Context& context, const NativeFunction&, Bound args) {
    cost(context, args[0]);
    return from(context, wide(args[0]).toUpper());
}
Value capitalize(Context& context, const NativeFunction&, Bound args) {
    cost(context, args[0]);
    const QString text = wide(args[0]);
    return from(context, QString(text.left(1).toUpper() + text.mid(1).toLower()));
}

bool is_space_at(std::string_view text, std::size_t at, std::size_t length) {
    if (length == 1) return std::string_view(" \t\n\r\v\f").find(text[at]) != std::string_view::npos;
    const std::u32string points = QString::fromUtf8(text.data() + at, static_cast<qsizetype>(length)).toStdU32String();
    return !points.empty() && QChar::isSpace(points.front());
}

std::size_t length_at(std::string_view text, std::size_t at) {
    std::size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) ++length;
    return length;
}

std::string_view stripped(std::string_view text, const Value& characters, bool left, bool right) {
    const auto wanted = [&](std::size_t at, std::size_t length) {
        if (!characters.is(ValueKind::String)) return is_space_at(text, at, length);
        return characters.as_string().find(text.substr(at, length)) != std::string::npos;
    };
    while (left && !text.empty()) {
        const std::size_t length = length_at(text, 0);
        if (!wanted(0, length)) break;
        text.remove_prefix(length);
    }
    while (right && !text.empty()) {
        std::size_t at = text.size() - 1;
        while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
        if (!wanted(at, text.size() - at)) break;
        text.remove_suffix(text.size() - at);
    }
    return text;
}

Value strip(Context& context, const NativeFunction&, Bound args) {
    return context.text(std::string(stripped(args[0].as_string(), args[1], true, true)));
}
Value lstrip(Context& context, const NativeFunction&, Bound args) {
    return context.text(std::string(stripped(args[0].as_string(), args[1], true, false)));
}
Value rstrip(Context& context, const NativeFunction&, Bound args) {
    return context.text(std::string(stripped(args[0].as_string(), args[1], false, true)));
}

void add_part(Context& context, std::vector<Value>& parts, std::string_view part) {
    context.step();
    parts.push_back(context.text(std::string(part)));
}

Value split(Context& context, const NativeFunction& self, Bound args) {
    std::string_view text = args[0].as_string();
    cost(context, args[0]);
    std::int64_t left = whole(context, args[2], "maxsplit");
    std::vector<Value> parts;
    if (args[1].is_none()) {
        text = stripped(text, {}, true, false);
        while (!text.empty()) {
            std::size_t end = 0;
            while (end < text.size() && !is_space_at(text, end, length_at(text, end))) end += length_at(text, end);
            if (left-- == 0) {
                add_part(context, parts, stripped(text, {}, false, true));
                break;
            }
            add_part(context, parts, text.substr(0, end));
            text = stripped(text.substr(end), {}, true, false);
        }
        return context.list(std::move(parts));
    }
    const std::string& separator = text_of(context, args[1], self);
    if (separator.empty()) context.fail("empty separator in split.", "Use list(text) for the single characters.");
    while (true) {
        const std::size_t at = left-- == 0 ? std::string_view::npos : text.find(separator);
        add_part(context, parts, text.substr(0, at));
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + separator.size());
    }
    return context.list(std::move(parts));
}

Value rsplit(Context& context, const NativeFunction& self, Bound args) {
    if (args[1].is_none() || whole(context, args[2], "maxsplit") < 0) return split(context, self, args);
    std::string_view text = args[0].as_string();
    const std::string& separator = text_of(context, args[1], self);
    if (separator.empty()) context.fail("empty separator in rsplit.", "");
    std::vector<Value> parts;
    for (std::int64_t left = args[2].as_int(); left > 0; --left) {
        const std::size_t at = text.rfind(separator);
        if (at == std::string_view::npos) break;
        add_part(context, parts, text.substr(at + separator.size()));
        text = text.substr(0, at);
    }
    add_part(context, parts, text);
    std::ranges::reverse(parts);
    return context.list(std::move(parts));
}

Value splitlines(Context& context, const NativeFunction&, Bound args) {
    std::string_view text = args[0].as_string();
    std::vector<Value> parts;
    while (!text.empty()) {
        const std::size_t at = text.find_first_of("\r\n");
        std::size_t after = at == std::string_view::npos ? text.size() : at + 1;
        if (at != std::string_view::npos && text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++after;
        add_part(context, parts, text.substr(0, at));
        text.remove_prefix(after);
    }
    return context.list(std::move(parts));
}

template <typename Test>
Value any_affix(Context& context, const NativeFunction& self, Bound args, Test test) {
    if (!args[1].is(ValueKind::Tuple)) return {test(args[0].as_string(), text_of(context, args[1], self))};
    for (const Value& one : args[1].items())
        if (test(args[0].as_string(), text_of(context, one, self))) return {true};
    return {false};
}

Value startswith(Context& context, const NativeFunction& self, Bound args) {
    return any_affix(context, self, args, [](const std::string& text, const std::string& affix) { return text.starts_with(affix); });
}
Value endswith(Context& context, const NativeFunction& self, Bound args) {
    return any_affix(context, self, args, [](const std::string& text, const std::string& affix) { return text.ends_with(affix); });
}

Value removeprefix(Context& context, const NativeFunction& self, Bound args) {
    const std::string& affix = text_of(context, args[1], self);
    return args[0].as_string().starts_with(affix) ? context.text(args[0].as_string().substr(affix.size())) : args[0];
}
Value removesuffix(Context& context, const NativeFunction& self, Bound args) {
    const std::string& affix = text_of(context, args[1], self);
    const std::string& text = args[0].as_string();
    return text.ends_with(affix) ? context.text(text.substr(0, text.size() - affix.size())) : args[0];
}

std::int64_t occurrences(std::string_view text, std::string_view part) {
    std::int64_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

std::int64_t characters_in(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

Value count(Context& context, const NativeFunction& self, Bound args) {
    const std::string& part = text_of(context, args[1], self);
    cost(context, args[0]);
    if (part.empty()) return {characters_in(args[0].as_string()) + 1};
    return {occurrences(args[0].as_string(), part)};
}

Value replace(Context& context, const NativeFunction& self, Bound args) {
    const std::string& text = args[0].as_string();
    const std::string& old = text_of(context, args[1], self);
    const std::string& with = text_of(context, args[2], self);
    cost(context, args[0]);
    std::int64_t left = whole(context, args[3], "count");
    if (old.empty()) context.fail("replace needs a text to look for.", "");
    const std::int64_t found = occurrences(text, old);
    context.reserve_text(
        static_cast<std::int64_t>(text.size()) +
        std::max<std::int64_t>(0, found * (static_cast<std::int64_t>(with.size()) - static_cast<std::int64_t>(old.size()))));
    std::string result;
    std::size_t from_here = 0;
    for (std::size_t at = text.find(old); at != std::string::npos && left != 0; at = text.find(old, from_here), --left) {
        result.append(text, from_here, at - from_here).append(with);
        from_here = at + old.size();
    }
    return context.text(result + text.substr(from_here));
}

Value found_at(Context& context, const NativeFunction& self, Bound args, bool last) {
    const std::string& text = args[0].as_string();
    const std::string& part = text_of(context, args[1], self);
    cost(context, args[0]);
    std::size_t start = 0;
    for (std::int64_t skip = std::max<std::int64_t>(whole(context, args[2], "start"), 0); skip > 0 && start < text.size(); --skip)
        start += length_at(text, start);
    std::size_t at = last ? text.rfind(part) : text.find(part, start);
    if (at != std::string::npos && at < start) at = std::string::npos;
    return {at == std::string::npos ? std::int64_t{-1} : characters_in(std::string_view(text).substr(0, at))};
}

Value find(Context& context, const NativeFunction& self, Bound args) {
    return found_at(context, self, args, false);
}
Value rfind(Context& context, const NativeFunction& self, Bound args) {
    return found_at(context, self, args, true);
}
Value index(Context& context, const NativeFunction& self, Bound args) {
    Value at = found_at(context, self, args, false);
    if (at.as_int() < 0) context.fail("substring not found: " + repr(args[1]) + ".", "Use find, which gives -1, or check with `in`.");
    return at;
}

Value join(Context& context, const NativeFunction& self, Bound args) {
    const std::vector<Value> items = context.iterate(args[1]);
    const std::string& separator = args[0].as_string();
    std::int64_t total = 0;
    for (const Value& item : items) total += static_cast<std::int64_t>(text_of(context, item, self).size() + separator.size());
    context.reserve_text(total);
    std::string result;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) result += separator;
        result += items[i].as_string();
    }
    return context.text(std::move(result));
}

Value partition(Context& context, const NativeFunction& self, Bound args) {
    const std::string& text = args[0].as_string();
    const std::string& separator = text_of(context, args[1], self);
    if (separator.empty()) context.fail("empty separator in partition.", "");
    const std::size_t at = text.find(separator);
    if (at == std::string::npos) return context.tuple({args[0], context.text({}), context.text({})});
    return context.tuple({context.text(text.substr(0, at)), args[1], context.text(text.substr(at + separator.size()))});
}

template <bool (*test)(char32_t)>
Value every_character(Context& context, const NativeFunction&, Bound args) {
    cost(context, args[0]);
    const std::u32string points = wide(args[0]).toStdU32String();
    return {!points.empty() && std::ranges::all_of(points, [](char32_t point) { return test(point); })};
}

bool digit(char32_t point) {
    return QChar::isDigit(point);
}
bool letter(char32_t point) {
    return QChar::isLetter(point);
}
bool letter_or_digit(char32_t point) {
    return QChar::isLetterOrNumber(point);
}
bool space(char32_t point) {
    return QChar::isSpace(point);
}

template <bool wants_upper>
Value cased(Context& context, const NativeFunction&, Bound args) {
    cost(context, args[0]);
    bool any_cased = false;
    for (const char32_t point : wide(args[0]).toStdU32String()) {
        if (wants_upper ? QChar::isLower(point) : QChar::isUpper(point)) return {false};
        any_cased = any_cased || (wants_upper ? QChar::isUpper(point) : QChar::isLower(point));
    }
    return {any_cased};
}

Value zfill(Context& context, const NativeFunction&, Bound args) {
    const std::int64_t width = whole(context, args[1], "The width");
    context.reserve_text(width);
    const std::string& text = args[0].as_string();
    const std::int64_t missing = width - characters_in(text);
    if (missing <= 0) return args[0];
    const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    return context.text(text.substr(0, sign) + std::string(static_cast<std::size_t>(missing), '0') + text.substr(sign));
}

Value no_format(Context& context, const NativeFunction&, Bound) {
    context.fail(LossFault::Denied, "`str.format` is not part of the loss language.", "Write an f-string: f\"{value:.3f}\".");
}

}  // namespace

void add_text_methods(Library& library) {
    const auto method = [&](const char* declaration, Library::Bound function) {
        library.add_method(ValueKind::String, declaration, function);
    };
    method("lower(self)", lower);
    method("casefold(self)", lower);
    method("upper(self)", upper);
    method("capitalize(self)", capitalize);
    method("strip(self, chars=None)", strip);
    method("lstrip(self, chars=None)", lstrip);
    method("rstrip(self, chars=None)", rstrip);
    method("split(self, sep=None, maxsplit=-1)", split);
    method("rsplit(self, sep=None, maxsplit=-1)", rsplit);
    method("splitlines(self)", splitlines);
    method("startswith(self, prefix)", startswith);
    method("endswith(self, suffix)", endswith);
    method("removeprefix(self, prefix)", removeprefix);
    method("removesuffix(self, suffix)", removesuffix);
    method("replace(self, old, new, count=-1)", replace);
    method("count(self, sub)", count);
    method("find(self, sub, start=0)", find);
    method("rfind(self, sub, start=0)", rfind);
    method("index(self, sub, start=0)", index);
    method("join(self, iterable)", join);
    method("partition(self, sep)", partition);
    method("isdigit(self)", every_character<digit>);
    method("isdecimal(self)", every_character<digit>);
    method("isnumeric(self)", every_character<digit>);
    method("isalpha(self)", every_character<letter>);
    method("isalnum(self)", every_character<letter_or_digit>);
    method("isspace(self)", every_character<space>);
    method("isupper(self)", cased<true>);
    method("islower(self)", cased<false>);
    method("zfill(self, width)", zfill);
    method("format(self, *args)", no_format);
}

}  // namespace lossmith::engine::language
