// The panel beside the Doctor: every cause it knows, and which of them it found.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "core/diagnosis/Diagnosis.h"

namespace lossmith::ui {

class FactList;
class MutedLabel;

class CauseList : public QWidget {
    Q_OBJECT

public:
    explicit CauseList(QWidget* parent = nullptr);

    /// Absent: nothing was looked at yet.
    void show_diagnosis(const std::optional<Diagnosis>& diagnosis);

private:
    FactList* m_causes;
    MutedLabel* m_looked;
};

}  // namespace lossmith::ui
