// Pictures of a page with its inspector beside it, light and dark.
#include "tests/ui/train/Screens.h"

#include <QDir>
#include <QHBoxLayout>
#include <QPainter>
#include <QTest>

#include "ui/charts/CurveChart.h"
#include "ui/shell/InspectorPanel.h"
#include "ui/widgets/Page.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

QImage picture(Page& page, InspectorPanel& panel) {
    for (CurveChart* chart : page.findChildren<CurveChart*>()) chart->draw_now();
    QImage image(page.width() + panel.width(), page.height(), QImage::Format_RGB32);
    image.fill(Theme::colour(Role::Window));
    page.render(&image, QPoint(0, 0));
    panel.render(&image, QPoint(page.width(), 0));
    return image;
}

}  // namespace

Pictures take_pictures(Page& page, Theme& theme, const QString& name) {
    InspectorPanel panel;
    panel.show_content(page.inspector());
    panel.resize(320, page.height());
    panel.show();
    Pictures pictures;
    theme.preview_appearance(Appearance::Dark);
    pictures.dark = picture(page, panel);
    theme.preview_appearance(Appearance::Light);
    pictures.light = picture(page, panel);
    const QString folder = qEnvironmentVariable("LOSSMITH_SCREENS");
    if (!folder.isEmpty()) {
        QDir().mkpath(folder);
        pictures.light.save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
        pictures.dark.save(folder + QLatin1Char('/') + name + QStringLiteral("-dark.png"));
    }
    page.inspector()->setParent(&page);
    return pictures;
}

}  // namespace lossmith::ui
