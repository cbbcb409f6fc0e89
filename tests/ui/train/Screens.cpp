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

void expect_paper(const QImage& image, bool dark) {
    const QRgb panel = Theme::colour(Role::Panel, dark).rgb();
    const QRgb window = Theme::colour(Role::Window, dark).rgb();
    int paper = 0;
    int looked_at = 0;
    for (int y = 0; y < image.height(); y += 7) {
        for (int x = 0; x < image.width(); x += 7) {
            ++looked_at;
            paper += image.pixel(x, y) == panel || image.pixel(x, y) == window ? 1 : 0;
        }
    }
    QVERIFY2(paper > looked_at / 2, qPrintable(QStringLiteral("%1 of %2").arg(paper).arg(looked_at)));
}

void expect_both_palettes(const Pictures& pictures) {
    expect_paper(pictures.light, false);
    expect_paper(pictures.dark, true);
}

}  // namespace lossmith::ui
