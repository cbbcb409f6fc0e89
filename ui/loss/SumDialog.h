// Puts losses together: which ones, with what weights, and how the weights change over the run.
#pragma once

#include <QDialog>
#include <QString>
#include <vector>

#include "core/base/Json.h"

class QComboBox;
class QDoubleSpinBox;
class QGridLayout;
class QPushButton;

namespace lossmith::ui {

class MutedLabel;

/// A loss that can be a term. `source`: of one's own; empty for the catalogue's.
struct SummableLoss {
    QString name;
    QString title;
    QString source;
};

class SumDialog : public QDialog {
    Q_OBJECT

public:
    explicit SumDialog(std::vector<SummableLoss> losses, QWidget* parent = nullptr);

    /// What `loss/sum` is to be asked for.
    [[nodiscard]] Json terms() const;
    void add_term(const QString& name = {}, double weight = 0.1);
    [[nodiscard]] int term_count() const { return static_cast<int>(m_terms.size()); }
    void show_error(const QString& sentence);

Q_SIGNALS:
    void sum_wanted(const lossmith::Json& terms);

private:
    struct Term {
        QComboBox* loss;
        QDoubleSpinBox* start;
        QComboBox* schedule;
        QDoubleSpinBox* end;
        QPushButton* remove;
    };

    void remove_term(const QPushButton* button);
    void lay_out();
    void show_formula();

    std::vector<SummableLoss> m_losses;
    std::vector<Term> m_terms;
    QGridLayout* m_grid;
    MutedLabel* m_formula;
    MutedLabel* m_error;
    QPushButton* m_put_together;
};

}  // namespace lossmith::ui
