#pragma once

#include <QObject>

class Bf16ProductTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_product_is_that_of_the_numbers_parts_data();
    void a_product_is_that_of_the_numbers_parts();
    void numbers_beside_the_result_are_left_alone_data();
    void numbers_beside_the_result_are_left_alone();
    void what_is_not_finite_stays_so_data();
    void what_is_not_finite_stays_so();
    void the_precision_of_products_holds_while_it_is_asked_for();
};
