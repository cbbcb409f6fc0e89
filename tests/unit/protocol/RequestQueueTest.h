// Order, cancel and limits of the requests that wait.
#pragma once

#include <QObject>

class RequestQueueTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void requests_come_out_in_the_order_they_went_in();
    void cancel_takes_a_waiting_request_out();
    void cancel_raises_the_running_requests_token();
    void an_id_that_is_not_answered_yet_is_refused();
    void a_sender_that_never_waits_is_refused_by_count_and_by_bytes();
    void a_closed_queue_gives_what_waits_and_then_nothing();
    void a_dropped_queue_gives_nothing_and_cancels_what_runs();
};
