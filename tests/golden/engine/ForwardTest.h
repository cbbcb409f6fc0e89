#pragma once
#include <QObject>

class ForwardTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void logits_are_those_of_transformers_data();
    void logits_are_those_of_transformers();
    void hidden_states_and_attentions_are_those_of_transformers();
    void loss_is_that_of_transformers();
    void every_gradient_is_that_of_transformers();
    void the_head_in_chunks_gives_the_same_gradient_as_whole();
    void a_part_of_the_vocabulary_that_is_all_of_it_gives_the_same_loss();
    void label_smoothing_is_that_of_pytorch();
    void the_loss_of_a_kind_of_token_is_that_of_transformers_logits();
    void bfloat16_stays_near_float32();
};
