// Fails a window test in which one event keeps the window from answering for more than 50 ms.
#pragma once

#include <QApplication>
#include <QString>
#include <cstdint>
#include <functional>
#include <vector>

#include "tests/support/LostTime.h"

namespace lossmith::test {

/// One event that was too long in hand.
struct Blockage {
    QString what;  ///< "MouseButtonRelease to QPushButton “generate”"
    double milliseconds = 0.0;
};

/// The application of every window test. It measures each event that the test or the event loop hands to a widget, from its start to its
/// end or to where a loop of its own (a menu, a dialog) takes the next event. What a test calls itself, outside of any event, is the
/// test's.
///
/// Measured is what our code costs on the window's thread, whoever else uses the machine:
///  - the time it waits for files, processes and locks: the wall clock's, less the processor's, less that in which the thread could
///    have run but another process had the processor (run delay in /proc/self/task/TID/schedstat) or another machine had it (steal in
///    /proc/stat). A thread that never gave its processor away waited for nothing.
///  - the processor's time it takes, divided by how much slower than at best the processor is just then, as a fixed piece of work
///    tells: what runs on the core's other half, or on the machine below this one, slows us down to half.
/// Fonts and icons are loaded by the platform with their first use; the application draws some before it measures.
class WatchedApplication : public QApplication {
public:
    static constexpr double longest_milliseconds = 50.0;

    WatchedApplication(int& count, char** values);

    bool notify(QObject* receiver, QEvent* event) override;

    /// Hears of blockages in place of the running test, which otherwise fails by them.
    void set_listener(std::function<void(const Blockage&)> listener) { m_listener = std::move(listener); }

private:
    /// An event in hand, and the stretch of it that began last.
    struct Frame {
        int loop_level = 0;
        const char* receiver_class = nullptr;
        QString receiver_name;
        int event_type = 0;
        bool measuring = false;
        std::int64_t began = 0;  ///< nanoseconds
        std::int64_t delayed = 0;
        std::int64_t computed = 0;
        std::int64_t stolen = 0;
        long given_away = 0;  ///< times that the thread gave its processor away
    };

    void begin_stretch();
    void end_stretch();
    void measure_speed();

    std::vector<Frame> m_frames;
    std::function<void(const Blockage&)> m_listener;
    LostTime m_lost;
    std::int64_t m_stolen = 0;  ///< nanoseconds stolen from this machine, and when that was read
    std::int64_t m_stolen_read_at = 0;
    std::int64_t m_best_work = 0;  ///< nanoseconds that the fixed piece of work took at best
    std::int64_t m_last_work = 0;  ///< and when it was last measured
    std::int64_t m_measured_at = 0;
};

}  // namespace lossmith::test
