// The page Runs: its table, filter, difference of configs, curves and deletion.
#pragma once

#include <QObject>

namespace lossmith::ui {

class Theme;

class RunsTest : public QObject {
    Q_OBJECT

public:
    explicit RunsTest(Theme& theme) : m_theme(theme) {}

private Q_SLOTS:
    void the_model_keeps_the_rules_of_models();
    void runs_that_come_and_go_leave_the_others_in_place();
    void a_run_by_reward_names_its_reward();
    void names_tags_and_notes_can_be_edited_and_nothing_else();
    void words_filter_the_table();
    void losses_sort_as_numbers_and_missing_ones_last();
    void a_note_typed_in_the_table_lands_in_the_file();
    void the_topmost_run_is_chosen_at_first_and_then_the_page_is_ready();
    void chosen_runs_lie_over_one_another();
    void a_live_run_grows_in_the_chart();
    void chosen_runs_show_their_difference();
    void a_run_says_from_which_checkpoint_it_began_and_a_click_goes_there();
    void what_made_a_run_is_told_in_words();
    void a_saved_config_makes_the_run_again();
    void run_again_fills_the_form_of_train();
    void deleting_asks_in_the_page_and_removes_the_weights();
    void a_run_under_way_cannot_be_deleted();
    void opening_a_run_asks_for_the_train_page();
    void open_and_resume_reach_the_train_page_of_the_window();
    void every_page_fits_a_small_screen();
    void the_page_is_drawn_in_both_palettes();

private:
    Theme& m_theme;
};

}  // namespace lossmith::ui
