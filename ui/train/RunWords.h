// Runs in words: their status, what they are made of, how long they took.
#pragma once

#include <QString>
#include <optional>

#include "core/project/RunStore.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

[[nodiscard]] QString status_text(RunStatus status);
/// The colour a status is written in.
[[nodiscard]] Role status_role(RunStatus status);
/// Running, paused or waiting for its turn.
[[nodiscard]] bool is_under_way(RunStatus status);
/// It ended before its last step, or its process is gone.
[[nodiscard]] bool can_resume(const Run& run);

/// "starter · 3 epochs · batch 8 · rate 5e-5 · seed 42"
[[nodiscard]] QString config_summary(const RunConfig& config);

/// From its start to its end, or to now; nothing when it has not started.
[[nodiscard]] std::optional<double> seconds_of(const Run& run);

/// The model a later run or a comparison names: "/path/to/project.lossmith:7".
[[nodiscard]] QString model_name_of_run(const QString& project_path, std::int64_t run);

/// A number of a config as people write it: "5e-5", "0.01", "1,000"-free.
[[nodiscard]] QString plain_number(double value);

}  // namespace lossmith::ui
