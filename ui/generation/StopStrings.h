// Stop strings on one line: parted by " | ", with \n, \t, \\ and \| for what a line cannot show.
#pragma once

#include <QString>
#include <string>
#include <vector>

namespace lossmith::ui {

[[nodiscard]] QString shown_stop_strings(const std::vector<std::string>& strings);

/// Empty ones are dropped. White space next to a bar is not part of a string; written as \s it is.
[[nodiscard]] std::vector<std::string> typed_stop_strings(const QString& line);

}  // namespace lossmith::ui
