// Axis labels in this program's words, on linear and logarithmic axes.
#pragma once

#include "ui/charts/ChartText.h"
#include "ui/charts/QCustomPlotHeader.h"

namespace lossmith::ui {

[[nodiscard]] QSharedPointer<QCPAxisTicker> linear_ticker(ValueFormat format, int ticks);
[[nodiscard]] QSharedPointer<QCPAxisTicker> logarithmic_ticker(ValueFormat format);
/// Steps: whole numbers only.
[[nodiscard]] QSharedPointer<QCPAxisTicker> step_ticker(int ticks);

}  // namespace lossmith::ui
