// The line under the pointer with a dot on each curve and a small card of values beside it.
#pragma once

#include <QColor>
#include <QString>
#include <vector>

#include "ui/charts/QCustomPlotHeader.h"

namespace lossmith::ui {

class Crosshair : public QCPAbstractItem {
public:
    struct Line {
        QString label;
        QString value;
        QColor colour;
        double y = 0.0;  ///< where the dot goes; NaN: no dot
    };

    explicit Crosshair(QCustomPlot* plot);

    void show_at(double x, QString heading, std::vector<Line> lines);
    void hide();
    [[nodiscard]] double x() const { return m_x; }

    double selectTest(const QPointF& position, bool only_selectable, QVariant* details) const override;

protected:
    void draw(QCPPainter* painter) override;

private:
    void draw_card(QCPPainter& painter, double x) const;

    double m_x = 0.0;
    QString m_heading;
    std::vector<Line> m_lines;
};

}  // namespace lossmith::ui
