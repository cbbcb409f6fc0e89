// The open project as pages see it: questions run on a worker thread, answers arrive on the window's.
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <QThread>
#include <filesystem>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/base/Result.h"
#include "core/project/Project.h"

namespace lossmith::ui {

/// One open project file. The worker holds its own connection; nothing here blocks the window.
class ProjectSession : public QObject {
    Q_OBJECT

public:
    /// Opens (or makes) the file on the calling thread just to say at once whether it can be opened.
    [[nodiscard]] static Result<std::unique_ptr<ProjectSession>> open(const std::filesystem::path& path, bool create);
    /// What was asked before is still done; nobody hears the answers.
    ~ProjectSession() override;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// Runs `question(Project&)` on the worker, then `answer(value)` on the window's thread unless `context` is gone.
    /// `session.ask(this, [](Project& project) { return project.runs().runs(); }, [this](Result<std::vector<Run>> runs) { … });`
    template <typename Question, typename Answer>
    void ask(QObject* context, Question question, Answer answer) {
        using Value = std::invoke_result_t<Question, Project&>;
        post([this, guard = QPointer<QObject>(context), question = std::move(question),
              answer = std::move(answer)](Project& project) mutable {
            auto value = std::make_shared<Value>(question(project));
            QMetaObject::invokeMethod(
                this,
                [guard, value, answer = std::move(answer)]() mutable {
                    if (guard) answer(std::move(*value));
                },
                Qt::QueuedConnection);
        });
    }

Q_SIGNALS:
    /// The file changed, by this window, another one or a run; at most ten times a second.
    void changed();
    /// The worker cannot use the file any more; a sentence.
    void failed(const QString& line);

private:
    explicit ProjectSession(std::filesystem::path path);
    void post(std::function<void(Project&)> work);
    void start_worker();  // these two run on the worker
    void look_for_changes();

    struct Worker;
    std::filesystem::path m_path;
    std::unique_ptr<Worker> m_worker;
};

}  // namespace lossmith::ui
