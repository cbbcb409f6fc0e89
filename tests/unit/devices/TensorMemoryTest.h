// Who has which stretch of the memory for tensors, and that large tensors come to lie there.
#pragma once

#include <QObject>

class TensorMemoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stretches_are_given_from_the_beginning_on();
    void what_is_given_back_joins_its_neighbours();
    void any_order_of_taking_and_giving_back_leaves_all_free();
    void large_tensors_lie_side_by_side();
    void more_than_there_is_comes_from_elsewhere_or_is_told();
};
