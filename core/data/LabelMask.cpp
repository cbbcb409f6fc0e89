#include "core/data/LabelMask.h"

#include <QRegularExpression>
#include <QString>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/data/ExampleView.h"
#include "core/data/JsonFields.h"
#include "core/data/Template.h"

namespace lossmith {
namespace {

using Cell = LabelledRange::Cell;

constexpr std::size_t most_ranges = 10'000;
constexpr std::size_t longest_pattern = 2'000;
constexpr std::array<std::pair<const char*, Cell>, 3> cell_names = {
    {{"problem", Cell::Problem}, {"solution", Cell::Solution}, {"end", Cell::End}}};

QRegularExpression compiled(const std::string& pattern) {
    // A pattern that goes back and forth over a text without end is given up; backtracking verbs are refused before.
    return QRegularExpression(QStringLiteral("(*LIMIT_MATCH=300000)(*LIMIT_DEPTH=2000)") + QString::fromStdString(pattern),
                              QRegularExpression::UseUnicodePropertiesOption | QRegularExpression::MultilineOption);
}

void label_text(ExampleView& view, std::size_t begin, std::size_t end, bool labelled = true) {
    for (ExampleToken& token : view.tokens) {
        const bool has_text = token.kind == TokenKind::Prompt || token.kind == TokenKind::Completion;
        if (has_text && token.begin < end && token.end > begin) token.labelled = labelled;
    }
}

void label_end(ExampleView& view, bool labelled = true) {
    for (ExampleToken& token : view.tokens)
        if (token.kind == TokenKind::End) token.labelled = labelled;
}

/// How many bytes of UTF-8 stand before each UTF-16 unit of a text, and before its end.
std::vector<std::size_t> bytes_before_units(const QString& text) {
    std::vector<std::size_t> bytes = {0};
    bytes.reserve(static_cast<std::size_t>(text.size()) + 1);
    for (const QChar unit : text) {
        // Of a surrogate pair the first half counts for both.
        const std::size_t own = unit.isLowSurrogate() ? 0 : unit.isHighSurrogate() ? 4 : unit < u'\x80' ? 1 : unit < u'\x800' ? 2 : 3;
        bytes.push_back(bytes.back() + own);
    }
    return bytes;
}

using UnitRange = std::pair<qsizetype, qsizetype>;  // [first, second) of a text's UTF-16 units

/// In order of their beginnings; they may overlap where a group stands in a look-ahead.
Result<std::vector<UnitRange>> matches_of(const QRegularExpression& expression, const QString& text) {
    std::vector<UnitRange> found;
    qsizetype from = 0;
    while (from <= text.size()) {
        // The text is well formed, and checking that again at each match would take as long as all of it.
        const QRegularExpressionMatch match =
            expression.match(text, from, QRegularExpression::NormalMatch, QRegularExpression::DontCheckSubjectStringMatchOption);
        if (!match.isValid())
            return failure(Error::bad_input("The label pattern takes too long on this row.")
                               .with_hint("Patterns like (a+)+ go back and forth; write a+ instead."));
        if (!match.hasMatch()) break;
        const int group = match.lastCapturedIndex() >= 1 ? 1 : 0;
        if (match.capturedStart(group) >= 0 && match.capturedEnd(group) > match.capturedStart(group))
            found.emplace_back(match.capturedStart(group), match.capturedEnd(group));
        from = std::max(match.capturedEnd(0), from + 1);
        if (from < text.size() && text[from].isLowSurrogate()) ++from;
    }
    std::ranges::sort(found);
    return found;
}

Status label_matches(const TemplateSpec& spec, ExampleView& view) {
    const QString text = QString::fromStdString(view.text);
    const std::vector<UnitRange> found = LOSSMITH_TRY(matches_of(compiled(spec.label_pattern), text));
    const std::vector<std::size_t> bytes = bytes_before_units(text);
    const auto bytes_before = [&](qsizetype unit) { return bytes[static_cast<std::size_t>(unit)]; };
    auto next = found.begin();
    std::size_t reach = 0;  // how far those go that begin before the token's end
    for (ExampleToken& token : view.tokens) {
        if (token.kind != TokenKind::Prompt && token.kind != TokenKind::Completion) continue;
        for (; next != found.end() && bytes_before(next->first) < token.end; ++next) reach = std::max(reach, bytes_before(next->second));
        if (reach > token.begin) token.labelled = true;
    }
    if (std::ranges::any_of(found, [&](const UnitRange& range) { return range.second == text.size(); })) label_end(view);
    return {};
}

void label_last(std::size_t count, ExampleView& view) {
    for (auto token = view.tokens.rbegin(); token != view.tokens.rend() && count > 0; ++token) {
        if (token->kind == TokenKind::Padding) continue;
        token->labelled = true;
        --count;
    }
}

void label_by_hand(const RowLabels& by_hand, ExampleView& view) {
    for (const LabelledRange& range : by_hand) {
        if (range.cell == Cell::End) {
            label_end(view, range.labelled);
            continue;
        }
        const CellPlace& cell = range.cell == Cell::Problem ? view.problem : view.solution;
        label_text(view, std::min(cell.begin + range.begin, cell.end), std::min(cell.begin + range.end, cell.end), range.labelled);
    }
}

}  // namespace

Json row_labels_json(const RowLabels& labels) {
    Json json = Json::array();
    for (const LabelledRange& range : labels)
        json.push_back({{"cell", cell_names[static_cast<std::size_t>(range.cell)].first},
                        {"begin", range.begin},
                        {"end", range.end},
                        {"labelled", range.labelled}});
    return json;
}

Result<RowLabels> row_labels_from_json(const Json& json) {
    const auto wrong = [](const std::string& what) {
        return failure(Error::bad_input("Labels by hand must be a list of {cell, begin, end, labelled}: " + what + "."));
    };
    if (!json.is_array()) return wrong("this is no list");
    if (json.size() > most_ranges) return wrong("at most 10,000 are kept for a row");
    RowLabels labels;
    for (const Json& one : json) {
        if (!one.is_object()) return wrong("one is no object");
        LabelledRange range;
        const std::string cell =
            one.value("cell", Json("solution")).is_string() ? one.value("cell", std::string("solution")) : std::string();
        const auto named = std::ranges::find(cell_names, cell, [](const auto& name) { return std::string_view(name.first); });
        if (named == cell_names.end()) return wrong("`cell` is \"problem\", \"solution\" or \"end\"");
        range.cell = named->second;
        for (const auto& [name, target] : {std::pair{"begin", &range.begin}, std::pair{"end", &range.end}}) {
            const Json number = one.value(name, Json(0));
            if (!number.is_number_unsigned()) return wrong(std::string("`") + name + "` is a whole number of bytes");
            *target = number.get<std::size_t>();
        }
        const Json labelled = one.value("labelled", Json(true));
        if (!labelled.is_boolean()) return wrong("`labelled` is true or false");
        range.labelled = labelled.get<bool>();
        if (range.end < range.begin) return wrong("`end` lies before `begin`");
        labels.push_back(range);
    }
    return labels;
}

RowLabels tidied(const RowLabels& labels) {
    RowLabels tidy;
    for (const Cell cell : {Cell::Problem, Cell::Solution, Cell::End}) {
        RowLabels of_cell;  // apart from one another, in order
        for (LabelledRange range : labels) {
            if (range.cell != cell) continue;
            if (cell == Cell::End) range.begin = 0, range.end = 1;
            if (range.begin == range.end) continue;
            RowLabels rest;
            for (const LabelledRange& before : of_cell) {
                if (before.begin < range.begin) rest.push_back({cell, before.begin, std::min(before.end, range.begin), before.labelled});
                if (before.end > range.end) rest.push_back({cell, std::max(before.begin, range.end), before.end, before.labelled});
            }
            rest.push_back(range);
            std::ranges::sort(rest, {}, &LabelledRange::begin);
            of_cell = std::move(rest);
        }
        for (const LabelledRange& range : of_cell) {
            if (!tidy.empty() && tidy.back().cell == cell && tidy.back().labelled == range.labelled && tidy.back().end == range.begin)
                tidy.back().end = range.end;
            else
                tidy.push_back(range);
        }
    }
    return tidy;
}

Status apply_labels(const TemplateSpec& spec, const RowLabels& by_hand, ExampleView& view) {
    switch (spec.labels) {
        case LabelRule::SolutionOnly:
            for (ExampleToken& token : view.tokens) token.labelled = token.kind == TokenKind::Completion || token.kind == TokenKind::End;
            break;
        case LabelRule::ProblemToo:
            for (ExampleToken& token : view.tokens) token.labelled = token.kind != TokenKind::Padding;
            break;
        case LabelRule::AfterMarker:
            if (const std::size_t place = view.text.find(spec.label_marker); place != std::string::npos) {
                const std::size_t after = place + spec.label_marker.size();
                for (ExampleToken& token : view.tokens)
                    token.labelled = (token.kind == TokenKind::Prompt || token.kind == TokenKind::Completion) && token.end > after;
                label_end(view);
            }
            break;
        case LabelRule::LastTokens: label_last(static_cast<std::size_t>(std::max(0, spec.label_tokens)), view); break;
        case LabelRule::Pattern: LOSSMITH_CHECK(label_matches(spec, view)); break;
    }
    label_by_hand(by_hand, view);
    return {};
}

std::vector<Error> label_rule_errors(const TemplateSpec& spec) {
    std::vector<Error> errors;
    const auto wrong = [&](std::string message) { errors.push_back(Error::bad_input(std::move(message))); };
    if (spec.labels == LabelRule::AfterMarker && spec.label_marker.empty())
        wrong("`label_marker` is empty; name the text after which tokens are labelled.");
    if (spec.label_tokens < 1 || spec.label_tokens > 1'000'000) wrong("`label_tokens` must be from 1 to 1000000.");
    if (spec.label_pattern.size() > longest_pattern) wrong("`label_pattern` may be at most 2,000 bytes long.");
    if (spec.labels != LabelRule::Pattern) return errors;
    if (spec.label_pattern.empty()) {
        wrong("`label_pattern` is empty; write what is labelled, e.g. \\d+ for numbers.");
    } else if (spec.label_pattern.find("(*") != std::string::npos) {
        wrong("`label_pattern` has (*, which is no part of a pattern here; write \\(\\* for the characters themselves.");
    } else if (const QRegularExpression expression = compiled(spec.label_pattern); !expression.isValid()) {
        wrong("`label_pattern` is not well formed: " + expression.errorString().toStdString() + ".");
    }
    return errors;
}

}  // namespace lossmith
