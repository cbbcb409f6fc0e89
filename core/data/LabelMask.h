// Which tokens of an example are labelled: by the template's rule, and over it by hand for a single row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith {

struct ExampleView;
struct TemplateSpec;

/// Labelled or unlabelled by hand: bytes [begin, end) of a row's own problem or solution, so that it stays where it is whatever the
/// template becomes; of the end token (`End`) the bytes do not matter.
struct LabelledRange {
    enum class Cell { Problem, Solution, End };
    Cell cell = Cell::Solution;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool labelled = true;
    bool operator==(const LabelledRange&) const = default;
};

/// Those of one row; a later one wins over an earlier.
using RowLabels = std::vector<LabelledRange>;

/// `[{cell: "problem", "solution" or "end", begin, end, labelled}]`. At most 10,000 of them.
[[nodiscard]] Json row_labels_json(const RowLabels& labels);
[[nodiscard]] Result<RowLabels> row_labels_from_json(const Json& json);

/// The same labels with everything that a later one covers left out, and neighbours of one kind joined.
[[nodiscard]] RowLabels tidied(const RowLabels& labels);

/// Sets `labelled` of every token but the padding: by the template's rule, then by hand. A token is within a stretch of text when any of
/// its bytes is. Of a pattern with a group the first group counts, else the whole match; the end token is labelled with text that
/// reaches the end. BadInput when a pattern takes too long on this text.
[[nodiscard]] Status apply_labels(const TemplateSpec& spec, const RowLabels& by_hand, ExampleView& view);

/// What is wrong with the rule's own fields; empty when nothing is.
[[nodiscard]] std::vector<Error> label_rule_errors(const TemplateSpec& spec);

}  // namespace lossmith
