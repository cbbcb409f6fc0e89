// Messages in a stream of bytes, cut anywhere, and what is not a message.
#pragma once

#include <QObject>

class FramingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_message_is_found_wherever_the_stream_is_cut();
    void bytes_that_come_one_by_one_give_the_same_messages();
    void an_empty_body_is_a_message();
    void field_names_are_read_in_any_case_and_unknown_fields_are_skipped();
    void a_stream_that_ends_inside_a_message_is_noticed();
    void a_bad_header_is_refused_data();
    void a_bad_header_is_refused();
    void after_an_error_nothing_more_is_read();
    void a_header_without_end_is_refused_before_it_fills_the_memory();
    void text_that_is_not_utf8_is_mended_when_framed();
    void random_bytes_give_an_error_and_no_message();
    void a_valid_stream_with_a_flipped_byte_never_gives_more_bytes_than_it_has();
};
