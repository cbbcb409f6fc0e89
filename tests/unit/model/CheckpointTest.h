#pragma once

#include <QObject>

/// Folders read, written, made anew and grown.
class CheckpointTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void every_variant_gives_the_same_tensors_data();
    void every_variant_gives_the_same_tensors();
    void shards_of_pickles_are_read();
    void mask_buffers_leave_no_trace();
    void tensors_without_a_place_are_listed();
    void a_tied_head_that_equals_the_embedding_is_dropped();
    void a_tied_head_that_differs_is_kept_and_untied();
    void a_tied_head_stands_in_for_a_missing_embedding();
    void an_untied_head_is_kept();
    void what_is_wrong_with_a_folder_is_said_data();
    void what_is_wrong_with_a_folder_is_said();
    void an_index_cannot_reach_outside_its_folder_data();
    void an_index_cannot_reach_outside_its_folder();

    void what_is_written_is_read_as_the_same();
    void every_bit_of_a_golden_folder_survives_reading_and_writing();
    void sixteen_bits_are_rounded_and_said_in_the_config();
    void other_files_are_written_into_the_same_folder();
    void a_model_is_replaced_whole();
    void a_failure_half_way_leaves_the_old_model();
    void leftovers_of_a_crash_are_swept_away();
    void a_folder_with_files_of_ones_own_is_not_replaced();
    void a_link_to_a_folder_stays_a_link();

    void new_vocabulary_rows_are_the_mean_of_the_old();
    void new_vocabulary_rows_may_be_random_and_are_the_same_for_a_seed();
    void a_vocabulary_cannot_shrink_or_grow_without_bounds();
    void a_new_model_has_gpt2s_initial_weights();
    void the_same_seed_gives_the_same_model();
    void a_model_too_large_for_the_machine_is_refused();
};
