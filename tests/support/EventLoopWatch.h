// Fails a window test in which one event keeps the window from answering for more than 50 ms.
#pragma once

#include <QApplication>
#include <QString>
#include <cstdint>
#include <functional>
#include <vector>

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
/// Measured is what our code costs on the window's thread: the wall clock's time, waits for files, processes and locks among it, less the
/// time in which the thread could have run but another process had the processor (run delay in /proc/self/task/TID/schedstat), so that a
/// busy machine fails nothing. Fonts and icons are loaded by the platform with their first use; the application draws some before it
/// measures.
class WatchedApplication : public QApplication {
public:
    static constexpr double longest_milliseconds = 50.0;

    WatchedApplication(int& count, char** values);
    ~WatchedApplication() override;

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
        std::int64_t waited = 0;
    };

    void begin_stretch();
    void end_stretch();
    [[nodiscard]] std::int64_t run_delay() const;

    std::vector<Frame> m_frames;
    std::function<void(const Blockage&)> m_listener;
    int m_schedule_file = -1;
};

}  // namespace lossmith::test
