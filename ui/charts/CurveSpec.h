// How a curve of a chart is named and drawn.
#pragma once

#include <QString>

#include "ui/charts/ChartColour.h"

namespace lossmith::ui {

struct CurveSpec {
    QString name;   ///< unique in the chart, e.g. "train/loss"
    QString label;  ///< shown, e.g. "train"
    CurveColour colour = CurveColour::Blue;
    bool dashed = false;
    bool visible = true;
    bool marked = false;  ///< a dot at each point, for curves with few
    QString group;        ///< curves of one group share a toggle; empty: a toggle of its own
};

}  // namespace lossmith::ui
