// Beside the data: the splits, the row that is chosen, the files that rows came from.
#pragma once

#include <QWidget>

#include "ui/data/DataSummary.h"

class QLabel;
class QVBoxLayout;

namespace lossmith::ui {

class MutedLabel;
class SplitPanel;

class DataInspector : public QWidget {
    Q_OBJECT

public:
    explicit DataInspector(QWidget* parent = nullptr);

    void show_summary(const DataSummary& summary);
    void show_row(const Row* row);  ///< null: none is chosen

Q_SIGNALS:
    void split_wanted(const lossmith::SplitConfig& config);
    void source_removed(std::int64_t source);

private:
    void show_sources(const std::vector<DataSource>& sources);

    SplitPanel* m_split;
    QWidget* m_row_part;
    MutedLabel* m_row_place;
    QLabel* m_problem;
    QLabel* m_solution;
    MutedLabel* m_others;
    QVBoxLayout* m_sources;
};

}  // namespace lossmith::ui
