// How the tokens of all rows are shared out: one bar, labelled, ignored and padding, with their counts.
#pragma once

#include <QWidget>
#include <optional>

#include "core/data/ExampleView.h"

class QLabel;

namespace lossmith::ui {

class SharesBar : public QWidget {
    Q_OBJECT

public:
    explicit SharesBar(QWidget* parent = nullptr);

    /// Absent: being counted.
    void set_shares(const std::optional<ExampleShares>& shares);
    [[nodiscard]] const std::optional<ExampleShares>& shares() const { return m_shares; }
    [[nodiscard]] QString in_words() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    class Bar;
    std::optional<ExampleShares> m_shares;
    Bar* m_bar;
    QLabel* m_words;
};

}  // namespace lossmith::ui
