// The panel beside the Runs page: what made one run, or how two differ.
#pragma once

#include <QWidget>
#include <vector>

#include "core/project/RunStore.h"

class QGridLayout;
class QLabel;

namespace lossmith::ui {

class FactList;
class MutedLabel;
class SectionLabel;

class RunDetails : public QWidget {
    Q_OBJECT

public:
    explicit RunDetails(QWidget* parent = nullptr);

    /// None: a hint. One: its facts. Two: what differs between their configs. More: a hint.
    void show_runs(const std::vector<Run>& runs);

private:
    void show_one(const Run& run);
    void show_difference(const Run& first, const Run& second);
    void clear();

    SectionLabel* m_heading;
    MutedLabel* m_hint;
    FactList* m_result;
    SectionLabel* m_made_heading;
    FactList* m_made;
    SectionLabel* m_text_heading;
    QLabel* m_text;
    QWidget* m_difference;
    QGridLayout* m_grid;
};

}  // namespace lossmith::ui
