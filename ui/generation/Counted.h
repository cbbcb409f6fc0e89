// "1 row", "12 rows": counts in words, where no translation file supplies the plural.
#pragma once

#include <QString>

#include "ui/widgets/Format.h"

namespace lossmith::ui {

/// `one` for a count of one, else `many` with its %1 replaced by the count. Both go through tr() at the caller.
[[nodiscard]] inline QString counted(std::int64_t count, const QString& one, const QString& many) {
    return count == 1 ? one : many.arg(count_text(count));
}

}  // namespace lossmith::ui
