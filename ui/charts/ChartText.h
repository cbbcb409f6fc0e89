// Numbers as charts write them, on axes, in legends and under the pointer.
#pragma once

#include <QString>

namespace lossmith::ui {

enum class ValueFormat {
    Number,  ///< losses, norms: as many digits as tell values apart, "0.31", "12.4", "1,200"
    Rate,    ///< learning rates: "5e-5", "0.001"
    Count,   ///< tokens a second: "1,240"
    Bytes,   ///< memory: "410 MB", "1.2 GB"
};

/// For an axis: short. `step`: the distance between ticks, so that neighbours read differently; 0 when not known.
[[nodiscard]] QString tick_text(double value, ValueFormat format, double step = 0.0);

/// For a legend and the crosshair: about three significant digits. "not a number" for NaN.
[[nodiscard]] QString value_text(double value, ValueFormat format);

}  // namespace lossmith::ui
