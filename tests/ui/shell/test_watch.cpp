#include "tests/ui/shell/test_watch.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QThread>
#include <QTimer>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>

#include "tests/support/EventLoopWatch.h"
#include "tests/support/LostTime.h"

namespace lossmith::test {
namespace {

/// Too long even where the processor is three times as slow as at best.
constexpr int too_long = 200;

/// Hears the blockages while it lives.
struct Heard {
    Heard() {
        application->set_listener([this](const Blockage& blockage) { blockages.push_back(blockage); });
    }
    ~Heard() { application->set_listener({}); }
    Heard(const Heard&) = delete;
    Heard& operator=(const Heard&) = delete;

    WatchedApplication* application = static_cast<WatchedApplication*>(QCoreApplication::instance());
    std::vector<Blockage> blockages;
};

void compute(int milliseconds) {
    const std::clock_t end = std::clock() + milliseconds * (CLOCKS_PER_SEC / 1000);
    while (std::clock() < end) {
    }
}

class Receiver : public QObject {
public:
    std::function<void()> work;
    bool event(QEvent* event) override {
        if (event->type() == QEvent::User) work();
        return QObject::event(event);
    }
};

void deliver(Receiver& receiver) {
    receiver.setObjectName(QStringLiteral("busy"));
    QCoreApplication::postEvent(&receiver, new QEvent(QEvent::User));
    QCoreApplication::sendPostedEvents(&receiver, QEvent::User);
}

}  // namespace

void TestWatch::an_event_that_computes_too_long_is_told_with_its_receiver() {
    Heard heard;
    Receiver receiver;
    receiver.work = [] { compute(too_long); };
    deliver(receiver);
    QCOMPARE(heard.blockages.size(), 1U);
    QVERIFY(heard.blockages.front().milliseconds >= WatchedApplication::longest_milliseconds);
    QVERIFY2(heard.blockages.front().what.contains(QStringLiteral("“busy”")), qPrintable(heard.blockages.front().what));
    receiver.work = [] {};
    deliver(receiver);
    QCOMPARE(heard.blockages.size(), 1U);
}

void TestWatch::an_event_that_waits_for_something_is_told_too() {
    Heard heard;
    Receiver receiver;
    receiver.work = [] { QThread::msleep(too_long); };
    deliver(receiver);
    QCOMPARE(heard.blockages.size(), 1U);
}

void TestWatch::a_loop_of_an_events_own_blocks_nothing() {
    Heard heard;
    Receiver receiver;
    receiver.work = [] {
        QEventLoop loop;
        QTimer::singleShot(2 * too_long, &loop, &QEventLoop::quit);
        loop.exec();
    };
    deliver(receiver);
    QVERIFY(heard.blockages.empty());
}

void TestWatch::what_is_slow_in_that_loop_is_told() {
    Heard heard;
    Receiver receiver;
    receiver.work = [] {
        QEventLoop loop;
        QTimer::singleShot(1, &loop, [&loop] {
            compute(too_long);
            loop.quit();
        });
        loop.exec();
    };
    deliver(receiver);
    QCOMPARE(heard.blockages.size(), 1U);
}

void TestWatch::the_kernels_account_is_read() {
    QCOMPARE(run_delay_in("2614563 81920 17\n"), std::optional<std::int64_t>(81920));
    QCOMPARE(run_delay_in("2614563"), std::optional<std::int64_t>());
    QCOMPARE(run_delay_in(""), std::optional<std::int64_t>());
    QCOMPARE(stolen_ticks_in("cpu  281355 0 50883 707965 1583 5 232 1101 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n"),
             std::optional<std::int64_t>(1101));
    QCOMPARE(stolen_ticks_in("cpu  281355 0 50883"), std::optional<std::int64_t>());
    QCOMPARE(stolen_ticks_in("intr 281355 0 50883 707965 1583 5 232 1101"), std::optional<std::int64_t>());
}

void TestWatch::a_thread_that_shares_its_processor_has_lost_time() {
    // More threads than there are processors, for as long as it takes.
    std::atomic<bool> over = false;
    std::vector<std::jthread> others;
    for (unsigned i = 0; i < 2 * std::max(1U, std::thread::hardware_concurrency()); ++i)
        others.emplace_back([&over] {
            while (!over) {
            }
        });
    const LostTime lost;
    const std::int64_t before = lost.run_delay();
    if (before == 0) QSKIP("This kernel keeps no account of threads that wait.");
    QElapsedTimer timer;
    timer.start();
    while (lost.run_delay() == before && timer.elapsed() < 10'000) compute(1);
    over = true;
    QVERIFY(lost.run_delay() > before);
    QVERIFY(lost.stolen() >= 0);
}

}  // namespace lossmith::test

#include "moc_test_watch.cpp"
