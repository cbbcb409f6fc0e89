#pragma once
#include <QObject>

class TrainingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void ten_steps_are_those_of_pytorch_data();
    void ten_steps_are_those_of_pytorch();
    void a_resumed_run_ends_with_the_same_bits();
    void a_loss_that_is_not_finite_stops_the_run_with_an_event();
    void where_memory_runs_out_smaller_micro_batches_give_the_same_run();
    void dropout_keeps_the_expected_share_and_the_same_mask_backward();
    void the_best_checkpoint_is_kept_and_old_ones_are_dropped();
};
