// Which run of a project began from which checkpoint of another.
#include "core/project/RunOrigins.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>

namespace lossmith {
namespace {

namespace fs = std::filesystem;

std::int64_t number_after(std::string_view text, std::string_view mark) {
    const auto at = text.rfind(mark);
    std::int64_t number = 0;
    if (at != std::string_view::npos) std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::int64_t run_named_by(const std::string& model, const Project& project) {
    const auto colon = model.rfind(':');
    if (colon == std::string::npos) return 0;
    const fs::path file = model.substr(0, colon);
    std::error_code code;
    // Another project may have the same name in its own folder; a project that was moved still knows its own runs.
    if (fs::exists(file, code) && !fs::equivalent(file, project.path(), code)) return 0;
    return file.empty() || file.filename() == project.path().filename() ? number_after(model, ":") : 0;
}

Result<std::map<std::int64_t, RunOrigin>> run_origins(Project& project, const std::vector<Run>& runs) {
    std::map<std::string, RunOrigin> by_weights;
    for (const Run& run : runs)
        for (const Checkpoint& checkpoint : LOSSMITH_TRY(project.runs().checkpoints(run.id)))
            by_weights.emplace(checkpoint.sha256, RunOrigin{run.id, checkpoint.step});
    std::map<std::int64_t, RunOrigin> origins;
    for (const Run& run : runs) {
        const auto same_weights = by_weights.find(string_or_empty(run.provenance, "model_sha256"));
        if (same_weights != by_weights.end() && same_weights->second.run != run.id) {
            origins[run.id] = same_weights->second;
        } else if (const std::int64_t named = run_named_by(run.config.model, project); named > 0 && named != run.id) {
            origins[run.id] = {named, number_after(string_or_empty(run.provenance, "model_folder"), "checkpoint-")};
        }
    }
    return origins;
}

}  // namespace lossmith
