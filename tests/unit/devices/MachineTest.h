// Cores and memory as /proc and control groups tell of them, read from trees made for each case.
#pragma once

#include <QObject>

class MachineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_plain_machine_is_read_from_proc();
    void a_version_2_group_narrows_memory_and_cores();
    void the_narrowest_group_on_the_way_up_counts();
    void file_cache_of_the_group_counts_as_free();
    void a_version_1_group_narrows_memory_and_cores();
    void a_path_that_only_the_host_has_falls_back_to_the_mount();
    void limits_that_are_no_limits_change_nothing();
    void a_fraction_of_a_core_is_one_core();
    void an_empty_tree_leaves_everything_unknown();
    void nonsense_in_the_files_is_survived();
    void this_machine_has_a_core_and_memory();
};
