#pragma once
#include <QObject>

class DeviceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void dropout_by_operators_has_the_mask_of_the_loops();
    void a_cards_blocks_give_the_values_and_gradients_of_the_processors_data();
    void a_cards_blocks_give_the_values_and_gradients_of_the_processors();
    void a_cards_attention_over_a_cache_is_that_of_the_whole_pass();
    void a_micro_batch_and_a_model_go_to_the_device_together();
    void training_on_the_device_gives_the_steps_of_the_processor_data();
    void training_on_the_device_gives_the_steps_of_the_processor();
};
