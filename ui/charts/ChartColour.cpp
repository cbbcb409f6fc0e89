// The colours curves may have: told apart in light and dark, and by people who see few colours when dashes are used with them.
#include "ui/charts/ChartColour.h"

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

QColor colour_of(CurveColour colour) {
    switch (colour) {
        case CurveColour::Blue: return Theme::colour(Role::Accent);
        case CurveColour::Amber: return Theme::colour(Role::Warn);
        case CurveColour::Slate: return Theme::colour(Role::Muted);
        case CurveColour::Teal: return Theme::colour(Role::Tuned);
        case CurveColour::Violet: return Theme::colour(Role::Base);
        case CurveColour::Rose: return Theme::colour(Role::Bad);
        case CurveColour::Green: return Theme::colour(Role::Ok);
        case CurveColour::Sky: return Theme::is_dark() ? QColor(0x6f, 0xd3, 0xf5) : QColor(0x0a, 0x7e, 0xa4);
    }
    return Theme::colour(Role::Text);
}

CurveColour curve_colour(int index) {
    constexpr CurveColour order[curve_colours] = {CurveColour::Blue, CurveColour::Amber, CurveColour::Teal, CurveColour::Violet,
                                                  CurveColour::Rose, CurveColour::Green, CurveColour::Sky,  CurveColour::Slate};
    return order[((index % curve_colours) + curve_colours) % curve_colours];
}

}  // namespace lossmith::ui
