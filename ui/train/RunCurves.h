// The curves of a run: loss large, the rest small below it.
#pragma once

#include <QWidget>
#include <string>
#include <vector>

#include "ui/charts/CurveChart.h"

namespace lossmith::ui {

class Chip;
struct RunNews;

class RunCurves : public QWidget {
    Q_OBJECT

public:
    explicit RunCurves(QWidget* parent = nullptr);

    void take(const RunNews& news);
    [[nodiscard]] CurveChart& loss() { return *m_loss; }

Q_SIGNALS:
    void message(const QString& line);

private:
    [[nodiscard]] CurveChart* chart_of(const std::string& metric) const;
    void add_part(CurveChart* chart, const QString& name);
    void show_footnote(const RunNews& news);

    /// Every chart there is, with or without a reward.
    [[nodiscard]] std::vector<CurveChart*> charts() const;

    CurveChart* m_loss;
    CurveChart* m_reward;  ///< as the next four, on show for a run by reward
    QWidget* m_reward_row = nullptr;
    CurveChart* m_kl;
    CurveChart* m_entropy;
    CurveChart* m_spread;
    CurveChart* m_length;
    CurveChart* m_rate;
    CurveChart* m_norm;
    CurveChart* m_speed;
    CurveChart* m_memory;
    int m_parts = 0;
    int m_reward_parts = 0;
};

}  // namespace lossmith::ui
