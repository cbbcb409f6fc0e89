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

    /// Every chart there is by now.
    [[nodiscard]] std::vector<CurveChart*> charts() const;

    [[nodiscard]] QWidget* row_of(const std::vector<CurveChart*>& charts);
    void tell_of_exports(CurveChart* chart);
    void make_reward_charts();

    CurveChart* m_loss;
    CurveChart* m_rate;
    CurveChart* m_norm;
    CurveChart* m_speed;
    CurveChart* m_memory;
    Chip* m_smooth;
    CurveChart* m_reward = nullptr;  ///< as the next four and their row, made with the first run by reward
    CurveChart* m_kl = nullptr;
    CurveChart* m_entropy = nullptr;
    CurveChart* m_spread = nullptr;
    CurveChart* m_length = nullptr;
    QWidget* m_reward_row = nullptr;
    int m_parts = 0;
    int m_reward_parts = 0;
};

}  // namespace lossmith::ui
