// Numbers as people read them: "2,700", "1 min 12 s", "0.41 GB".
#pragma once

#include <QString>
#include <cstdint>
#include <string>

namespace lossmith::ui {

[[nodiscard]] QString count_text(std::int64_t count);
/// "1 row", "12 rows", where no translation file supplies the plural: `one` for a count of one, else `many` with its %1 replaced by the
/// count. Both go through tr() at the caller.
[[nodiscard]] QString counted(std::int64_t count, const QString& one, const QString& many);
[[nodiscard]] QString duration_text(double seconds);   ///< "8 s", "1 min 12 s", "2 h 5 min"
[[nodiscard]] QString bytes_text(std::int64_t bytes);  ///< powers of 1000: "71 MB"
[[nodiscard]] QString share_text(double share);        ///< 0.384 → "38 %"
/// "2026-03-01T10:41:07Z" → in local time: "10:41:07" today, else "1 Mar 10:41". The text itself when it is not a date.
[[nodiscard]] QString time_text(const QString& iso);
[[nodiscard]] QString words_of_name(const std::string& name);  ///< "label_smoothing" → "label smoothing"
/// One line of at most `length` characters: line ends become ⏎, what is cut off becomes ….
[[nodiscard]] QString one_line(const QString& text, qsizetype length = 300);

}  // namespace lossmith::ui
