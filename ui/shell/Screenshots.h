// Pictures of every page, light and dark, for the documentation and for looking at.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <vector>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

class MainWindow;
class Page;

/// Shows each page in turn, waits until it says it is ready, and saves "FOLDER/PAGE-light.png" and "FOLDER/PAGE-dark.png".
class Screenshots : public QObject {
    Q_OBJECT

public:
    Screenshots(MainWindow& window, Theme& theme, QString folder, QObject* parent = nullptr);

    void start();

Q_SIGNALS:
    /// Empty: all were saved.
    void finished(const QString& error);

private:
    struct Shot {
        QString page;
        Appearance appearance;
    };

    void next();
    void look();
    void take();

    MainWindow& m_window;
    Theme& m_theme;
    QString m_folder;
    std::vector<Shot> m_shots;
    std::size_t m_at = 0;
    QElapsedTimer m_shown_since;
    int m_calm_looks = 0;  ///< how many times in a row the page was ready
};

}  // namespace lossmith::ui
