// Which JSON is a message, what is answered when it is not one, and errors there and back.
#pragma once

#include <QObject>

class JsonRpcTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_request_a_notification_and_a_response_are_told_apart();
    void what_is_built_is_read_back();
    void a_bad_message_is_refused_with_its_code_data();
    void a_bad_message_is_refused_with_its_code();
    void a_refusal_names_the_request_when_it_could_be_read();
    void every_error_survives_the_way_there_and_back();
    void a_cancelled_request_has_the_protocols_own_code();
    void an_error_without_data_is_told_from_its_code();
    void an_error_of_wrong_types_still_gives_an_error();
    void random_changes_to_a_message_never_crash_the_reader();
};
