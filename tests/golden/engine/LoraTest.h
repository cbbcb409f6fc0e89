#pragma once

#include <QObject>

class LoraTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void logits_are_those_of_peft();
    void five_steps_and_the_merged_model_are_those_of_peft();
    void a_new_adapter_changes_nothing();
    void the_gradient_with_dropout_is_that_of_the_loss();
    void frozen_weights_take_no_gradient_and_leave_the_others_as_they_were();
    void a_written_adapter_reads_back_beside_its_base();
    void a_step_with_gradient_checkpointing_is_the_same();
    void text_is_written_from_the_base_s_own_weights_data();
    void text_is_written_from_the_base_s_own_weights();
    void a_base_and_what_was_trained_beside_it_hold_one_copy_of_its_weights();
    void adapters_that_name_each_other_as_base_are_refused();
    void a_resumed_run_ends_with_the_same_bits();
    void a_damaged_or_foreign_adapter_is_refused_data();
    void a_damaged_or_foreign_adapter_is_refused();
};
