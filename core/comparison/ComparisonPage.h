// A comparison as one HTML page that stands alone: no file beside it, no network, light or dark as the reader's system is.
#pragma once

#include <string>

#include "core/comparison/Comparison.h"

namespace lossmith {

/// Summary cards with intervals, a table to sort and filter, the words that differ from the true solution marked. Every text is escaped,
/// and the page forbids itself any script but its own few lines.
[[nodiscard]] std::string comparison_page(const Comparison& comparison);

/// "97 %", "0.97", "12.3": a score as people read it.
[[nodiscard]] std::string shown_score(const ScoreKind& kind, double value);

/// "p < 0.001", "p = 0.04".
[[nodiscard]] std::string shown_p(double p);

}  // namespace lossmith
