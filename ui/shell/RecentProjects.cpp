// The projects opened last.
#include "ui/shell/RecentProjects.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

namespace lossmith::ui {

namespace {
constexpr int longest_list = 12;
const QString settings_key = QStringLiteral("recent_projects");
}  // namespace

QStringList RecentProjects::paths() const {
    QStringList existing;
    for (const QString& path : QSettings().value(settings_key).toStringList())
        if (QFileInfo::exists(path)) existing.append(path);
    return existing;
}

void RecentProjects::add(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    QStringList list = paths();
    list.removeAll(absolute);
    list.prepend(absolute);
    QSettings().setValue(settings_key, list.mid(0, longest_list));
    Q_EMIT changed();
}

void RecentProjects::remove(const QString& path) {
    QStringList list = paths();
    list.removeAll(path);
    QSettings().setValue(settings_key, list);
    Q_EMIT changed();
}

QString default_project_folder() {
    QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    if (documents.isEmpty()) documents = QDir::homePath();
    return documents + QStringLiteral("/Lossmith");
}

QString free_project_path(const QString& folder, const QString& stem) {
    QString path = folder + QLatin1Char('/') + stem + QStringLiteral(".lossmith");
    for (int number = 2; QFileInfo::exists(path); ++number) path = folder + QStringLiteral("/%1-%2.lossmith").arg(stem).arg(number);
    return path;
}

}  // namespace lossmith::ui

#include "moc_RecentProjects.cpp"
