// The line under the pointer with a dot on each curve and a small card of values beside it.
#include "ui/charts/Crosshair.h"

#include <algorithm>
#include <cmath>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

Crosshair::Crosshair(QCustomPlot* plot) : QCPAbstractItem(plot) {
    // A layer with a buffer of its own: moving the pointer does not draw the curves again.
    setLayer(QStringLiteral("overlay"));
    setClipToAxisRect(false);
    setSelectable(false);
    setVisible(false);
}

void Crosshair::show_at(double x, QString heading, std::vector<Line> lines) {
    m_x = x;
    m_heading = std::move(heading);
    m_lines = std::move(lines);
    setVisible(true);
    layer()->replot();
}

void Crosshair::hide() {
    if (!visible()) return;
    setVisible(false);
    layer()->replot();
}

double Crosshair::selectTest(const QPointF&, bool, QVariant*) const {
    return -1.0;
}

void Crosshair::draw(QCPPainter* painter) {
    const QCPAxis* horizontal = mParentPlot->xAxis;
    const QCPAxis* vertical = mParentPlot->yAxis;
    const QRect area = mParentPlot->axisRect()->rect();
    const double x = horizontal->coordToPixel(m_x);
    if (x < area.left() - 1 || x > area.right() + 1) return;

    painter->setAntialiasing(false);
    painter->setPen(QPen(Theme::colour(Role::Muted), 1.0, Qt::DotLine));
    painter->drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter->setAntialiasing(true);
    for (const Line& line : m_lines) {
        const double y = vertical->coordToPixel(line.y);
        if (!std::isfinite(line.y) || !std::isfinite(y) || y < area.top() || y > area.bottom()) continue;
        painter->setPen(QPen(Theme::colour(Role::Panel), 1.5));
        painter->setBrush(line.colour);
        painter->drawEllipse(QPointF(x, y), 3.5, 3.5);
    }
    draw_card(*painter, x);
}

void Crosshair::draw_card(QCPPainter& painter, double x) const {
    const QFont font = mParentPlot->font();
    QFont bold = font;
    bold.setBold(true);
    const QFontMetrics metrics(font);
    const QFontMetrics bold_metrics(bold);
    int label_width = 0;
    int value_width = 0;
    for (const Line& line : m_lines) {
        label_width = std::max(label_width, metrics.horizontalAdvance(line.label));
        value_width = std::max(value_width, bold_metrics.horizontalAdvance(line.value));
    }
    constexpr int margin = 8;
    constexpr int swatch = 12;
    constexpr int gap = 12;
    const int row = metrics.height() + 2;
    const int content = std::max(bold_metrics.horizontalAdvance(m_heading), m_lines.empty() ? 0 : swatch + label_width + gap + value_width);
    const QRect viewport = mParentPlot->viewport();
    QRectF card(0, 0, content + 2 * margin, row * (1 + static_cast<int>(m_lines.size())) + 2 * margin - 2);
    card.moveTopLeft(QPointF(x + 12, mParentPlot->axisRect()->top() + 6));
    if (card.right() > viewport.right() - 2) card.moveRight(x - 12);
    if (card.left() < 2) card.moveLeft(2);
    if (card.bottom() > viewport.bottom() - 2) card.moveTop(std::max(2.0, viewport.bottom() - 2 - card.height()));

    painter.setPen(QPen(Theme::colour(Role::Border), 1.0));
    QColor fill = Theme::colour(Role::Panel);
    fill.setAlphaF(0.95F);
    painter.setBrush(fill);
    painter.drawRoundedRect(card, 6, 6);

    double top = card.top() + margin;
    painter.setFont(bold);
    painter.setPen(Theme::colour(Role::Text));
    painter.drawText(QRectF(card.left() + margin, top, content, row), Qt::AlignLeft | Qt::AlignVCenter, m_heading);
    for (const Line& line : m_lines) {
        top += row;
        painter.setPen(Qt::NoPen);
        painter.setBrush(line.colour);
        painter.drawRoundedRect(QRectF(card.left() + margin, top + row / 2.0 - 1.5, 8, 3), 1.5, 1.5);
        painter.setFont(font);
        painter.setPen(Theme::colour(Role::Muted));
        painter.drawText(QRectF(card.left() + margin + swatch, top, content, row), Qt::AlignLeft | Qt::AlignVCenter, line.label);
        painter.setFont(bold);
        painter.setPen(Theme::colour(Role::Text));
        painter.drawText(QRectF(card.left() + margin, top, content, row), Qt::AlignRight | Qt::AlignVCenter, line.value);
    }
}

}  // namespace lossmith::ui
