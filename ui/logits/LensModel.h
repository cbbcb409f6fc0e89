// The logit lens as a table: a line a layer with the output on top, a column a place, each cell the layer's first choice there.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "ui/logits/InspectedText.h"

namespace lossmith::ui {

struct LensCell {
    std::vector<TokenAlternative> top;
    std::optional<double> probability;  ///< of the token that stands there
    std::int64_t rank = 0;              ///< of that token
    double entropy = 0.0;
};

struct LensLayer {
    QString name;
    std::vector<LensCell> cells;  ///< cells[t] is what is predicted after token t
};

[[nodiscard]] Result<std::vector<LensLayer>> lens_from_json(const Json& answer);

/// Column p is place p + 1: what was predicted after token p.
class LensModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void set_lens(std::vector<LensLayer> layers, const InspectedText& text);
    [[nodiscard]] const LensCell* cell(const QModelIndex& index) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<LensLayer> m_layers;  ///< output first
    std::vector<std::string> m_tokens;
};

}  // namespace lossmith::ui
