#pragma once

#include <QObject>

#include "tests/unit/tokenizer/TokenizerFixture.h"

/// "<|endoftext|>" and tokens of a user's own.
class AddedTokensTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void the_end_of_text_in_a_text_is_text_unless_asked_for();
    void gpt2_has_one_special_token();
    void added_tokens_are_numbered_on_from_the_size();
    void a_known_name_keeps_its_id_and_becomes_special();
    void the_longest_of_two_added_tokens_is_found();
    void an_added_token_is_found_among_its_own_beginnings();
    void offsets_of_a_special_token_span_its_name();
    void special_tokens_can_be_skipped_in_decoding();
    void a_copy_leaves_the_first_tokenizer_as_it_was();
    void words_added_without_being_special_are_found_in_every_text();
    void a_token_that_strips_takes_in_the_white_space_beside_it();
    void a_whole_word_token_is_not_found_inside_a_word();

private:
    lossmith::test::TokenizerPointer m_tokenizer;
};
