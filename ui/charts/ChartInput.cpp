// A chart under the hand: crosshair, zoom, keys, menu, and the legend and toggles that answer to them.
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/charts/CurveChart.h"
#include "ui/charts/CurveChartParts.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

QString coloured(const QString& html, const QColor& colour) {
    return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(colour.name(), html);
}

}  // namespace

bool CurveChart::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_parts->plot) return Card::eventFilter(watched, event);
    QCPAxis& across = *m_parts->plot->xAxis;
    switch (event->type()) {
        case QEvent::MouseMove: {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (mouse->buttons() == Qt::NoButton)
                point_at(across.pixelToCoord(mouse->position().x()));
            else
                m_parts->crosshair->hide();
            return false;
        }
        case QEvent::Leave: m_parts->crosshair->hide(); return false;
        case QEvent::MouseButtonDblClick: show_all(); return true;
        case QEvent::Wheel: {
            const auto* wheel = static_cast<QWheelEvent*>(event);
            const double factor = std::pow(0.85, wheel->angleDelta().y() / 120.0);
            if (wheel->modifiers() & Qt::ControlModifier)
                zoom_y(factor);
            else
                zoom_x(factor, across.pixelToCoord(wheel->position().x()));
            event->accept();
            return true;
        }
        default: return Card::eventFilter(watched, event);
    }
}

void CurveChart::zoom_x(double factor, double around) {
    m_parts->plot->xAxis->scaleRange(factor, around);
    queue_draw();
}

void CurveChart::zoom_y(double factor) {
    m_parts->plot->yAxis->scaleRange(factor);
    queue_draw();
}

void CurveChart::point_at(double x) {
    std::optional<double> nearest;
    for (const auto& curve : m_parts->curves) {
        const auto point = curve->spec().visible ? curve->nearest(x) : std::nullopt;
        if (point && (!nearest || std::abs(point->x() - x) < std::abs(*nearest - x))) nearest = point->x();
    }
    if (!nearest) return m_parts->crosshair->hide();
    std::vector<Crosshair::Line> lines;
    for (const auto& curve : m_parts->curves) {
        const auto point = curve->spec().visible ? curve->nearest(*nearest) : std::nullopt;
        if (!point) continue;
        const double drawn = curve->drawn_value(point->x()).value_or(point->y());
        // A curve with few points says its value, but gets a dot only where it has one.
        lines.push_back({curve->spec().label, value_text(point->y(), m_parts->format), colour_of(curve->spec().colour),
                         point->x() == *nearest ? drawn : std::nan("")});
    }
    m_parts->crosshair->show_at(*nearest, QStringLiteral("%1 %2").arg(m_parts->x_name, value_text(*nearest, ValueFormat::Count)),
                                std::move(lines));
}

QString CurveChart::values_at(double x) const {
    QStringList parts{QStringLiteral("%1 %2").arg(m_parts->x_name, value_text(x, ValueFormat::Count))};
    for (const auto& curve : m_parts->curves) {
        const auto point = curve->spec().visible ? curve->nearest(x) : std::nullopt;
        if (point) parts.append(curve->spec().label + QLatin1Char(' ') + value_text(point->y(), m_parts->format));
    }
    return parts.join(QStringLiteral(" · "));
}

void CurveChart::keyPressEvent(QKeyEvent* event) {
    QCPAxis& across = *m_parts->plot->xAxis;
    const double pixel = std::abs(across.pixelToCoord(1) - across.pixelToCoord(0));
    const double at = m_parts->crosshair->visible() ? m_parts->crosshair->x() : across.range().center();
    // At least one whole step, so that a key press always moves it.
    const double stride = std::max(1.0, (event->modifiers() & Qt::ControlModifier ? 20.0 : 2.0) * pixel);
    switch (event->key()) {
        case Qt::Key_Left: point_at(at - stride); break;
        case Qt::Key_Right: point_at(at + stride); break;
        case Qt::Key_Plus:
        case Qt::Key_Equal: zoom_x(0.7, at); break;
        case Qt::Key_Minus: zoom_x(1.0 / 0.7, at); break;
        case Qt::Key_Home: show_all(); break;
        case Qt::Key_L: set_log_scale(!log_scale()); break;
        case Qt::Key_Escape: m_parts->crosshair->hide(); break;
        default: return Card::keyPressEvent(event);
    }
    if (m_parts->crosshair->visible()) setAccessibleDescription(values_at(m_parts->crosshair->x()));
}

