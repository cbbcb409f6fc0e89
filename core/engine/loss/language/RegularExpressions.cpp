// re: search, findall, fullmatch, match, sub and split, with a limit on how long a pattern may look.
#include <QRegularExpression>
#include <QString>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

const ObjectType* g_match_type = nullptr;

enum class Anchor : std::uint8_t { None, Start, Both };

QRegularExpression pattern_from(Context& context, const Value& pattern, const Value& flags, Anchor anchor) {
    if (!pattern.is(ValueKind::String)) context.fail("A pattern is text, not " + described(pattern) + ".", "Write r\"\\d+\", for example.");
    const std::string& text = pattern.as_string();
    if (text.size() > 2000) context.fail("This pattern is too long.", "Keep patterns under 2000 characters.");
    if (text.find("(*") != std::string::npos)
        context.fail(LossFault::Denied, "The pattern has (*, which is not Python's.", "Write \\(\\* for the characters themselves.");
    for (const char* refused : {"(?R", "(?0", "(?1", "(?&", "(?P>", "\\g<", "(?C"})
        if (text.find(refused) != std::string::npos)
            context.fail(LossFault::Denied, std::string("The pattern has ") + refused + ", which is not Python's.",
                         "Patterns may not call themselves.");
    QString whole_text = QString::fromStdString(text);
    if (anchor == Anchor::Both) whole_text = QStringLiteral("(?:") + whole_text + QStringLiteral(")\\z");
    if (anchor != Anchor::None) whole_text = QStringLiteral("\\A(?:") + whole_text + QStringLiteral(")");
    const std::int64_t given = whole(context, flags, "flags");
    QRegularExpression::PatternOptions options = QRegularExpression::UseUnicodePropertiesOption;
    if ((given & 2) != 0) options |= QRegularExpression::CaseInsensitiveOption;
    if ((given & 8) != 0) options |= QRegularExpression::MultilineOption;
    if ((given & 16) != 0) options |= QRegularExpression::DotMatchesEverythingOption;
    if ((given & 64) != 0) options |= QRegularExpression::ExtendedPatternSyntaxOption;
    QRegularExpression expression(QStringLiteral("(*LIMIT_MATCH=300000)(*LIMIT_DEPTH=2000)") + whole_text, options);
    if (!expression.isValid())
        context.fail("The pattern is not well formed: " + expression.errorString().toStdString() + ".",
                     "Brackets need a partner; write \\( for the character itself.");
    return expression;
}

QString subject_of(Context& context, const Value& text) {
    if (!text.is(ValueKind::String)) context.fail("re looks through text, not " + described(text) + ".", "Turn it into text with str().");
    context.step(1 + static_cast<std::int64_t>(text.as_string().size() / 64));
    return QString::fromStdString(text.as_string());
}

QRegularExpressionMatch matched(Context& context, const QRegularExpression& expression, const QString& subject, qsizetype from) {
    context.step(8);
    context.check();
    QRegularExpressionMatch match = expression.match(subject, from);
    // What ran into the limit is no match that could be trusted.
    if (!match.isValid())
        context.fail(LossFault::Timeout, "The pattern takes too long on this text.",
                     "Avoid repetitions within repetitions, such as (a+)+.");
    return match;
}

Value match_object(Context& context, const QRegularExpressionMatch& match, const QRegularExpression& expression, const QString& subject) {
    if (!match.hasMatch()) return {};
    auto heap = std::make_shared<ObjectValue>();
    heap->type = g_match_type;
    std::vector<Value> groups;
    std::vector<Value> spans;
    const auto points_before = [&](qsizetype at) {
        return at < 0 ? std::int64_t{-1} : static_cast<std::int64_t>(subject.left(at).toStdU32String().size());
    };
    for (int i = 0; i <= expression.captureCount(); ++i) {
        groups.push_back(match.capturedStart(i) < 0 ? Value() : context.text(match.captured(i).toStdString()));
        spans.push_back(context.tuple({Value(points_before(match.capturedStart(i))), Value(points_before(match.capturedEnd(i)))}));
    }
    Value names = context.dict();
    const QStringList group_names = expression.namedCaptureGroups();
    for (qsizetype i = 0; i < group_names.size(); ++i)
        if (!group_names[i].isEmpty())
            names.heap<DictValue>().set(Value(group_names[i].toStdString()), Value(static_cast<std::int64_t>(i)));
    heap->values = {context.tuple(std::move(groups)), context.tuple(std::move(spans)), names};
    return {ValueKind::Object, std::move(heap)};
}

Value look(Context& context, Bound args, Anchor anchor) {
    const QRegularExpression expression = pattern_from(context, args[0], args[2], anchor);
    const QString subject = subject_of(context, args[1]);
    return match_object(context, matched(context, expression, subject, 0), expression, subject);
}

