// The page Train with real project files, and runs in processes of their own.
#pragma once

#include <QObject>

namespace lossmith::ui {

class TrainPageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void without_a_project_it_leads_to_start();
    void without_rows_it_leads_to_data();
    void a_wrong_form_cannot_be_started();
    void start_makes_a_run_and_its_process_finishes_it();
    void the_curve_grows_while_another_connection_writes();
    void a_curve_written_late_is_not_missed();
    void a_run_that_goes_back_is_drawn_once();
    void commands_land_in_the_file();
    void a_run_is_paused_continued_and_stopped();
    void a_lost_run_says_so_and_is_resumed();
    void a_running_run_is_found_again();
    void the_page_is_ready_when_the_run_is_drawn();
    void queued_runs_start_one_after_another();
    void a_waiting_run_is_taken_out_of_the_queue();
    void a_process_that_refuses_is_told();
    void a_missing_program_is_told();
    void run_again_fills_the_form();
    void samples_are_shown_by_prompt();
    void a_run_by_reward_shows_its_curves_and_completions();
    void events_are_told_in_words();
    void the_estimate_stands_beside_the_form();
    void a_batch_script_is_made_from_the_form();
    void a_run_that_does_not_fit_is_changed_by_a_button();
};

}  // namespace lossmith::ui
