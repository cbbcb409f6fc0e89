// Fails a window test in which one event keeps the window from answering.
#include "tests/support/EventLoopWatch.h"

#include <fcntl.h>
#include <unistd.h>

#include <QAbstractEventDispatcher>
#include <QFontDatabase>
#include <QLabel>
#include <QMetaEnum>
#include <QPixmap>
#include <QThread>
#include <QVBoxLayout>
#include <QtTest>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>

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

WatchedApplication::WatchedApplication(int& count, char** values)
    : QApplication(count, values), m_schedule_file(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {
    load_fonts();
    // An event's own loop waits for the next event: that wait blocks nothing.
    QAbstractEventDispatcher* dispatcher = QAbstractEventDispatcher::instance();
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, &WatchedApplication::end_stretch);
    connect(dispatcher, &QAbstractEventDispatcher::awake, this, &WatchedApplication::begin_stretch);
}

WatchedApplication::~WatchedApplication() {
    if (m_schedule_file >= 0) close(m_schedule_file);
}

std::int64_t WatchedApplication::run_delay() const {
    // "<ns on a processor> <ns waiting for one> <times>"
    std::array<char, 96> text{};
    const ssize_t size = m_schedule_file < 0 ? -1 : pread(m_schedule_file, text.data(), text.size(), 0);
    if (size <= 0) return 0;
    const char* end = text.data() + size;
    const char* second = std::find(static_cast<const char*>(text.data()), end, ' ');
    std::int64_t delay = 0;
    if (second != end) std::from_chars(second + 1, end, delay);
    return delay;
}

void WatchedApplication::begin_stretch() {
    if (m_frames.empty()) return;
    Frame& frame = m_frames.back();
    frame.measuring = true;
    frame.waited = run_delay();
    frame.began = now();
}

void WatchedApplication::end_stretch() {
    if (m_frames.empty() || !m_frames.back().measuring) return;
    Frame& frame = m_frames.back();
    frame.measuring = false;
    const std::int64_t wall = now() - frame.began;
    const double milliseconds = static_cast<double>(wall - (run_delay() - frame.waited)) / 1e6;
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
    begin_stretch();
    return taken;
}

}  // namespace lossmith::test
