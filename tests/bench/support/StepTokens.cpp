#include "tests/bench/support/StepTokens.h"

#include <cstdio>
#include <cstdlib>

#include "core/engine/model/LoadedModel.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/Dataset.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "tests/bench/support/Workplace.h"

using namespace lossmith;

namespace bench {
std::vector<std::int64_t> tokens_of_steps(const std::filesystem::path& file, RunConfig config) {
    const auto project = expect(Project::open(file));
    const auto tokenizer = expect(Tokenizer::from_folder(expect(engine::find_model(config.model, project.get()))));
    if (!config.template_spec) config.template_spec = expect(project->templates().current());
    const auto data = expect(engine::prepare_data(*project, config, *tokenizer, 1024));
    std::vector<std::size_t> lengths;
    for (const Example& example : data.set.train) lengths.push_back(example.input_ids.size());
    config.gradient_accumulation_steps *= config.processes();
    engine::BatchPlan plan(lengths, config);
    std::vector<std::int64_t> tokens;
    for (std::int64_t step = 0; step < config.max_steps; ++step) {
        std::int64_t sum = 0;
        for (const auto& rows : plan.step(step))
            for (const std::size_t row : rows) sum += static_cast<std::int64_t>(lengths[row] - data.set.train[row].padding_tokens);
        tokens.push_back(sum);
    }
    return tokens;
}

}  // namespace bench