Value search(Context& context, const NativeFunction&, Bound args) {
    return look(context, args, Anchor::None);
}
Value match_start(Context& context, const NativeFunction&, Bound args) {
    return look(context, args, Anchor::Start);
}
Value fullmatch(Context& context, const NativeFunction&, Bound args) {
    return look(context, args, Anchor::Both);
}

// Each match from left to right; after an empty one the next begins a character later.
template <typename Take>
void each_match(Context& context, const QRegularExpression& expression, const QString& subject, Take take) {
    qsizetype from = 0;
    while (from <= subject.size()) {
        const QRegularExpressionMatch match = matched(context, expression, subject, from);
        if (!match.hasMatch() || !take(match)) return;
        from = match.capturedLength() > 0
                   ? match.capturedEnd()
                   : match.capturedEnd() + (match.capturedEnd() < subject.size() && subject[match.capturedEnd()].isHighSurrogate() ? 2 : 1);
    }
}

Value findall(Context& context, const NativeFunction&, Bound args) {
    const QRegularExpression expression = pattern_from(context, args[0], args[2], Anchor::None);
    const QString subject = subject_of(context, args[1]);
    std::vector<Value> found;
    each_match(context, expression, subject, [&](const QRegularExpressionMatch& match) {
        const int groups = expression.captureCount();
        if (groups <= 1) {
            found.push_back(context.text(match.captured(groups).toStdString()));
        } else {
            std::vector<Value> parts;
            for (int i = 1; i <= groups; ++i) parts.push_back(context.text(match.captured(i).toStdString()));
            found.push_back(context.tuple(std::move(parts)));
        }
        return true;
    });
    return context.list(std::move(found));
}

QString expanded(Context& context, const QString& replacement, const QRegularExpressionMatch& match) {
    QString result;
    for (qsizetype i = 0; i < replacement.size(); ++i) {
        if (replacement[i] != QLatin1Char('\\') || i + 1 >= replacement.size()) {
            result += replacement[i];
            continue;
        }
        const QChar next = replacement[++i];
        if (next.isDigit())
            result += match.captured(next.digitValue());
        else if (next == QLatin1Char('n'))
            result += QLatin1Char('\n');
        else if (next == QLatin1Char('t'))
            result += QLatin1Char('\t');
        else if (next == QLatin1Char('\\'))
            result += next;
        else if (next == QLatin1Char('g') && i + 1 < replacement.size() && replacement[i + 1] == QLatin1Char('<')) {
            const qsizetype end = replacement.indexOf(QLatin1Char('>'), i);
            if (end < 0) context.fail("\\g< of the replacement is never closed.", "Write \\g<name>.");
            const QString name = replacement.mid(i + 2, end - i - 2);
            bool number = false;
            const int group = name.toInt(&number);
            result += number ? match.captured(group) : match.captured(name);
            i = end;
        } else {
            context.fail("bad escape in the replacement.", "Write a raw string: r\"\\1\".");
        }
    }
    return result;
}

Value substitute(Context& context, const NativeFunction&, Bound args) {
    const QRegularExpression expression = pattern_from(context, args[0], args[4], Anchor::None);
    const QString subject = subject_of(context, args[2]);
    std::int64_t left = whole(context, args[3], "count");
    if (left == 0) left = -1;
    QString result;
    qsizetype kept = 0;
    each_match(context, expression, subject, [&](const QRegularExpressionMatch& match) {
        result += subject.mid(kept, match.capturedStart() - kept);
        if (args[1].is(ValueKind::String)) {
            result += expanded(context, QString::fromStdString(args[1].as_string()), match);
        } else {
            const Value object = match_object(context, match, expression, subject);
            const Value made = context.call(args[1], {&object, 1}, {});
            if (!made.is(ValueKind::String))
                context.fail("The function given to re.sub must return text, not " + described(made) + ".", "");
            result += QString::fromStdString(made.as_string());
        }
        context.reserve_text(result.size() * 2);
        kept = match.capturedEnd();
        return --left != 0;
    });
    result += subject.mid(kept);
    return context.text(result.toStdString());
}

Value split_by(Context& context, const NativeFunction&, Bound args) {
    const QRegularExpression expression = pattern_from(context, args[0], args[3], Anchor::None);
    const QString subject = subject_of(context, args[1]);
    std::int64_t left = whole(context, args[2], "maxsplit");
    if (left == 0) left = -1;
    std::vector<Value> parts;
    qsizetype kept = 0;
    each_match(context, expression, subject, [&](const QRegularExpressionMatch& match) {
        parts.push_back(context.text(subject.mid(kept, match.capturedStart() - kept).toStdString()));
        for (int i = 1; i <= expression.captureCount(); ++i)
            parts.push_back(match.capturedStart(i) < 0 ? Value() : context.text(match.captured(i).toStdString()));
        kept = match.capturedEnd();
        return --left != 0;
    });
    parts.push_back(context.text(subject.mid(kept).toStdString()));
    return context.list(std::move(parts));
}

