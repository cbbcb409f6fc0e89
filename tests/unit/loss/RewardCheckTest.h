#pragma once

#include <QObject>
#include <memory>
#include <vector>

#include "core/engine/loss/check/CheckBatch.h"

class RewardCheckTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void a_reward_scores_texts_data();
    void a_reward_scores_texts();
    void what_is_wrong_with_a_reward_is_said_data();
    void what_is_wrong_with_a_reward_is_said();
    void every_reward_of_the_catalogue_can_be_used_data();
    void every_reward_of_the_catalogue_can_be_used();
    void copied_words_are_looked_for_in_the_training_texts();
    void the_report_tells_solutions_from_replies();
    void a_cut_loss_is_offered_a_reward_that_runs();
    void signs_of_collapse_are_told_once_data();
    void signs_of_collapse_are_told_once();

private:
    lossmith::engine::ModelCache m_models{1};
    std::shared_ptr<const lossmith::engine::CheckBatch> m_batch;
    std::vector<lossmith::engine::GeneratedText> m_replies;
};
