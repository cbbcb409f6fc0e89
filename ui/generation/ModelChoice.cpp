#include "ui/generation/ModelChoice.h"

#include <algorithm>

#include "core/base/Files.h"
#include "core/base/Resources.h"
#include "core/project/ModelStore.h"
#include "core/project/Project.h"
#include "core/project/RunOrigins.h"
#include "core/project/RunStore.h"

namespace lossmith::ui {

namespace {

std::string name_of_run(const Run& run) {
    return run.name.empty() ? "run " + std::to_string(run.id) : run.name;
}

void add_checkpoints(Project& project, const Run& run, std::vector<Checkpoint> checkpoints, std::vector<ModelChoice>& choices) {
    std::stable_sort(checkpoints.begin(), checkpoints.end(), [](const Checkpoint& a, const Checkpoint& b) {
        const bool a_best = a.kind == CheckpointKind::Best;
        const bool b_best = b.kind == CheckpointKind::Best;
        return a_best != b_best ? a_best : a.step > b.step;
    });
    for (const Checkpoint& checkpoint : checkpoints) {
        ModelChoice choice;
        const std::string step = "step " + std::to_string(checkpoint.step);
        choice.label = name_of_run(run) + ", " + (checkpoint.kind == CheckpointKind::Best ? "best (" + step + ")" : step);
        choice.model = (project.path().parent_path() / checkpoint.path).lexically_normal().string();
        choice.weights = checkpoint.sha256;
        choice.run = run.id;
        choice.base = run.config.model;
        choice.template_spec = run.config.template_spec;
        // A final checkpoint may be the best one again, under the same path.
        const bool known = std::ranges::any_of(choices, [&](const ModelChoice& other) { return other.model == choice.model; });
        if (!known) choices.push_back(std::move(choice));
    }
}

}  // namespace

Result<std::vector<ModelChoice>> model_choices(Project& project) {
    std::vector<ModelChoice> choices;
    std::vector<ModelChoice> starts;
    const auto add_start = [&](const std::string& label, const std::string& model) {
        const bool known = std::ranges::any_of(starts, [&](const ModelChoice& other) { return other.model == model; });
        if (!known) starts.push_back({label, model, {}, 0, {}, {}});
    };
    for (const StoredModel& model : LOSSMITH_TRY(project.models().models())) {
        std::filesystem::path folder = model.path;
        if (model.path != "starter" && folder.is_relative()) folder = (project.path().parent_path() / folder).lexically_normal();
        add_start(model.name, folder.string());
    }
    for (const Run& run : LOSSMITH_TRY(project.runs().runs())) {
        add_checkpoints(project, run, LOSSMITH_TRY(project.runs().checkpoints(run.id)), choices);
        if (run_named_by(run.config.model, project) == 0)
            add_start(std::filesystem::path(run.config.model).filename().string(), run.config.model);
    }
    // What began from a run of this project began from its best checkpoint, which is among the choices already.
    for (ModelChoice& choice : choices) {
        const std::int64_t run = run_named_by(choice.base, project);
        const auto checkpoint = std::ranges::find(choices, run, &ModelChoice::run);
        if (run != 0 && checkpoint != choices.end()) choice.base = checkpoint->model;
    }
    choices.insert(choices.end(), starts.begin(), starts.end());
    return choices;
}

std::string KnownWeights::of(const ModelChoice& choice) {
    if (!choice.weights.empty()) return choice.weights;
    std::filesystem::path folder = choice.model;
    if (choice.model == "starter") folder = resource("starter-model").value_or(folder);
    const std::filesystem::path file = folder / "model.safetensors";
    std::error_code missing;
    const auto written = std::filesystem::last_write_time(file, missing);
    const auto size = missing ? 0 : std::filesystem::file_size(file, missing);
    if (missing) return {};
    Digest& digest = m_digests[file];
    if (digest.sha256.empty() || digest.written != written || digest.size != size)
        digest = {written, size, sha256_of_file(file).value_or(std::string())};
    return digest.sha256;
}

}  // namespace lossmith::ui
