// Shares of validation and test, and the seed: moving them moves rows, stably.
#pragma once

#include <QWidget>

#include "ui/data/DataSummary.h"

class QSlider;
class QSpinBox;
class QLabel;

namespace lossmith::ui {

class FactList;

class SplitPanel : public QWidget {
    Q_OBJECT

public:
    explicit SplitPanel(QWidget* parent = nullptr);

    void show_summary(const DataSummary& summary);

Q_SIGNALS:
    /// A slider was let go or the seed was typed.
    void split_wanted(const lossmith::SplitConfig& config);

private:
    [[nodiscard]] SplitConfig chosen() const;
    void show_shares();
    void tell();

    QSlider* m_validation;
    QSlider* m_test;
    QLabel* m_validation_share;
    QLabel* m_test_share;
    QSpinBox* m_seed;
    FactList* m_counts;
    SplitConfig m_shown;
};

}  // namespace lossmith::ui
