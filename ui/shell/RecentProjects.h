// The projects opened last, newest first, kept in the settings.
#pragma once

#include <QObject>
#include <QStringList>

namespace lossmith::ui {

class RecentProjects : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    /// Absolute paths; those whose file is gone are left out.
    [[nodiscard]] QStringList paths() const;
    void add(const QString& path);
    void remove(const QString& path);

Q_SIGNALS:
    void changed();
};

/// Where new projects go unless the user says otherwise: a "Lossmith" folder among the user's documents.
[[nodiscard]] QString default_project_folder();
/// "folder/stem.lossmith", with a number when that is taken.
[[nodiscard]] QString free_project_path(const QString& folder, const QString& stem);

}  // namespace lossmith::ui
