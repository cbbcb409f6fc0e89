#pragma once
#include <QObject>

class GenerationTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokens_are_those_of_transformers_data();
    void tokens_are_those_of_transformers();
    void prompts_of_different_lengths_in_one_batch_give_the_tokens_of_transformers();
    void a_text_does_not_depend_on_its_neighbours();
    void probabilities_are_those_of_the_whole_forward_pass();
    void fewer_bits_move_probabilities_no_further_than_said_data();
    void fewer_bits_move_probabilities_no_further_than_said();
    void a_stop_string_is_cut_off_and_never_told();
    void texts_that_end_early_leave_the_others_as_they_were();
    void more_texts_than_places_are_those_of_each_alone();
    void what_prompts_share_is_read_once_and_changes_nothing();
    void an_empty_prompt_is_refused();
    void cancelling_ends_it();
};