void CurveChart::update_toggles() {
    if (m_parts->kind == Kind::Compact) return;
    struct Toggle {
        QString text;
        bool visible;
    };
    std::vector<Toggle> wanted;
    for (const auto& curve : m_parts->curves) {
        const auto same = std::ranges::find(wanted, curve->toggle(), &Toggle::text);
        if (same == wanted.end())
            wanted.push_back({curve->toggle(), curve->spec().visible});
        else
            same->visible = same->visible || curve->spec().visible;
    }
    std::erase_if(m_parts->toggles, [&](const auto& toggle) {
        const bool gone = std::ranges::find(wanted, toggle.first, &Toggle::text) == wanted.end();
        if (gone) toggle.second->deleteLater();
        return gone;
    });
    for (const Toggle& toggle : wanted) {
        auto known = std::ranges::find(m_parts->toggles, toggle.text, &std::pair<QString, Chip*>::first);
        if (known == m_parts->toggles.end()) {
            auto* chip = new Chip(toggle.text, m_parts->toggle_row);
            chip->setCheckable(true);
            chip->setAccessibleName(tr("Show %1").arg(toggle.text));
            connect(chip, &Chip::toggled, this, [this, text = toggle.text](bool on) {
                for (const auto& curve : m_parts->curves) {
                    if (curve->toggle() == text) curve->set_visible(on);
                }
                queue_draw();
            });
            m_parts->toggle_row->layout()->addWidget(chip);
            known = m_parts->toggles.insert(m_parts->toggles.end(), {toggle.text, chip});
        }
        const QSignalBlocker quiet(known->second);
        known->second->setChecked(toggle.visible);
    }
}

QString CurveChart::legend_html() const {
    QStringList entries;
    for (const auto& curve : m_parts->curves) {
        if (!curve->spec().visible) continue;
        const QString line = curve->spec().dashed ? QStringLiteral("╌╌") : QStringLiteral("━━");
        const auto last = curve->last();
        const QString text = curve->spec().label.toHtmlEscaped() +
                             (last ? QStringLiteral(" <b>%1</b>").arg(value_text(last->y(), m_parts->format)) : QString());
        entries.append(QStringLiteral("<span style=\"white-space:nowrap\">%1&nbsp;%2</span>")
                           .arg(coloured(line, colour_of(curve->spec().colour)), coloured(text, Theme::colour(Role::Text))));
    }
    return entries.join(QStringLiteral(" &nbsp;&nbsp;&nbsp; "));
}

void CurveChart::update_legend() {
    QString spoken;
    std::optional<double> end;
    for (const auto& curve : m_parts->curves) {
        const auto last = curve->spec().visible ? curve->last() : std::nullopt;
        if (last) end = std::max(end.value_or(last->x()), last->x());
    }
    if (end) spoken = values_at(*end);
    setAccessibleDescription(spoken.isEmpty() ? tr("No points yet.") : spoken);
    if (m_parts->kind == Kind::Full) {
        const QString html = legend_html();
        if (m_parts->legend->text() != html) m_parts->legend->setText(html);
        if (m_parts->footnote) {
            QPalette muted = m_parts->footnote->palette();
            muted.setColor(QPalette::WindowText, Theme::colour(Role::Muted));
            if (m_parts->footnote->palette() != muted) m_parts->footnote->setPalette(muted);
        }
        return;
    }
    QStringList values;
    for (const auto& curve : m_parts->curves) {
        if (const auto last = curve->last()) values.append(coloured(value_text(last->y(), m_parts->format), Theme::colour(Role::Text)));
    }
    m_parts->legend->setText(values.join(QStringLiteral(" · ")));
}

void CurveChart::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fill_menu(*menu);
    menu->popup(event->globalPos());
}

void CurveChart::fill_menu(QMenu& menu) {
    menu.addAction(tr("Show all\tHome"), this, &CurveChart::show_all);
    QAction* log = menu.addAction(tr("Logarithmic axis\tL"), this, [this] { set_log_scale(!log_scale()); });
    log->setCheckable(true);
    log->setChecked(log_scale());
    QMenu* smooth = menu.addMenu(tr("Smoothing"));
    for (const auto& [text, weight] :
         {std::pair{tr("None"), 0.0}, {tr("Light (0.8)"), 0.8}, {tr("Medium (0.95)"), 0.95}, {tr("Strong (0.99)"), 0.99}}) {
        QAction* action = smooth->addAction(text, this, [this, weight = weight] { set_smoothing(weight); });
        action->setCheckable(true);
        action->setChecked(std::abs(smoothing() - weight) < 1e-9);
    }
    menu.addSeparator();
    menu.addAction(tr("Save as PNG…"), this,
                   [this] { choose_file(tr("Save the chart as PNG"), QStringLiteral("png"), &CurveChart::export_png); });
    menu.addAction(tr("Save as SVG…"), this,
                   [this] { choose_file(tr("Save the chart as SVG"), QStringLiteral("svg"), &CurveChart::export_svg); });
    menu.addAction(tr("Save the points as CSV…"), this,
                   [this] { choose_file(tr("Save the chart's points"), QStringLiteral("csv"), &CurveChart::export_csv); });
}

}  // namespace lossmith::ui
