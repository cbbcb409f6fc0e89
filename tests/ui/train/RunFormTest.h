// The form before a run: every field, its errors beside it, presets, and the estimate asked for while it changes.
#pragma once

#include <QObject>

namespace lossmith::ui {

class RunFormTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void every_field_of_the_table_has_one_place();
    void a_reward_opens_its_group_and_comes_back_as_it_went_in();
    void lora_is_ticked_and_comes_back_as_it_went_in();
    void a_config_comes_back_as_it_went_in();
    void each_preset_lands_in_the_form();
    void a_preset_keeps_model_name_and_devices();
    void what_is_typed_is_read_as_people_write_numbers_data();
    void what_is_typed_is_read_as_people_write_numbers();
    void a_wrong_value_is_told_beside_its_field_data();
    void a_wrong_value_is_told_beside_its_field();
    void all_wrong_fields_are_told_at_once();
    void an_empty_dropout_is_absent();
    void what_is_learnt_changes_the_template_alone();
    void an_earlier_run_is_offered_as_a_model();
    void each_field_says_its_meaning_range_and_default();
    void only_the_last_question_for_an_estimate_is_answered();
    void an_estimate_with_a_field_missing_is_refused();
};

}  // namespace lossmith::ui
