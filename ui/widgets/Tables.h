// How every table looks and what it can: dense rows without a grid, copy, and export as CSV.
#pragma once

#include <QString>

#include "core/base/Result.h"

class QAbstractItemModel;
class QTableView;

namespace lossmith::ui {

/// Sets the common look; remembers column widths under `settings_key`; a context menu (and Ctrl+C) copies the selection
/// and writes the whole table as CSV.
void dress_table(QTableView* table, const QString& settings_key);

/// The model's DisplayRole texts as RFC 4180 CSV with a header.
[[nodiscard]] QString table_as_csv(QAbstractItemModel& model);

}  // namespace lossmith::ui
