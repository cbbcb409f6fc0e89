// A project in a folder of its own with rows to learn from, as the Train and Runs pages' tests need it.
#pragma once

#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "core/project/Project.h"
#include "core/project/RunStore.h"
#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {

template <typename Value>
Value must(Result<Value> result) {
    if (!result) throw std::runtime_error(describe(result.error()));
    if constexpr (!std::is_void_v<Value>) return std::move(*result);
}

class TrainProject {
public:
    explicit TrainProject(int rows = 20);

    [[nodiscard]] std::filesystem::path path() const { return m_folder.filePath(QStringLiteral("complaints.lossmith")).toStdString(); }
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }
    /// The test's own connection: what another process would write.
    [[nodiscard]] Project& writer() { return *m_writer; }
    /// As the window opens it.
    [[nodiscard]] ProjectSession& session();

    /// A run of these steps with falling losses, claimed by this process and left running.
    std::int64_t add_running_run(const RunConfig& config, std::int64_t steps, std::int64_t total_steps);
    /// As a run's process writes them: train and validation loss and the small curves of the steps from `first` to `last`.
    void write_steps(std::int64_t run, std::int64_t first, std::int64_t last);

    /// What a run by reward writes beside: its curves, and two completions for each of two prompts at each of the steps.
    void write_rewards(std::int64_t run, std::int64_t last, const std::vector<std::int64_t>& completed_at);

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Project> m_writer;
    std::unique_ptr<ProjectSession> m_session;
};

/// Programs built beside the tests.
[[nodiscard]] QString test_program(const char* name);

/// QSettings in a folder that goes when the test program ends.
void use_own_settings();

}  // namespace lossmith::ui
