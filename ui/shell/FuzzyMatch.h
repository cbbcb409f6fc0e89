// How well a few typed letters fit a title: "otr" finds "Open Train".
#pragma once

#include <QString>
#include <QStringView>
#include <optional>

namespace lossmith::ui {

/// Higher is better; nothing when the letters do not all occur in order. Letters that start words or follow each other count more.
[[nodiscard]] std::optional<int> fuzzy_score(QStringView typed, QStringView title);

}  // namespace lossmith::ui
