#pragma once

#include <QObject>

#include "tests/unit/tokenizer/TokenizerFixture.h"

/// Texts that are no text, very long, or encoded by many threads at once.
class AnyBytesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void ten_megabytes_of_random_bytes_come_back();
    void every_line_of_invalid_utf8_comes_back();
    void invalid_bytes_have_offsets_byte_by_byte();
    void nothing_has_no_tokens();
    void ten_megabytes_of_one_letter_are_encoded_as_a_short_run_of_it_is();
    void a_long_piece_merges_as_a_short_one_does();
    void threads_that_share_a_tokenizer_get_the_same_ids();
    void a_second_encoding_gives_the_ids_of_the_first();
    void ids_outside_the_vocabulary_decode_to_nothing();

private:
    lossmith::test::TokenizerPointer m_tokenizer;
};
