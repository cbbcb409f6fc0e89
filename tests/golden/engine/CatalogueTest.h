#pragma once

#include <QObject>

class CatalogueTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void the_typed_catalogue_gives_pytorchs_losses_and_gradients_data();
    void the_typed_catalogue_gives_pytorchs_losses_and_gradients();
    void a_batch_in_micro_batches_has_the_loss_and_gradient_of_the_whole_data();
    void a_batch_in_micro_batches_has_the_loss_and_gradient_of_the_whole();
};
