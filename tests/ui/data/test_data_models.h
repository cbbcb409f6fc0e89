// Tests of the data page's models, texts and pictures.
#pragma once

#include <QObject>

namespace lossmith::test {

class TestDataModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void rows_are_read_page_by_page_as_they_come_into_view();
    void rows_of_one_split_are_shown_alone();
    void set_aside_rows_have_their_line_and_reason();
    void the_preview_names_the_problem_and_solution_columns();
    void labelled_pieces_are_the_solution_and_the_end();
    void pieces_join_to_the_whole_text_even_across_tokens();
    void what_is_cut_is_marked_on_the_side_it_is_cut_from();
    void lengths_stop_when_cancelled();
    void the_histogram_counts_the_rows_that_are_cut();
    void a_table_is_exported_as_csv_with_quotes_where_needed();
};

}  // namespace lossmith::test
