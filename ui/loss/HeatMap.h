// The tokens of a row, each on as much colour as its part in the loss, or in the gradient, is large.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/loss/LossReport.h"
#include "ui/widgets/Card.h"

class QStackedWidget;
class QToolButton;

namespace lossmith::ui {

class Chip;
class FactList;
class MutedLabel;

enum class HeatOf { Value, Gradient };

class HeatMap : public QWidget {
    Q_OBJECT

public:
    explicit HeatMap(QWidget* parent = nullptr);

    void set_tokens(std::vector<HeatToken> tokens, HeatOf what, double largest);
    /// 0 to 1; how strongly the token is coloured. Nothing for one that is not labelled.
    [[nodiscard]] std::optional<double> strength_of(std::size_t token) const;
    /// Where a token stands; for tests and the tool tip.
    [[nodiscard]] QRect rectangle_of(std::size_t token) const;
    [[nodiscard]] QString tip_of(std::size_t token) const;
    [[nodiscard]] static QColor colour_of(double strength);

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Box {
        QRect place;
        std::size_t token = 0;
    };
    [[nodiscard]] std::vector<Box> boxes_for(int width, int* height) const;

    std::vector<HeatToken> m_tokens;
    std::vector<Box> m_boxes;
    HeatOf m_what = HeatOf::Value;
    double m_largest = 0;
};

/// The card around it: value or gradient, which row, and what the colours mean.
class HeatCard : public Card {
    Q_OBJECT

public:
    explicit HeatCard(QWidget* parent = nullptr);

    /// What is there already stays for a report that brings no tokens; it is then said to be of an earlier text.
    void set_report(const LossReport& report);
    void clear();
    void show_row(int index);
    void show_what(HeatOf what);
    [[nodiscard]] HeatMap* map() const { return m_map; }
    [[nodiscard]] int shown_row() const { return m_row; }

Q_SIGNALS:
    /// The step went beyond the rows that were checked: −1 for those before, 1 for those after.
    void more_rows_wanted(int direction);

protected:
    void changeEvent(QEvent* event) override;

private:
    void redraw();
    void step(int direction);

    std::vector<HeatRow> m_rows;
    int m_row = 0;
    HeatOf m_what = HeatOf::Value;
    bool m_is_earlier = false;
    std::vector<LossPart> m_rewards;  ///< of a reward: a value a row
    HeatMap* m_map;
    FactList* m_reward_list;
    MutedLabel* m_nothing;
    Chip* m_value;
    Chip* m_gradient;
    QToolButton* m_back;
    QToolButton* m_on;
    MutedLabel* m_row_label;
    QWidget* m_legend;
    MutedLabel* m_legend_low;
    MutedLabel* m_legend_high;
    MutedLabel* m_note;
};

}  // namespace lossmith::ui
