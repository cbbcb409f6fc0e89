// Graphics cards through a driver made for the test, the linear algebra that was loaded, and the list as others read it.
#pragma once

#include <QObject>

class DevicesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cards_are_read_from_the_drivers_libraries();
    void a_card_without_management_library_still_has_its_memory();
    void a_machine_without_driver_has_no_cards();
    void cards_the_kernel_knows_are_counted();
    void a_run_sees_just_the_cards_it_names_data();
    void a_run_sees_just_the_cards_it_names();
    void the_one_card_that_a_launcher_shows_stays();
    void the_reference_blas_is_warned_of();
    void the_pthread_openblas_is_warned_of();
    void a_fixed_core_type_is_warned_of_only_with_openblas();
    void the_openmp_openblas_is_fine();
    void the_processor_is_the_first_device();
    void threads_are_set_as_asked_or_to_the_cores();
    void a_loop_is_shared_out_among_the_threads();
    void what_a_shared_loop_throws_comes_out_of_it();
};
