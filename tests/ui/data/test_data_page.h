// The data page driven by mouse and keyboard.
#pragma once

#include <QObject>

namespace lossmith::test {

class TestDataPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void without_a_project_it_says_what_to_do();
    void an_opened_file_is_shown_raw_and_parsed_and_said_how_it_was_read();
    void another_delimiter_reads_the_file_again();
    void other_columns_can_be_chosen();
    void import_brings_the_rows_in_and_shows_them();
    void rows_can_go_to_one_split_only();
    void a_file_that_cannot_be_read_says_why_beside_it();
    void the_chosen_row_is_shown_whole_in_the_inspector();
    void a_set_aside_row_is_mended();
    void moving_the_slider_moves_rows_to_validation();
    void an_edit_of_the_template_is_shown_saved_and_undone();
    void a_template_without_its_placeholder_is_refused_in_words();
    void what_another_window_brings_in_appears();
    void one_row_and_one_file_are_said_so();
};

}  // namespace lossmith::test
