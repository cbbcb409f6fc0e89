#pragma once

#include <QObject>
#include <memory>

#include "core/engine/loss/check/CheckBatch.h"

class LossCheckTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void every_typed_loss_of_the_table_gets_its_verdict_data();
    void every_typed_loss_of_the_table_gets_its_verdict();
    void every_loss_of_the_catalogue_passes_data();
    void every_loss_of_the_catalogue_passes();
    void the_threads_own_attempts_are_explained();
    void a_field_that_the_text_no_longer_has_is_passed_over();
    void the_same_question_twice_keeps_the_batch();
    void the_heat_map_shows_each_labelled_token();

private:
    lossmith::engine::ModelCache m_models{1};
    std::shared_ptr<const lossmith::engine::CheckBatch> m_batch;
};
