// Breeze icons as a QIconEngine: the SVG's colour is exchanged for the palette's when it is painted, so a change of look needs no new
// icons.
#include <QFile>
#include <QGuiApplication>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QRegularExpression>
#include <QSvgRenderer>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QString find_icon_file(const QString& name) {
    QStringList roots = QIcon::themeSearchPaths();
    roots.append(QStringLiteral("/usr/share/icons"));
    const QStringList folders{QStringLiteral("actions"), QStringLiteral("places"),    QStringLiteral("status"),
                              QStringLiteral("devices"), QStringLiteral("mimetypes"), QStringLiteral("categories")};
    const QStringList sizes{QStringLiteral("22"), QStringLiteral("24"), QStringLiteral("16"), QStringLiteral("32")};
    for (const QString& root : roots)
        for (const QString& folder : folders)
            for (const QString& size : sizes) {
                const QString path =
                    root + QStringLiteral("/breeze/") + folder + QLatin1Char('/') + size + QLatin1Char('/') + name + QStringLiteral(".svg");
                if (QFile::exists(path)) return path;
            }
    return {};
}

class BreezeEngine : public QIconEngine {
public:
    BreezeEngine(QString name, QByteArray svg, Role role) : m_name(std::move(name)), m_svg(std::move(svg)), m_role(role) {}

    void paint(QPainter* painter, const QRect& area, QIcon::Mode mode, QIcon::State state) override {
        const qreal ratio = painter->device() != nullptr ? painter->device()->devicePixelRatioF() : 1.0;
        painter->drawPixmap(area, draw(area.size() * ratio, mode, state));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override { return draw(size, mode, state); }

    [[nodiscard]] QIconEngine* clone() const override { return new BreezeEngine(*this); }
    QString key() const override { return QStringLiteral("lossmith-breeze"); }
    QString iconName() override { return m_name; }
    bool isNull() override { return m_svg.isEmpty(); }

private:
    [[nodiscard]] QPixmap draw(const QSize& size, QIcon::Mode mode, QIcon::State state) const {
        QColor colour = Theme::colour(state == QIcon::On ? Role::Accent : m_role);
        if (mode == QIcon::Disabled) {
            colour = Theme::colour(Role::Muted);
            colour.setAlphaF(0.5F);
        }
        const QString cache_key =
            QStringLiteral("breeze/%1/%2/%3x%4").arg(m_name, colour.name(QColor::HexArgb)).arg(size.width()).arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(cache_key, &pixmap)) return pixmap;
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QByteArray svg = m_svg;
        svg.replace("currentColor", colour.name().toLatin1());
        QSvgRenderer renderer(svg);
        QPainter painter(&pixmap);
        painter.setOpacity(colour.alphaF());
        renderer.render(&painter);
        QPixmapCache::insert(cache_key, pixmap);
        return pixmap;
    }

    QString m_name;
    QByteArray m_svg;
    Role m_role;
};

}  // namespace

QIcon icon(const QString& name, Role role) {
    const QString path = find_icon_file(name);
    if (path.isEmpty()) return QIcon::fromTheme(name);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QIcon(new BreezeEngine(name, file.readAll(), role));
}

}  // namespace lossmith::ui
