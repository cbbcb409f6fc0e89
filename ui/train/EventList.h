// What happened in a run, in words with the time, the newest at the end.
#pragma once

#include <QWidget>
#include <span>
#include <vector>

#include "core/project/RunStore.h"

class QTextBrowser;

namespace lossmith::ui {

class EventList : public QWidget {
    Q_OBJECT

public:
    explicit EventList(QWidget* parent = nullptr);

    void append(std::span<const RunEvent> events);
    void clear();
    [[nodiscard]] QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void show_all();

    std::vector<RunEvent> m_events;
    QTextBrowser* m_view;
};

}  // namespace lossmith::ui
