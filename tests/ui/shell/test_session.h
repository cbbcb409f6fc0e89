// The session's tests.
#pragma once

#include <QObject>

namespace lossmith::test {

class TestSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void a_question_is_answered_on_the_windows_thread();
    void an_answer_to_somebody_who_is_gone_is_dropped();
    void a_change_by_another_connection_is_told();
    void a_change_by_the_session_itself_is_told();
    void closing_at_once_stops_the_worker_cleanly();
    void what_was_asked_before_closing_is_done();
    void opening_what_is_no_project_says_why();
    void an_import_job_brings_its_files_into_their_splits();
    void a_job_that_fails_takes_the_project_it_made_away();
    void a_stopped_job_leaves_no_row();
    void letters_find_titles_by_their_words_first();
    void a_model_folder_needs_a_gpt2_config_and_weights();
};

}  // namespace lossmith::test
