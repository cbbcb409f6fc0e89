#include "tests/unit/protocol/RequestQueueTest.h"

#include <QTest>

#include "core/protocol/RequestQueue.h"

using namespace lossmith;
using namespace lossmith::protocol;
using Pushed = RequestQueue::Pushed;

namespace {

Pushed push(RequestQueue& queue, const Json& id, std::size_t bytes = 10) {
    return queue.push({id, "m"}, bytes);
}

}  // namespace

void RequestQueueTest::requests_come_out_in_the_order_they_went_in() {
    RequestQueue queue;
    for (int id = 1; id <= 3; ++id) QVERIFY(push(queue, id) == Pushed::Queued);
    for (int id = 1; id <= 3; ++id) QCOMPARE(queue.take()->request.id.get<int>(), id);
}

void RequestQueueTest::cancel_takes_a_waiting_request_out() {
    RequestQueue queue;
    for (int id = 1; id <= 3; ++id) QVERIFY(push(queue, id) == Pushed::Queued);
    QVERIFY(queue.cancel(2));
    QVERIFY(!queue.cancel(2));
    QVERIFY(!queue.cancel("2"));
    QCOMPARE(queue.take()->request.id.get<int>(), 1);
    QCOMPARE(queue.take()->request.id.get<int>(), 3);
}

void RequestQueueTest::cancel_raises_the_running_requests_token() {
    RequestQueue queue;
    QVERIFY(push(queue, 1) == Pushed::Queued);
    QVERIFY(push(queue, 2) == Pushed::Queued);
    const auto running = queue.take();
    QVERIFY(!queue.cancel(1));
    QVERIFY(running->token.is_cancelled());
    const auto next = queue.take();
    QVERIFY(!next->token.is_cancelled());
    queue.finished();
    QVERIFY(!queue.cancel(2));
    QVERIFY(!next->token.is_cancelled());
}

void RequestQueueTest::an_id_that_is_not_answered_yet_is_refused() {
    RequestQueue queue;
    QVERIFY(push(queue, 1) == Pushed::Queued);
    QVERIFY(push(queue, 1) == Pushed::SameIdWaits);
    const auto running = queue.take();
    QVERIFY(push(queue, 1) == Pushed::SameIdWaits);
    queue.finished();
    QVERIFY(push(queue, 1) == Pushed::Queued);
}

void RequestQueueTest::a_sender_that_never_waits_is_refused_by_count_and_by_bytes() {
    RequestQueue many;
    int taken = 0;
    while (push(many, taken) == Pushed::Queued && taken < 100'000) ++taken;
    QCOMPARE(taken, 1'000);
    QVERIFY(many.take().has_value());
    QVERIFY(push(many, "one more") == Pushed::Queued);

    RequestQueue large;
    QVERIFY(push(large, 1, 64U << 20U) == Pushed::Queued);
    QVERIFY(push(large, 2, 64U << 20U) == Pushed::Queued);
    QVERIFY(push(large, 3, 1) == Pushed::Full);
    QVERIFY(large.cancel(1));
    QVERIFY(push(large, 3, 1) == Pushed::Queued);
}

void RequestQueueTest::a_closed_queue_gives_what_waits_and_then_nothing() {
    RequestQueue queue;
    QVERIFY(push(queue, 1) == Pushed::Queued);
    queue.close();
    QVERIFY(push(queue, 2) == Pushed::Closed);
    QVERIFY(queue.take().has_value());
    QVERIFY(!queue.take().has_value());
}

void RequestQueueTest::a_dropped_queue_gives_nothing_and_cancels_what_runs() {
    RequestQueue queue;
    QVERIFY(push(queue, 1) == Pushed::Queued);
    QVERIFY(push(queue, 2) == Pushed::Queued);
    const auto running = queue.take();
    queue.close_and_drop();
    QVERIFY(running->token.is_cancelled());
    QVERIFY(push(queue, 3) == Pushed::Closed);
    QVERIFY(!queue.take().has_value());
}

#include "moc_RequestQueueTest.cpp"
