// The chart that pages share: what it keeps, shows, follows and writes.
#pragma once

#include <QObject>

namespace lossmith::ui {

class ChartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void points_are_kept_and_the_view_follows_them();
    void a_zoomed_view_stays_until_a_double_click();
    void points_at_earlier_steps_replace_what_came_after();
    void an_average_is_right_from_its_first_value();
    void smoothing_goes_on_as_points_come();
    void a_value_that_is_not_finite_leaves_the_axis_alone();
    void a_logarithmic_axis_holds_only_what_is_above_zero();
    void toggles_hide_and_show_their_curves();
    void the_values_at_a_step_are_said();
    void arrow_keys_move_the_crosshair();
    void a_hundred_thousand_points_are_drawn();
    void what_is_written_as_csv_is_every_point();
    void pictures_are_written();
    void a_folder_that_is_not_there_is_said();
};

}  // namespace lossmith::ui
