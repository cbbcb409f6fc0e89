// The tokens that could stand at a place, as a table: logit, probability, rank and what sampling leaves, under the base and the tuned
// model.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "ui/logits/PlaceDistribution.h"

namespace lossmith::ui {

class DistributionModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Token, Logit, Bar, Probability, LogProbability, Rank, After, ColumnCount };
    /// Of a cell with a value for each model; absent where that model was not asked.
    enum Role { BaseText = Qt::UserRole, TunedText, BaseShare, TunedShare, BaseCut, TunedCut, IsHere };

    using QAbstractTableModel::QAbstractTableModel;

    void set_rows(std::vector<PlaceRow> rows);
    [[nodiscard]] const PlaceRow& row(int index) const { return m_rows[static_cast<std::size_t>(index)]; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<PlaceRow> m_rows;
};

}  // namespace lossmith::ui
