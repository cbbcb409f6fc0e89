#include "core/comparison/WordDiff.h"

#include <algorithm>
#include <dtl/dtl.hpp>
#include <string>
#include <unordered_map>

namespace lossmith {
namespace {

/// dtl keeps a place for each step of its search; up to here it never needs more than it allows itself (two million).
constexpr std::size_t most_units = 1200;

/// A word or a line: what is compared, and its place.
struct Unit {
    std::string_view key;
    TextRange place;
};

std::vector<Unit> units_of(std::string_view text) {
    std::vector<Unit> units;
    for (const DiffPiece& piece : diff_pieces(text)) units.push_back({piece.word, piece.whole});
    return units;
}

/// Joins units to lines: a line ends with the unit whose white space holds a newline.
std::vector<Unit> lines_of(std::string_view text, const std::vector<Unit>& units) {
    std::vector<Unit> lines;
    std::size_t begin = units.empty() ? 0 : units.front().place.begin;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const TextRange place = units[i].place;
        const bool ends = text.substr(place.begin, place.end - place.begin).find('\n') != std::string_view::npos;
        if (!ends && i + 1 < units.size()) continue;
        lines.push_back({trimmed(text.substr(begin, place.end - begin)), {begin, place.end}});
        begin = place.end;
    }
    return lines;
}

class SpanList {
public:
    void add(DiffKind kind, TextRange first, TextRange second) {
        m_first = std::max(m_first, first.end);
        m_second = std::max(m_second, second.end);
        if (!m_spans.empty() && m_spans.back().kind == kind) {
            m_spans.back().first.end = m_first;
            m_spans.back().second.end = m_second;
        } else {
            m_spans.push_back({kind, first, second});
        }
    }
    void only_first(TextRange place) { add(DiffKind::OnlyFirst, place, {m_second, m_second}); }
    void only_second(TextRange place) { add(DiffKind::OnlySecond, {m_first, m_first}, place); }
    [[nodiscard]] std::vector<DiffSpan> take() { return std::move(m_spans); }

private:
    std::vector<DiffSpan> m_spans;
    std::size_t m_first = 0;  ///< how far each text is covered
    std::size_t m_second = 0;
};

void add_middle(SpanList& spans, const std::vector<Unit>& first, const std::vector<Unit>& second) {
    std::unordered_map<std::string_view, int> numbers;
    const auto numbered = [&numbers](const std::vector<Unit>& units) {
        std::vector<int> sequence;
        for (const Unit& unit : units) sequence.push_back(numbers.try_emplace(unit.key, static_cast<int>(numbers.size())).first->second);
        return sequence;
    };
    dtl::Diff<int> diff(numbered(first), numbered(second), true);
    diff.compose();
    std::size_t i = 0;
    std::size_t j = 0;
    for (const auto& [number, element] : diff.getSes().getSequence()) {
        if (element.type == dtl::SES_DELETE) {
            spans.only_first(first[i++].place);
        } else if (element.type == dtl::SES_ADD) {
            spans.only_second(second[j++].place);
        } else {
            spans.add(DiffKind::Same, first[i].place, second[j].place);
            ++i;
            ++j;
        }
    }
}

std::vector<Unit> cut(const std::vector<Unit>& units, std::size_t begin, std::size_t end) {
    return {units.begin() + static_cast<std::ptrdiff_t>(begin), units.end() - static_cast<std::ptrdiff_t>(end)};
}

}  // namespace

std::vector<DiffSpan> word_diff(std::string_view first, std::string_view second) {
    const auto a = units_of(first);
    const auto b = units_of(second);
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t head = 0;
    while (head < shorter && a[head].key == b[head].key) ++head;
    std::size_t tail = 0;
    while (tail < shorter - head && a[a.size() - 1 - tail].key == b[b.size() - 1 - tail].key) ++tail;

    SpanList spans;
    for (std::size_t i = 0; i < head; ++i) spans.add(DiffKind::Same, a[i].place, b[i].place);
    auto middle_a = cut(a, head, tail);
    auto middle_b = cut(b, head, tail);
    if (middle_a.size() > most_units || middle_b.size() > most_units) {
        middle_a = lines_of(first, middle_a);
        middle_b = lines_of(second, middle_b);
    }
    const bool too_long = middle_a.size() > most_units || middle_b.size() > most_units;
    if (too_long || middle_a.empty() || middle_b.empty()) {
        if (!middle_a.empty()) spans.only_first({middle_a.front().place.begin, middle_a.back().place.end});
        if (!middle_b.empty()) spans.only_second({middle_b.front().place.begin, middle_b.back().place.end});
    } else {
        add_middle(spans, middle_a, middle_b);
    }
    for (std::size_t k = tail; k > 0; --k) spans.add(DiffKind::Same, a[a.size() - k].place, b[b.size() - k].place);
    return spans.take();
}

}  // namespace lossmith
