#pragma once

#include <QObject>

/// pytorch_model.bin: what is read of it, and what is refused.
class PickleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_state_dict_is_read();
    void every_storage_type_is_read();
    void shared_storages_stay_shared_and_views_are_kept();
    void numbers_and_sizes_above_32_bits_are_read();
    void the_golden_file_cut_short_anywhere_is_refused();
    void a_pickle_cut_short_anywhere_is_refused();
    void a_hostile_pickle_is_refused_with_its_reason_data();
    void a_hostile_pickle_is_refused_with_its_reason();
    void a_thousand_laughs_cost_nothing();
    void deep_nesting_and_cycles_are_dropped_without_harm();
    void a_tensor_that_leaves_its_storage_is_refused_data();
    void a_tensor_that_leaves_its_storage_is_refused();
    void a_storage_of_another_size_is_refused();
    void a_wrong_zip_is_refused_with_its_reason_data();
    void a_wrong_zip_is_refused_with_its_reason();
    void the_format_before_zip_says_what_to_do();
};
