// What each filter of sampling leaves: how many tokens, and as a bar how much of the probability.
#pragma once

#include <QWidget>

#include "ui/logits/PlaceDistribution.h"

namespace lossmith::ui {

class FilterBars : public QWidget {
    Q_OBJECT

public:
    explicit FilterBars(QWidget* parent = nullptr);

    void set_place(const PlaceOfTwo& place);
    /// "top k — base kept 50 of 0.71, tuned kept 3 of 0.99": a line each.
    [[nodiscard]] QStringList lines() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Line {
        QString name;
        std::optional<FilterStep> base, tuned;
    };
    std::vector<Line> m_lines;
};

}  // namespace lossmith::ui
