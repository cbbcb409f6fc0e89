#include "core/engine/training/ProjectRecord.h"

#include <filesystem>

#include "core/engine/model/LoadedModel.h"
#include "core/project/MetricStore.h"

namespace lossmith::engine {
namespace {

constexpr auto kept_back = std::chrono::milliseconds(100);

}  // namespace

Status ProjectRecord::total_steps(std::int64_t steps) {
    return m_project.runs().set_total_steps(m_run, steps);
}

Status ProjectRecord::metrics(std::int64_t step, std::span<const Metric> metrics) {
    m_kept.insert(m_kept.end(), metrics.begin(), metrics.end());
    m_kept_step = step;
    return Clock::now() - m_last_write < kept_back ? Status{} : flush();
}

Status ProjectRecord::flush() {
    m_last_write = Clock::now();
    if (m_kept.empty()) return {};
    LOSSMITH_CHECK(m_project.metrics().write(m_run, m_kept));
    m_kept.clear();
    return m_project.runs().set_step(m_run, m_kept_step);
}

Status ProjectRecord::event(std::int64_t step, const std::string& kind, const std::string& message) {
    return m_project.runs().add_event(m_run, step, kind, message);
}

Status ProjectRecord::best(std::int64_t step, double validation_loss) {
    return m_project.runs().set_best(m_run, step, validation_loss);
}

Status ProjectRecord::sample(const Sample& sample) {
    return m_project.runs().add_sample(m_run, sample);
}

Status ProjectRecord::completions(const std::vector<RewardedCompletion>& completions) {
    return m_project.runs().add_completions(m_run, completions);
}

Result<std::int64_t> ProjectRecord::checkpoint(const lossmith::Checkpoint& checkpoint, const std::filesystem::path& folder) {
    lossmith::Checkpoint note = checkpoint;
    note.path = std::filesystem::relative(folder, m_project.folder()).string();
    if (note.sha256.empty()) note.sha256 = LOSSMITH_TRY(weights_digest(folder));
    LOSSMITH_CHECK(m_project.runs().add_checkpoint(m_run, note));
    std::int64_t id = 0;
    for (const auto& stored : LOSSMITH_TRY(m_project.runs().checkpoints(m_run)))
        if (stored.step == note.step && stored.kind == note.kind) id = stored.id;
    return id;
}

Status ProjectRecord::checkpoint_removed(std::int64_t id) {
    return m_project.runs().remove_checkpoint(id);
}

Result<std::vector<RunCommand>> ProjectRecord::commands() {
    const auto now = Clock::now();
    if (now - m_last_look < kept_back) return std::vector<RunCommand>{};
    m_last_look = now;
    return m_project.runs().take_commands(m_run);
}

Status ProjectRecord::paused(bool paused) {
    LOSSMITH_CHECK(flush());
    return m_project.runs().set_status(m_run, paused ? RunStatus::Paused : RunStatus::Running);
}

}  // namespace lossmith::engine
