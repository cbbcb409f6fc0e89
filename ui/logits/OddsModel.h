// The tokens whose odds changed most over a data set.
#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/Json.h"

namespace lossmith::ui {

struct OddsChange {
    std::int64_t id = 0;
    std::string text;
    double base_log_probability = 0.0;  ///< of the mean probability over the labelled places
    double tuned_log_probability = 0.0;
    double change = 0.0;     ///< of the log-odds; above 0: risen
    std::int64_t count = 0;  ///< places where it is the true token
};

[[nodiscard]] std::vector<OddsChange> odds_from_json(const Json& list);

class OddsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Token, Base, Tuned, Times, Count, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void set_changes(std::vector<OddsChange> changes);
    [[nodiscard]] const OddsChange& change(int row) const { return m_changes[static_cast<std::size_t>(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<OddsChange> m_changes;
};

}  // namespace lossmith::ui
