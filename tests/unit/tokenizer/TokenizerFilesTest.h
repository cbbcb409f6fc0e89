#pragma once

#include <QObject>

#include "tests/unit/tokenizer/TokenizerFixture.h"

/// Every form of tokenizer files, what is written, and what is refused.
class TokenizerFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void vocab_json_and_merges_txt_are_read();
    void tokenizer_json_is_read_with_both_forms_of_merges();
    void tokenizer_json_is_preferred_to_the_other_files();
    void added_tokens_are_read_from_all_their_files();
    void a_role_that_names_an_unknown_token_adds_it();
    void line_ends_of_windows_in_merges_are_read();
    void what_is_saved_is_read_again();
    void a_saved_tokenizer_keeps_the_kind_of_its_added_tokens();
    void the_roles_of_tokens_are_saved();
    void a_token_name_that_is_no_utf8_is_not_saved();
    void a_byte_without_a_token_is_left_out_or_unknown();
    void a_wrong_folder_is_refused_with_a_sentence_data();
    void a_wrong_folder_is_refused_with_a_sentence();
    void a_wrong_tokenizer_json_is_refused_with_a_sentence_data();
    void a_wrong_tokenizer_json_is_refused_with_a_sentence();
    void a_wrong_merge_is_refused_with_its_line();
    void a_vocabulary_of_a_gigabyte_is_refused();
};
