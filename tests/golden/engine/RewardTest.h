#pragma once

#include <QObject>

class RewardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void advantages_are_those_of_their_papers();
    void the_policy_gradient_is_pytorchs_data();
    void the_policy_gradient_is_pytorchs();
    void a_round_cut_into_micro_batches_has_the_same_gradient_data();
    void a_round_cut_into_micro_batches_has_the_same_gradient();
    void a_run_by_reward_raises_its_reward_data();
    void a_run_by_reward_raises_its_reward();
    void a_resumed_run_by_reward_ends_with_the_same_bits();
};
