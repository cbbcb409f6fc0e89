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

/// The test fails unless most of the picture is the palette's own paper.
void expect_paper(const QImage& image, bool dark);
void expect_both_palettes(const Pictures& pictures);

}  // namespace lossmith::ui
