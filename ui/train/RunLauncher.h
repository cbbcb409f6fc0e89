// Starts a run as a process of its own that goes on when the window closes.
#pragma once

#include <QString>
#include <cstdint>
#include <filesystem>

#include "core/base/Result.h"

namespace lossmith::ui {

/// lossmith-cli beside the running program.
[[nodiscard]] QString run_program();

class RunLauncher {
public:
    explicit RunLauncher(QString program = run_program()) : m_program(std::move(program)) {}

    enum class Way { FromTheStart, Resume };

    /// `lossmith-cli train PROJECT --run ID` (or --resume ID), detached; what it prints goes to log.txt in `folder`, which is made.
    /// Gives the process's id.
    [[nodiscard]] Result<qint64> start(const std::filesystem::path& project, const std::filesystem::path& folder, std::int64_t run,
                                       Way way) const;

    [[nodiscard]] const QString& program() const { return m_program; }

private:
    QString m_program;
};

[[nodiscard]] bool is_process_alive(qint64 process);

/// The end of a run's log.txt: the last `lines` lines that are not empty.
[[nodiscard]] QString end_of_log(const std::filesystem::path& folder, int lines = 4);

}  // namespace lossmith::ui
