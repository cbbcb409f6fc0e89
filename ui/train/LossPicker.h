// Which loss a run minimises, or which reward it learns from: the catalogue's, the project's own, or that of an earlier run.
#pragma once

#include <QString>
#include <QWidget>
#include <vector>

#include "core/config/LossSpec.h"
#include "core/project/LossStore.h"

class QComboBox;

namespace lossmith::ui {

class MutedLabel;

enum class Picks { Loss, Reward };

/// A loss or reward of the catalogue, as the engine names it.
struct ShippedLoss {
    std::string name;
    std::string title;
    std::string about;
};

/// `loss/catalogue`'s entries that a run can have by their name.
[[nodiscard]] std::vector<ShippedLoss> shipped_losses_from_json(const Json& json, Picks what);

/// A reward has the form of a loss here: a name, fields and perhaps a text of its own. No name: no reward.
class LossPicker : public QWidget {
    Q_OBJECT

public:
    explicit LossPicker(Picks what, QWidget* parent = nullptr);

    void set_catalogue(std::vector<ShippedLoss> shipped);
    void set_own(const std::vector<StoredLoss>& losses);
    /// What RunConfig::loss, or name, parameters and source of RunConfig::reward, are to hold.
    [[nodiscard]] const LossSpec& loss() const { return m_loss; }
    [[nodiscard]] bool has_none() const { return m_loss.name.empty(); }
    void set_loss(const LossSpec& loss);
    [[nodiscard]] bool has_shipped(const std::string& name) const;
    void set_error(const QString& sentence);

Q_SIGNALS:
    void changed();
    void edit_wanted();  ///< the loss is to be seen, and changed, on the page Loss

private:
    void fill();
    void take(int index);
    void show_meaning();

    Picks m_what;
    LossSpec m_loss;
    std::vector<ShippedLoss> m_shipped;
    std::vector<LossSpec> m_own;
    std::vector<LossSpec> m_offered;  ///< in the order of the list; "Edit…" comes after them
    QComboBox* m_choices;
    MutedLabel* m_below;
    QString m_error;
};

}  // namespace lossmith::ui
