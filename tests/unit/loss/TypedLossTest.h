#pragma once

#include <QObject>

class TypedLossTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_mean_over_labelled_tokens_is_separable();
    void a_value_a_row_is_weighted_by_rows();
    void parts_become_curves();
    void unshifted_labels_are_moved_on_by_one();
    void parameters_are_checked_by_name();
    void tokens_gives_a_texts_ids();
    void what_is_drawn_is_the_same_for_the_same_step();
    void what_a_loss_changes_in_place_is_its_own();
    void a_cut_loss_says_so_when_it_is_to_train();
};
