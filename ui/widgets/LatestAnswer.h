// Work on a thread of its own where only the newest question counts: a preview that is read again at each keystroke.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/base/Cancellation.h"

namespace lossmith::ui {

/// ask() gives up the question before it: that one's token is cancelled and its answer, should it still come, is dropped.
/// Destroying it cancels and waits, so questions must look at their token where they are long.
class LatestAnswer : public QObject {
    Q_OBJECT

public:
    explicit LatestAnswer(QObject* parent = nullptr) : QObject(parent), m_newest(std::make_shared<std::atomic<quint64>>(0)) {
        m_pool.setMaxThreadCount(1);
    }
    ~LatestAnswer() override {
        forget();
        m_pool.waitForDone();
    }

    /// Runs `question(const CancellationToken&)` on the thread, then `answer(value)` on this object's thread.
    template <typename Question, typename Answer>
    void ask(Question question, Answer answer) {
        using Value = std::invoke_result_t<Question, const CancellationToken&>;
        forget();
        m_token = CancellationToken();
        const quint64 number = m_newest->load();
        m_pool.start(
            [this, newest = m_newest, number, token = m_token, question = std::move(question), answer = std::move(answer)]() mutable {
                if (newest->load() != number) return;
                auto value = std::make_shared<Value>(question(token));
                QMetaObject::invokeMethod(
                    this,
                    [newest, number, value, answer = std::move(answer)]() mutable {
                        if (newest->load() == number) answer(std::move(*value));
                    },
                    Qt::QueuedConnection);
            });
    }

    /// Drops the question under way.
    void forget() {
        m_token.cancel();
        m_newest->fetch_add(1);
    }

private:
    std::shared_ptr<std::atomic<quint64>> m_newest;
    CancellationToken m_token;
    QThreadPool m_pool;
};

}  // namespace lossmith::ui
