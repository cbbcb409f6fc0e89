#include "ui/logits/FilterBars.h"

#include <QPainter>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int bar_left = 118;
constexpr int bar_line = 15;
constexpr int number_width = 92;

QString kept_text(const FilterStep& step) {
    return FilterBars::tr("%1 · %2").arg(count_text(step.kept), QString::number(step.mass, 'f', 3));
}

}  // namespace

FilterBars::FilterBars(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("filters"));
    setToolTip(tr("After each filter in turn: how many tokens are left, and how much of the probability they held before it"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FilterBars::set_place(const PlaceOfTwo& place) {
    m_lines.clear();
    for (const ModelSide side : {ModelSide::Tuned, ModelSide::Base}) {
        if (!place.of(side)) continue;
        for (const FilterStep& step : place.of(side)->filters) {
            const QString name = words_of_name(step.name);
            auto line = std::ranges::find(m_lines, name, &Line::name);
            if (line == m_lines.end()) line = m_lines.insert(m_lines.end(), {name, {}, {}});
            (side == ModelSide::Base ? line->base : line->tuned) = step;
        }
    }
    setAccessibleName(lines().join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

QStringList FilterBars::lines() const {
    QStringList all;
    for (const Line& line : m_lines) {
        QStringList sides;
        if (line.base) sides += tr("base kept %1").arg(kept_text(*line.base));
        if (line.tuned) sides += (line.base ? tr("tuned kept %1") : tr("kept %1")).arg(kept_text(*line.tuned));
        all += line.name + QStringLiteral(" — ") + sides.join(QStringLiteral(", "));
    }
    return all;
}

QSize FilterBars::sizeHint() const {
    int height = 0;
    for (const Line& line : m_lines) height += (line.base && line.tuned ? 2 : 1) * bar_line + 7;
    return {bar_left + number_width + 60, std::max(height, bar_line)};
}

void FilterBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_lines.empty()) {
        painter.setPen(Theme::colour(Role::Muted));
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, tr("No filter is on."));
        return;
    }
    QFont small = font();
    small.setPixelSize(12);
    painter.setFont(small);
    int y = 0;
    const int bar_width = std::max(width() - bar_left - number_width, 20);
    for (const Line& line : m_lines) {
        const int lines = line.base && line.tuned ? 2 : 1;
        painter.setPen(Theme::colour(Role::Text));
        painter.drawText(QRect(0, y, bar_left - 6, lines * bar_line), Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(small).elidedText(line.name, Qt::ElideRight, bar_left - 6));
        for (const auto& [step, role] : {std::pair{&line.base, Role::Base}, {&line.tuned, Role::Tuned}}) {
            if (!*step) continue;
            const QRectF ground(bar_left, y + 4, bar_width, bar_line - 7);
            painter.setPen(Qt::NoPen);
            painter.setBrush(Theme::colour(Role::Border));
            painter.drawRoundedRect(ground, 2, 2);
            painter.setBrush(Theme::colour(role));
            painter.drawRoundedRect(QRectF(ground.left(), ground.top(), std::max(1.0, (*step)->mass * ground.width()), ground.height()), 2,
                                    2);
            painter.setPen(Theme::colour(role));
            painter.drawText(QRect(width() - number_width, y, number_width, bar_line), Qt::AlignRight | Qt::AlignVCenter,
                             kept_text(**step));
            y += bar_line;
        }
        y += 7;
    }
}

}  // namespace lossmith::ui

#include "moc_FilterBars.cpp"
