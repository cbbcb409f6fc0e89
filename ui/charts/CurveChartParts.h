// What a CurveChart is made of; shared by its source files only.
#pragma once

#include <QLabel>
#include <QPointer>
#include <QTimer>
#include <memory>
#include <vector>

#include "ui/charts/Crosshair.h"
#include "ui/charts/CurveChart.h"
#include "ui/charts/CurveSeries.h"
#include "ui/widgets/Chip.h"

namespace lossmith::ui {

struct CurveChart::Parts {
    Kind kind = Kind::Full;
    QString heading;
    QCustomPlot* plot = nullptr;
    Crosshair* crosshair = nullptr;
    std::vector<std::unique_ptr<CurveSeries>> curves;

    QWidget* toggle_row = nullptr;
    std::vector<std::pair<QString, Chip*>> toggles;  ///< by toggle's text
    Chip* log_toggle = nullptr;
    QLabel* legend = nullptr;
    QLabel* footnote = nullptr;
    QTimer refresh;

    ValueFormat format = ValueFormat::Number;
    QString x_name;
    double expected_end = 0.0;
    double smoothing = 0.0;
    bool log_scale = false;
    bool following = true;
    bool fitting = false;

    [[nodiscard]] CurveSeries* find(const QString& name) const {
        for (const auto& curve : curves) {
            if (curve->spec().name == name) return curve.get();
        }
        return nullptr;
    }
};

}  // namespace lossmith::ui
