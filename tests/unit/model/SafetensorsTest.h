#pragma once

#include <QObject>

/// Safetensors files written, read, and refused.
class SafetensorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void the_bytes_written_are_those_of_the_format();
    void every_type_is_read_as_it_was_written();
    void scalars_and_empty_tensors_are_kept();
    void wide_elements_stand_first_so_that_all_are_aligned();
    void the_golden_file_is_read();
    void a_view_is_written_as_what_it_shows();
    void a_file_cut_short_anywhere_is_refused();
    void a_header_of_any_false_length_is_refused_data();
    void a_header_of_any_false_length_is_refused();
    void a_wrong_header_is_refused_with_its_reason_data();
    void a_wrong_header_is_refused_with_its_reason();
    void a_header_nested_a_million_deep_is_refused();
    void a_type_that_torch_lacks_is_listed_and_refused_when_read();
    void a_pipe_is_no_file_and_does_not_hang();
    void a_write_that_fails_leaves_the_old_file();
    void a_name_written_twice_is_a_fault();
};
