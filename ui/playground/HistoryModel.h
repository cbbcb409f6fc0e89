// What was generated here before, newest first.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/project/PromptStore.h"

namespace lossmith::ui {

class HistoryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { When, Model, Prompt, Text, Settings, ColumnCount };

    explicit HistoryModel(QObject* parent = nullptr);

    void set_generations(std::vector<Generation> generations);
    [[nodiscard]] const Generation& generation(int row) const { return m_generations[static_cast<std::size_t>(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<Generation> m_generations;
};

}  // namespace lossmith::ui
