// Long work on one line: what is done, how far, the time left, and a stop.
#pragma once

#include <QElapsedTimer>
#include <QWidget>

#include "core/base/Progress.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace lossmith::ui {

/// Hidden until start().
class ProgressStrip : public QWidget {
    Q_OBJECT

public:
    explicit ProgressStrip(QWidget* parent = nullptr);

    void start(const QString& what);              ///< shows it and starts the clock of the time left
    void set_progress(const Progress& progress);  ///< total 0: a bar that only says it is busy
    void set_detail(const QString& detail);       ///< replaces "N of M · T left"
    void set_time_left(double seconds);           ///< where the caller knows better
    void finish();                                ///< hides it

Q_SIGNALS:
    void stop_wanted();

private:
    QLabel* m_what;
    QProgressBar* m_bar;
    QLabel* m_detail;
    QPushButton* m_stop;
    QElapsedTimer m_clock;
};

}  // namespace lossmith::ui