Value escape(Context& context, const NativeFunction&, Bound args) {
    return context.text(QRegularExpression::escape(subject_of(context, args[0])).toStdString());
}

// A compiled pattern is the pattern with its flags; its methods are re's functions.
const ObjectType* g_pattern_type = nullptr;

Value compile(Context& context, const NativeFunction&, Bound args) {
    (void)pattern_from(context, args[0], args[1], Anchor::None);
    auto heap = std::make_shared<ObjectValue>();
    heap->type = g_pattern_type;
    heap->values = {args[0], args[1]};
    return {ValueKind::Object, std::move(heap)};
}

template <Value (*function)(Context&, const NativeFunction&, Bound)>
Value of_pattern(Context& context, const NativeFunction& self, Bound args) {
    const auto& pattern = args[0].heap<ObjectValue>().values;
    std::vector<Value> all = {pattern[0]};
    all.insert(all.end(), args.begin() + 1, args.end());
    all.push_back(pattern[1]);
    return function(context, self, all);
}

std::size_t group_index(Context& context, const Value& match, const Value& group) {
    const auto& values = match.heap<ObjectValue>().values;
    std::int64_t at = -1;
    if (group.is(ValueKind::String)) {
        if (const Value* named = values[2].heap<DictValue>().find(group)) at = named->as_int();
    } else {
        at = whole(context, group, "The group");
    }
    if (at < 0 || at >= static_cast<std::int64_t>(values[0].items().size()))
        context.fail("no such group: " + repr(group) + ".", "Group 0 is the whole match, 1 the first bracket.");
    return static_cast<std::size_t>(at);
}

Value group(Context& context, const NativeFunction&, Bound args) {
    const auto& groups = args[0].heap<ObjectValue>().values[0].items();
    const auto& wanted = args[1].items();
    if (wanted.empty()) return groups[0];
    if (wanted.size() == 1) return groups[group_index(context, args[0], wanted[0])];
    std::vector<Value> parts;
    for (const Value& one : wanted) parts.push_back(groups[group_index(context, args[0], one)]);
    return context.tuple(std::move(parts));
}

Value groups_of(Context& context, const NativeFunction&, Bound args) {
    const auto& groups = args[0].heap<ObjectValue>().values[0].items();
    return context.tuple({groups.begin() + 1, groups.end()});
}

template <std::size_t side>
Value border(Context& context, const NativeFunction&, Bound args) {
    return args[0].heap<ObjectValue>().values[1].items()[group_index(context, args[0], args[1])].items()[side];
}
Value span_of(Context& context, const NativeFunction&, Bound args) {
    return args[0].heap<ObjectValue>().values[1].items()[group_index(context, args[0], args[1])];
}

}  // namespace

void add_regular_expressions(Library& library) {
    library.add("re", "search(pattern, string, flags=0)", search);
    library.add("re", "match(pattern, string, flags=0)", match_start);
    library.add("re", "fullmatch(pattern, string, flags=0)", fullmatch);
    library.add("re", "findall(pattern, string, flags=0)", findall);
    library.add("re", "sub(pattern, repl, string, count=0, flags=0)", substitute);
    library.add("re", "split(pattern, string, maxsplit=0, flags=0)", split_by);
    library.add("re", "escape(pattern)", escape);
    library.add("re", "compile(pattern, flags=0)", compile);
    using Flag = std::pair<const char*, int>;
    for (const auto& [name, value] : {Flag{"IGNORECASE", 2}, Flag{"I", 2}, Flag{"MULTILINE", 8}, Flag{"M", 8}, Flag{"DOTALL", 16},
                                      Flag{"S", 16}, Flag{"VERBOSE", 64}, Flag{"X", 64}})
        library.add_constant("re", name, Value(value));
    const auto type = [&](const char* name) {
        library.object_types.push_back({name, {}, nullptr, nullptr});
        return &library.object_types.back();
    };
    ObjectType* match = type("re.Match");
    library.add_object_method(*match, "group(self, *groups)", group);
    library.add_object_method(*match, "groups(self)", groups_of);
    library.add_object_method(*match, "start(self, group=0)", border<0>);
    library.add_object_method(*match, "end(self, group=0)", border<1>);
    library.add_object_method(*match, "span(self, group=0)", span_of);
    g_match_type = match;
    ObjectType* pattern = type("re.Pattern");
    library.add_object_method(*pattern, "search(self, string)", of_pattern<search>);
    library.add_object_method(*pattern, "match(self, string)", of_pattern<match_start>);
    library.add_object_method(*pattern, "fullmatch(self, string)", of_pattern<fullmatch>);
    library.add_object_method(*pattern, "findall(self, string)", of_pattern<findall>);
    library.add_object_method(*pattern, "sub(self, repl, string, count=0)", of_pattern<substitute>);
    library.add_object_method(*pattern, "split(self, string, maxsplit=0)", of_pattern<split_by>);
    g_pattern_type = pattern;
}

}  // namespace lossmith::engine::language
