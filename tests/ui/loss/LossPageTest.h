// The page Loss with real project files and an engine that answers from what stands in the text.
#pragma once

#include <QObject>

namespace lossmith::ui {

class LossPageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void an_error_is_shown_on_its_line_and_goes_when_mended();
    void a_cut_is_named_with_ways_out_of_it();
    void a_rewrite_is_one_step_to_undo();
    void lines_say_what_they_hold_and_keep_their_notes_while_text_moves();
    void a_text_that_is_not_understood_keeps_what_was_known_of_its_lines();
    void parameters_become_fields();
    void a_field_takes_no_nonsense();
    void labels_and_rows_go_with_the_question();
    void only_the_newest_text_is_answered();
    void a_slow_check_says_so();
    void an_own_loss_is_saved_and_found_again();
    void an_own_loss_is_renamed_duplicated_and_deleted_with_undo();
    void a_loss_of_a_strange_project_is_accepted_first();
    void a_letter_changed_in_a_strange_loss_does_not_accept_it();
    void the_catalogue_is_searched_and_made_ones_own();
    void the_catalogues_own_stays_as_it_is();
    void the_keys_move_between_marks();
    void words_are_completed_with_their_shapes();
    void lines_are_commented_and_back();
    void snippets_are_put_in_below_the_caret();
    void tokens_are_coloured_by_loss_or_gradient();
    void what_is_printed_can_be_opened();
    void a_reward_shows_its_rows();
    void without_a_project_it_works_on_the_sample();
    void use_in_a_run_fills_the_form_of_train();
    void train_refuses_a_loss_nobody_accepted();
    void a_queued_run_waits_until_its_loss_is_accepted();
    void an_engine_without_losses_is_told();
    void it_fits_a_narrow_window();
};

}  // namespace lossmith::ui
