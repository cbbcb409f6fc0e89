#include "core/data/ExampleView.h"

#include <algorithm>
#include <array>

namespace lossmith {
namespace {

using Cell = LabelledRange::Cell;

/// The bytes of a token that lie in a cell, counted from the cell's beginning.
void add_within(const ExampleToken& token, const CellPlace& place, Cell cell, bool labelled, RowLabels& labels) {
    const std::size_t begin = std::max(token.begin, place.begin);
    const std::size_t end = std::min(token.end, place.end);
    if (begin < end) labels.push_back({cell, begin - place.begin, end - place.begin, labelled});
}

}  // namespace

const char* name_of(TokenKind kind) {
    constexpr std::array names = {"start", "prompt", "completion", "end", "padding"};
    return names[static_cast<std::size_t>(kind)];
}

RowLabels labels_by_hand(const ExampleView& view, std::size_t first_token, std::size_t last_token, bool labelled) {
    RowLabels labels;
    for (std::size_t i = first_token; i <= last_token && i < view.tokens.size(); ++i) {
        const ExampleToken& token = view.tokens[i];
        if (token.kind == TokenKind::End) labels.push_back({Cell::End, 0, 1, labelled});
        if (token.kind == TokenKind::Prompt) add_within(token, view.problem, Cell::Problem, labelled, labels);
        if (token.kind == TokenKind::Completion) add_within(token, view.solution, Cell::Solution, labelled, labels);
    }
    return tidied(labels);
}

void ExampleShares::add(const ExampleView& view) {
    ++rows;
    std::int64_t predicted = 0;
    bool first = true;
    for (const ExampleToken& token : view.tokens) {
        if (token.truncated) {
            ++truncated;
            continue;
        }
        const bool counts = token.labelled && !first;
        first = false;
        if (counts) ++predicted;
        if (counts)
            ++labelled;
        else if (token.kind == TokenKind::Padding)
            ++padding;
        else
            ++ignored;
    }
    if (predicted == 0) ++unlabelled_rows;
}

}  // namespace lossmith
