#pragma once
#include <QObject>

class InspectionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tokens_have_the_probabilities_ranks_and_entropies_of_transformers();
    void the_lens_shows_every_layer_as_transformers_does();
    void the_last_layer_of_the_lens_is_the_models_own_output();
    void attentions_are_those_of_transformers();
    void attributions_are_those_of_pytorch_data();
    void attributions_are_those_of_pytorch();
    void attributing_leaves_no_gradient_on_the_weights();
    void another_token_at_the_place_may_be_the_target();
    void more_steps_close_the_gap_of_integrated_gradients();
    void two_models_differ_as_transformers_says();
    void a_model_does_not_differ_from_itself();
    void tokens_that_a_run_added_are_added_to_its_base_too();
    void models_of_different_vocabularies_are_not_compared();
    void each_filter_leaves_what_transformers_leaves();
    void what_remains_after_the_filters_is_what_generation_draws_from();
    void without_sampling_the_most_probable_alone_remains();
    void odds_are_of_the_mean_probability_over_the_labelled_places();
    void odds_end_when_they_are_cancelled();
    void texts_and_places_that_make_no_sense_are_refused();
    void logits_that_are_no_numbers_are_told();
};
