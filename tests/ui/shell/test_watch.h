// The watch over the event loop: what it tells of, and what it lets pass.
#pragma once

#include <QObject>

namespace lossmith::test {

class TestWatch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void an_event_that_computes_too_long_is_told_with_its_receiver();
    void an_event_that_waits_for_something_is_told_too();
    void a_loop_of_an_events_own_blocks_nothing();
    void what_is_slow_in_that_loop_is_told();
    void the_kernels_account_is_read();
    void a_thread_that_shares_its_processor_has_lost_time();
};

}  // namespace lossmith::test
