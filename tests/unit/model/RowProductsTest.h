#pragma once
#include <QObject>

class RowProductsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void a_product_is_that_of_the_numbers_as_they_are_held_data();
    void a_product_is_that_of_the_numbers_as_they_are_held();
    void panels_of_more_inputs_than_are_copied_at_a_time();
    void eight_bits_are_within_half_a_step_of_the_weights();
    void processors_without_special_products_agree();
    void what_is_not_a_number_stays_so();
};
