#pragma once

#include <QObject>

class WeightedSumTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void terms_are_read_from_text_data();
    void terms_are_read_from_text();
    void a_sum_has_the_values_and_gradients_of_its_terms_data();
    void a_sum_has_the_values_and_gradients_of_its_terms();
    void every_pair_of_the_catalogue_can_be_put_together_data();
    void every_pair_of_the_catalogue_can_be_put_together();
    void names_that_meet_are_kept_apart();
    void what_is_wrong_with_a_sum_is_said_data();
    void what_is_wrong_with_a_sum_is_said();
};
