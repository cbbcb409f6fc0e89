// What a run was reckoned to take, and beside it what it took.
#pragma once

#include <QWidget>
#include <optional>

#include "ui/train/RunEstimate.h"

class QLabel;
class QPushButton;

namespace lossmith::ui {

class MutedLabel;

class EstimateTable : public QWidget {
    Q_OBJECT

public:
    explicit EstimateTable(QWidget* parent = nullptr);

    /// What a run has taken so far; absent: not known.
    struct Truth {
        std::optional<double> memory_bytes;
        std::optional<double> seconds;
        std::optional<double> disk_bytes;
        std::optional<double> steps;
    };
    void set_estimate(const std::optional<RunEstimate>& estimate);
    void set_truth(const Truth& truth);
    /// Before a run there is no truth to show.
    void show_truth(bool shown);
    [[nodiscard]] QPushButton* change_button() const { return m_change; }
    /// Instead of figures: "Asking the engine…", or why there are none.
    void set_note(const QString& sentence, bool wrong);

Q_SIGNALS:
    /// The fields that an estimate advises to change.
    void change_wanted(const lossmith::Json& fields);

private:
    struct Line {
        QLabel* estimate;
        MutedLabel* truth;
    };
    Line add_line(const QString& label, int row);
    void show_columns();

    Line m_memory, m_time, m_disk, m_steps;
    bool m_has_estimate = false;
    bool m_has_truth = true;
    MutedLabel* m_estimate_heading;
    MutedLabel* m_truth_heading;
    MutedLabel* m_note;
    MutedLabel* m_advice;
    QPushButton* m_change;
    Json m_changes;
};

}  // namespace lossmith::ui
