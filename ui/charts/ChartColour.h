// The colours curves may have: told apart in light and dark, and by people who see few colours when dashes are used with them.
#pragma once

#include <QColor>

namespace lossmith::ui {

/// Violet and Teal are the theme's base and tuned, and are kept for them where both meaning and curve stand on one page.
enum class CurveColour { Blue, Amber, Slate, Teal, Violet, Rose, Green, Sky };
inline constexpr int curve_colours = 8;

/// In the palette as it is now.
[[nodiscard]] QColor colour_of(CurveColour colour);

/// The `index`th of a series of curves that mean alike, round and round.
[[nodiscard]] CurveColour curve_colour(int index);

}  // namespace lossmith::ui
