// The panel beside the Train page: devices, estimate and truth, what the run learns from, and what happened.
#pragma once

#include <QWidget>
#include <optional>

#include "core/project/RunStore.h"
#include "ui/train/RunEstimate.h"

namespace lossmith::ui {

class DevicePicker;
class EstimateTable;
class EventList;
class FactList;
class MutedLabel;
class SectionLabel;
struct RunNews;

class RunInspector : public QWidget {
    Q_OBJECT

public:
    explicit RunInspector(QWidget* parent = nullptr);

    [[nodiscard]] DevicePicker& devices() { return *m_devices; }
    [[nodiscard]] EventList& events() { return *m_events; }

    /// Rows of the project by split, known without the engine.
    void set_rows(std::int64_t train, std::int64_t validation);
    void set_estimate(const std::optional<RunEstimate>& estimate);
    void set_estimate_note(const QString& sentence, bool wrong);

    /// Before a run the devices can be ticked and there are no events.
    void show_form();
    void show_run(const Run& run);
    void take(const RunNews& news);

Q_SIGNALS:
    /// Fields of the form that an estimate advises to change.
    void change_wanted(const lossmith::Json& fields);

private:
    void show_facts();

    DevicePicker* m_devices;
    EstimateTable* m_estimate;
    FactList* m_facts;
    SectionLabel* m_events_heading;
    EventList* m_events;
    std::int64_t m_train_rows = 0;
    std::int64_t m_validation_rows = 0;
    std::optional<RunEstimate> m_last_estimate;
    std::optional<double> m_peak_memory;
};

}  // namespace lossmith::ui
