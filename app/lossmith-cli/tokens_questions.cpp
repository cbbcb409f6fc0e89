#include "app/lossmith-cli/tokens_questions.h"

#include <algorithm>
#include <limits>

#include "app/lossmith-cli/params.h"
#include "core/engine/inspection/SpecialTokens.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/TemplateStore.h"

namespace lossmith::cli {

Result<Json> ask_batch(const Json& params, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    if (!project) return failure(wrong_param("project", "the path of a project file"));
    RunConfig config;
    if (const auto given = params.find("config"); given != params.end()) config = LOSSMITH_TRY(run_config_from_json(*given));
    if (!config.template_spec) config.template_spec = LOSSMITH_TRY(project->templates().current());
    if (auto wrong = config.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    if (config.packing)
        return failure(Error::unsupported("With packing, rows are joined into blocks: a batch has no rows of its own.")
                           .with_hint("Look at the rows one by one."));
    const int step = LOSSMITH_TRY(count_param(params, "step", 1, std::numeric_limits<int>::max()));
    const engine::LoadedModel model = LOSSMITH_TRY(engine::model_for(*project, config));
    const std::int64_t n_positions = model.model.config().n_positions;
    const engine::PreparedData data = LOSSMITH_TRY(engine::prepare_data(*project, config, *model.tokenizer, n_positions, cancelled));
    std::vector<std::size_t> lengths;
    for (const Example& example : data.set.train) lengths.push_back(example.input_ids.size());
    engine::BatchPlan plan(lengths, config);
    if (step < 1 || step > plan.total_steps())
        return failure(wrong_param("step", "a step of the plan, from 1 to " + std::to_string(plan.total_steps())));
    Json micro_batches = Json::array();
    for (const auto& rows : plan.step(step - 1)) {
        Json ids = Json::array();
        std::size_t padded_to = 0;
        for (const std::size_t row : rows) {
            ids.push_back(data.train_rows[row]);
            padded_to = std::max(padded_to, lengths[row]);
        }
        micro_batches.push_back({{"padded_to", padded_to}, {"rows", std::move(ids)}});
    }
    return Json{{"step", step},
                {"total_steps", plan.total_steps()},
                {"length", engine::longest_example(config, n_positions)},
                {"micro_batches", std::move(micro_batches)}};
}

Result<Json> ask_special_tokens(const Json& params) {
    const auto project = LOSSMITH_TRY(project_param(params));
    if (!project) return failure(wrong_param("project", "the path of a project file"));
    engine::SpecialTokensRequest request;
    request.model = LOSSMITH_TRY(text_param(params, "model", "starter"));
    request.spec = LOSSMITH_TRY(template_param(params, project.get()));
    request.seed = static_cast<std::uint64_t>(LOSSMITH_TRY(count_param(params, "seed", 42, std::numeric_limits<int>::max())));
    return engine::look_at_special_tokens(*project, request);
}

}  // namespace lossmith::cli
