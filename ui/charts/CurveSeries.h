// One curve: its points, its smoothed overlay, and the two graphs that draw them. Points are appended, never copied whole.
#pragma once

#include <QPointF>
#include <QString>
#include <optional>
#include <span>

#include "ui/charts/CurveSpec.h"
#include "ui/charts/ExponentialAverage.h"
#include "ui/charts/QCustomPlotHeader.h"

namespace lossmith::ui {

class CurveSeries {
public:
    CurveSeries(QCustomPlot& plot, CurveSpec spec, double smoothing);
    ~CurveSeries();
    CurveSeries(const CurveSeries&) = delete;
    CurveSeries& operator=(const CurveSeries&) = delete;

    [[nodiscard]] const CurveSpec& spec() const { return m_spec; }
    [[nodiscard]] const QString& toggle() const { return m_spec.group.isEmpty() ? m_spec.label : m_spec.group; }

    /// In x order. Points at or before the last x replace what was from there on: a resumed run takes its steps again.
    void append(std::span<const QPointF> points);
    void clear();
    void set_visible(bool visible);
    void set_smoothing(double weight);  ///< 0: none; recomputes the overlay once
    void dress();                       ///< pens in the palette as it is now

    [[nodiscard]] qsizetype size() const { return m_points->size(); }
    [[nodiscard]] const QCPGraphDataContainer& points() const { return *m_points; }
    [[nodiscard]] std::optional<QPointF> last() const;
    /// The point whose x is nearest.
    [[nodiscard]] std::optional<QPointF> nearest(double x) const;
    /// What is drawn boldly at `x`: the smoothed value where there is one.
    [[nodiscard]] std::optional<double> drawn_value(double x) const;

    /// Of the finite points; widened as points come. Nothing when there are none.
    [[nodiscard]] std::optional<QCPRange> x_range() const;
    [[nodiscard]] std::optional<QCPRange> y_range() const { return m_y; }
    [[nodiscard]] std::optional<QCPRange> positive_y_range() const { return m_positive_y; }

private:
    void take(const QCPGraphData& point);
    void widen(double value);
    void recompute();

    CurveSpec m_spec;
    QCustomPlot& m_plot;
    QCPGraph* m_graph;
    QCPGraph* m_overlay;
    QSharedPointer<QCPGraphDataContainer> m_points;
    QSharedPointer<QCPGraphDataContainer> m_smoothed;
    double m_smoothing;
    ExponentialAverage m_average;
    std::optional<QCPRange> m_y;
    std::optional<QCPRange> m_positive_y;
};

}  // namespace lossmith::ui
