// What a run wrote from one of its fixed prompts, step by step.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/project/RunStore.h"

namespace lossmith::ui {

/// The first step's text (the model before) is violet, the last one's (after) teal, what lies between is plain.
class SamplesModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { StepColumn, TextColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void set_samples(std::vector<Sample> samples);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<Sample> m_samples;
};

}  // namespace lossmith::ui
