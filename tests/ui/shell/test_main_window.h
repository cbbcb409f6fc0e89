// The window's tests.
#pragma once

#include <QObject>

namespace lossmith::test {

class TestMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void a_page_is_made_when_it_is_first_shown();
    void the_rail_shows_the_page_that_is_clicked();
    void the_inspector_is_there_only_for_pages_that_have_one();
    void the_palette_runs_what_a_few_letters_find();
    void the_palette_closes_with_escape_and_does_nothing();
    void a_dropped_project_is_opened_and_remembered();
    void a_page_made_later_is_given_the_open_project();
    void a_dropped_csv_goes_to_the_page_that_opens_it();
    void what_cannot_be_opened_is_said_in_the_window_and_changes_nothing();
    void undo_and_redo_go_to_the_page_on_show();
    void the_next_start_has_the_last_project_and_page();
    void the_running_job_is_read_from_the_project_and_can_be_stopped();
    void the_look_changes_at_once_and_is_kept();
    void a_tick_box_is_seen_in_both_looks();
    void a_line_without_room_is_elided_and_its_tool_tip_has_the_rest();
    void a_page_is_pictured_when_it_is_ready();
};

}  // namespace lossmith::test
