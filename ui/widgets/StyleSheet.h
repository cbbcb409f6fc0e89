// The one style sheet of the program.
#pragma once

#include <QString>

namespace lossmith::ui {

[[nodiscard]] QString style_sheet(bool dark);

}  // namespace lossmith::ui
