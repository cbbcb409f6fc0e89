// One curve: its points, its smoothed overlay, and the two graphs that draw them.
#include "ui/charts/CurveSeries.h"

#include <cmath>
#include <limits>

namespace lossmith::ui {
namespace {

std::optional<QPointF> nearest_in(const QCPGraphDataContainer& points, double x) {
    if (points.isEmpty()) return std::nullopt;
    auto after = points.findBegin(x, false);
    if (after == points.constEnd()) --after;
    if (after != points.constBegin()) {
        const auto before = after - 1;
        if (std::abs(before->key - x) <= std::abs(after->key - x)) after = before;
    }
    return QPointF(after->key, after->value);
}

}  // namespace

CurveSeries::CurveSeries(QCustomPlot& plot, CurveSpec spec, double smoothing)
    : m_spec(std::move(spec)),
      m_plot(plot),
      m_graph(plot.addGraph()),
      m_overlay(plot.addGraph()),
      m_points(m_graph->data()),
      m_smoothed(m_overlay->data()),
      m_smoothing(smoothing),
      m_average(smoothing) {
    m_graph->setName(m_spec.label);
    for (QCPGraph* graph : {m_graph, m_overlay}) {
        graph->setAdaptiveSampling(true);
        graph->setSelectable(QCP::stNone);
    }
    set_visible(m_spec.visible);
    dress();
}

CurveSeries::~CurveSeries() {
    m_plot.removeGraph(m_overlay);
    m_plot.removeGraph(m_graph);
}

void CurveSeries::append(std::span<const QPointF> points) {
    if (points.empty()) return;
    const auto end = last();
    if (end && points.front().x() <= end->x()) {
        // removeAfter() keeps the key itself, so ask for the largest number below it.
        m_points->removeAfter(std::nextafter(points.front().x(), -std::numeric_limits<double>::infinity()));
        recompute();
    }
    for (const QPointF& point : points) {
        // A value that is not finite is a gap in the line; infinity would spoil the axis.
        take(QCPGraphData(point.x(), std::isfinite(point.y()) ? point.y() : std::numeric_limits<double>::quiet_NaN()));
    }
}

void CurveSeries::take(const QCPGraphData& point) {
    // The container appends one point in place; a vector of them it would first insert and then merge.
    m_points->add(point);
    widen(point.value);
    if (m_smoothing > 0.0) m_smoothed->add(QCPGraphData(point.key, m_average.add(point.value)));
}

void CurveSeries::widen(double value) {
    if (!std::isfinite(value)) return;
    if (m_y)
        m_y->expand(value);
    else
        m_y = QCPRange(value, value);
    if (value <= 0.0) return;
    if (m_positive_y)
        m_positive_y->expand(value);
    else
        m_positive_y = QCPRange(value, value);
}

void CurveSeries::recompute() {
    m_y.reset();
    m_positive_y.reset();
    m_smoothed->clear();
    m_average = ExponentialAverage(m_smoothing);
    QVector<QCPGraphData> averages;
    if (m_smoothing > 0.0) averages.reserve(m_points->size());
    for (auto point = m_points->constBegin(); point != m_points->constEnd(); ++point) {
        widen(point->value);
        if (m_smoothing > 0.0) averages.append(QCPGraphData(point->key, m_average.add(point->value)));
    }
    m_smoothed->set(averages, true);
}

void CurveSeries::clear() {
    m_points->clear();
    recompute();
}

void CurveSeries::set_visible(bool visible) {
    m_spec.visible = visible;
    m_graph->setVisible(visible);
    m_overlay->setVisible(visible && m_smoothing > 0.0);
}

void CurveSeries::set_smoothing(double weight) {
    m_smoothing = weight;
    recompute();
    set_visible(m_spec.visible);
    dress();
}

void CurveSeries::dress() {
    const QColor colour = colour_of(m_spec.colour);
    QPen pen(colour, 1.6);
    pen.setJoinStyle(Qt::RoundJoin);
    if (m_spec.dashed) pen.setDashPattern({3.0, 2.0});
    m_overlay->setPen(pen);
    if (m_smoothing > 0.0) {
        // The raw curve steps back behind its average.
        QColor faint = colour;
        faint.setAlphaF(0.28F);
        pen.setColor(faint);
        pen.setWidthF(1.0);
    }
    m_graph->setPen(pen);
    m_graph->setScatterStyle(m_spec.marked ? QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, 4.5) : QCPScatterStyle::ssNone);
}

std::optional<QPointF> CurveSeries::last() const {
    if (m_points->isEmpty()) return std::nullopt;
    const auto point = m_points->constEnd() - 1;
    return QPointF(point->key, point->value);
}

std::optional<QPointF> CurveSeries::nearest(double x) const {
    return nearest_in(*m_points, x);
}

std::optional<double> CurveSeries::drawn_value(double x) const {
    const auto point = nearest_in(m_smoothing > 0.0 ? *m_smoothed : *m_points, x);
    return point ? std::optional(point->y()) : std::nullopt;
}

std::optional<QCPRange> CurveSeries::x_range() const {
    if (m_points->isEmpty()) return std::nullopt;
    return QCPRange(m_points->constBegin()->key, (m_points->constEnd() - 1)->key);
}

}  // namespace lossmith::ui
