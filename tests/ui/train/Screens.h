// Pictures of a page with its inspector beside it, light and dark; kept where $LOSSMITH_SCREENS says.
#pragma once

#include <QImage>
#include <QString>

namespace lossmith::ui {

class Page;
class Theme;

struct Pictures {
    QImage light;
    QImage dark;
};

/// The page must be on show. Afterwards the light palette is on.
[[nodiscard]] Pictures take_pictures(Page& page, Theme& theme, const QString& name);

}  // namespace lossmith::ui
