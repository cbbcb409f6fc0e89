// The run's loss beside what a token of each kind costs: where a splendid loss is only padding, it is seen here.
#pragma once

#include <QWidget>
#include <vector>

#include "core/project/MetricStore.h"

namespace lossmith::ui {

class CurveChart;
class StatCard;

class KindCurves : public QWidget {
    Q_OBJECT

public:
    explicit KindCurves(QWidget* parent = nullptr);

    /// All metrics of one run, as MetricStore::read() gives them.
    void set_metrics(const std::vector<Metric>& metrics);
    [[nodiscard]] CurveChart& chart() { return *m_chart; }

Q_SIGNALS:
    void message(const QString& line);

private:
    struct Kind {
        const char* metric;
        StatCard* card;
    };

    CurveChart* m_chart;
    std::vector<Kind> m_kinds;
};

}  // namespace lossmith::ui
