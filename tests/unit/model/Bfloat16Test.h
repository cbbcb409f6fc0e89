#pragma once

#include <QObject>

namespace lossmith::engine {

class Bfloat16Test : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void every_kind_of_number_is_rounded_as_libtorch_does();
    void widening_gives_the_very_number_and_adds_the_bias();
    void a_transposed_matrix_keeps_its_strides();
    void sums_are_taken_in_full_precision();
};

}  // namespace lossmith::engine
