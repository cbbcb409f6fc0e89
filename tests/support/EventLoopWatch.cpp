// Fails a window test in which one event keeps the window from answering.
#include "tests/support/EventLoopWatch.h"

#include <sys/resource.h>

#include <QAbstractEventDispatcher>
#include <QFontDatabase>
#include <QLabel>
#include <QMetaEnum>
#include <QPixmap>
#include <QThread>
#include <QVBoxLayout>
#include <QtTest>
#include <algorithm>
#include <chrono>
#include <ctime>

namespace lossmith::test {
namespace {

/// A sanitizer makes everything several times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double slower = 10.0;
#else
constexpr double slower = 1.0;
#endif

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Of this thread, on a processor.
std::int64_t processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

/// A fixed piece of work of about half a millisecond, in a memory like that of widgets: nanoseconds of the processor.
std::int64_t fixed_work() {
    static std::vector<std::uint32_t> memory(1U << 16U, 1);
    const std::int64_t began = processor_time();
    std::uint32_t at = 1;
    for (int i = 0; i < 150'000; ++i) {
        at = at * 1664525U + 1013904223U;
        memory[at >> 16U] += at;
    }
    return processor_time() - began;
}

/// How often this thread gave its processor away to wait for something.
long times_given_away() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

void load_fonts() {
    QWidget page;
    auto* layout = new QVBoxLayout(&page);
    QFont bold = QApplication::font();
    bold.setBold(true);
    for (const QFont& font : {QApplication::font(), bold, QFontDatabase::systemFont(QFontDatabase::FixedFont)}) {
        auto* label = new QLabel(QStringLiteral("Loss → 0.5 · ▴⏎∅ “ü”"));
        label->setFont(font);
        layout->addWidget(label);
    }
    static_cast<void>(page.grab());
}

}  // namespace

WatchedApplication::WatchedApplication(int& count, char** values) : QApplication(count, values) {
    load_fonts();
    for (int i = 0; i < 40; ++i) measure_speed();
    // An event's own loop waits for the next event: that wait blocks nothing.
    QAbstractEventDispatcher* dispatcher = QAbstractEventDispatcher::instance();
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, &WatchedApplication::end_stretch);
    connect(dispatcher, &QAbstractEventDispatcher::awake, this, &WatchedApplication::begin_stretch);
}

void WatchedApplication::measure_speed() {
    m_last_work = fixed_work();
    m_best_work = m_best_work == 0 ? m_last_work : std::min(m_best_work, m_last_work);
    m_measured_at = now();
}

void WatchedApplication::begin_stretch() {
    if (m_frames.empty()) return;
    Frame& frame = m_frames.back();
    constexpr std::int64_t between_readings = 10'000'000;
    if (now() - m_stolen_read_at > between_readings) {
        m_stolen = m_lost.stolen();
        m_stolen_read_at = now();
    }
    frame.measuring = true;
    frame.stolen = m_stolen;
    frame.given_away = times_given_away();
    frame.delayed = m_lost.run_delay();
    frame.computed = processor_time();
    frame.began = now();
}

void WatchedApplication::end_stretch() {
    if (m_frames.empty() || !m_frames.back().measuring) return;
    Frame& frame = m_frames.back();
    frame.measuring = false;
    const std::int64_t wall = now() - frame.began;
    if (static_cast<double>(wall) / 1e6 <= longest_milliseconds * slower) return;
    const std::int64_t computed = processor_time() - frame.computed;
    const bool never_waited = times_given_away() == frame.given_away;
    const std::int64_t lost = (m_lost.run_delay() - frame.delayed) + (m_lost.stolen() - frame.stolen);
    const std::int64_t waited = never_waited ? 0 : std::max<std::int64_t>(0, wall - computed - lost);
    const std::int64_t work_before = m_last_work;
    measure_speed();
    const double slowness = static_cast<double>(std::max(work_before, m_last_work)) / static_cast<double>(m_best_work);
    const double milliseconds = (static_cast<double>(waited) + static_cast<double>(computed) / slowness) / 1e6;
    if (milliseconds <= longest_milliseconds * slower) return;
    const char* type = QMetaEnum::fromType<QEvent::Type>().valueToKey(frame.event_type);
    const Blockage blockage{QStringLiteral("%1 to %2 “%3”")
                                .arg(type == nullptr ? QString::number(frame.event_type) : QString::fromLatin1(type),
                                     QString::fromLatin1(frame.receiver_class), frame.receiver_name),
                            milliseconds};
    if (m_listener) return m_listener(blockage);
    const QString sentence = QStringLiteral("The window was blocked for %1 ms by %2.").arg(milliseconds, 0, 'f', 0).arg(blockage.what);
    if (QTest::currentTestFunction() != nullptr) QTest::qFail(qPrintable(sentence), __FILE__, __LINE__);
}

bool WatchedApplication::notify(QObject* receiver, QEvent* event) {
    if (QThread::currentThread() != thread()) return QApplication::notify(receiver, event);
    const int level = QThread::currentThread()->loopLevel();
    const bool inside_another = !m_frames.empty() && m_frames.back().loop_level == level;
    if (inside_another) return QApplication::notify(receiver, event);
    end_stretch();
    m_frames.push_back({level, receiver->metaObject()->className(), receiver->objectName(), event->type()});
    begin_stretch();
    const bool taken = QApplication::notify(receiver, event);
    end_stretch();
    m_frames.pop_back();
    constexpr std::int64_t between_measurements = 100'000'000;
    if (m_frames.empty() && now() - m_measured_at > between_measurements) measure_speed();
    begin_stretch();
    return taken;
}

}  // namespace lossmith::test
