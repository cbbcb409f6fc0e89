#include "app/lossmith-cli/questions.h"

#include <limits>

#include "app/lossmith-cli/params.h"
#include "core/config/RunConfig.h"
#include "core/data/Template.h"
#include "core/engine/comparison/SolutionLoss.h"
#include "core/engine/doctor/Doctor.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/WeightedSum.h"
#include "core/engine/loss/check/LossCheck.h"
#include "core/engine/loss/check/RewardCheck.h"
#include "core/engine/training/Estimate.h"
#include "core/project/Project.h"

namespace lossmith::cli {
namespace {

Json choices_json(const std::vector<engine::TokenChoice>& choices, const Tokenizer& tokenizer) {
    Json all = Json::array();
    for (const engine::TokenChoice& choice : choices)
        all.push_back({{"id", choice.id}, {"text", tokenizer.bytes_of(choice.id)}, {"probability", choice.probability}});
    return all;
}

}  // namespace

Result<Json> ask_generate(const Json& params, engine::ModelCache& models, const News& news, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    const std::string model = LOSSMITH_TRY(text_param(params, "model", "starter"));
    const auto loaded = LOSSMITH_TRY(models.get(model, project.get()));
    const Tokenizer& tokenizer = *loaded->tokenizer;

    engine::GenerationRequest request;
    if (const auto sampling = params.find("sampling"); sampling != params.end())
        request.sampling = LOSSMITH_TRY(sampling_config_from_json(*sampling));
    request.top_k = LOSSMITH_TRY(count_param(params, "top_k", 0, 1000));
    std::vector<std::string> texts = LOSSMITH_TRY(texts_param(params, "prompts"));
    if (const auto ids = params.find("ids"); ids != params.end() && !ids->is_null()) {
        request.prompts.push_back(LOSSMITH_TRY(ids_param(params, "ids")));
        texts = {tokenizer.decode(request.prompts.front())};
    } else if (!texts.empty()) {
        for (const std::string& text : texts) request.prompts.push_back(tokenizer.encode(text, SpecialTokens::AsTokens));
    } else {
        const TemplateSpec spec = LOSSMITH_TRY(template_param(params, project.get()));
        for (const std::string& problem : LOSSMITH_TRY(texts_param(params, "problems"))) {
            request.prompts.push_back(LOSSMITH_TRY(encode_prompt(spec, tokenizer, problem)));
            texts.push_back(spec.start_token + prompt_text(spec, problem));
        }
    }
    if (texts.empty()) return failure(Error::bad_input("There is no prompt.").with_hint("Give prompts, problems or ids."));
    request.each_alone = LOSSMITH_TRY(flag_param(params, "each_alone"));
    // Tokens to go on from are given as ids: the same text, encoded with what stands before it, may be other tokens.
    const std::vector<TokenId> continued = LOSSMITH_TRY(ids_param(params, "continue_ids"));
    for (const TokenId id : continued)
        if (id >= loaded->model.config().vocab_size)
            return failure(Error::bad_input("The model has no token " + std::to_string(id) + ".")
                               .with_hint("Its ids end at " + std::to_string(loaded->model.config().vocab_size - 1) + "."));
    for (auto& prompt : request.prompts) prompt.insert(prompt.end(), continued.begin(), continued.end());

    const auto tell = [&](const engine::TokenNews& token) {
        if (news)
            news({{"prompt", token.prompt},
                  {"text", token.text},
                  {"id", token.token.id},
                  {"probability", token.token.probability},
                  {"top", choices_json(token.top, tokenizer)}});
    };
    const auto generated = LOSSMITH_TRY(engine::generate(*loaded, request, tell, cancelled));
    Json answer = Json::array();
    for (std::size_t i = 0; i < generated.size(); ++i) {
        Json top = Json::array();
        for (const auto& choices : generated[i].top) top.push_back(choices_json(choices, tokenizer));
        answer.push_back({{"prompt", texts[i]},
                          {"text", generated[i].text},
                          {"ids", generated[i].ids},
                          {"probabilities", generated[i].probabilities},
                          {"top", top},
                          {"stopped_by", generated[i].stopped_by}});
    }
    return answer;
}

Result<Json> ask_solution_loss(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    const std::string model = LOSSMITH_TRY(text_param(params, "model", "starter"));
    const auto loaded = LOSSMITH_TRY(models.get(model, project.get()));
    const TemplateSpec spec = LOSSMITH_TRY(template_param(params, project.get()));
    const auto rows = params.find("rows");
    if (rows == params.end() || !rows->is_array()) return failure(wrong_param("rows", "a list of {problem, solution}"));
    Json losses = Json::array();
    for (const Json& row : *rows) {
        if (cancelled.is_cancelled()) return failure(Error::cancelled());
        if (!row.is_object()) return failure(wrong_param("rows", "a list of {problem, solution}"));
        const std::string problem = LOSSMITH_TRY(text_param(row, "problem"));
        const std::string solution = LOSSMITH_TRY(text_param(row, "solution"));
        const auto loss = LOSSMITH_TRY(engine::solution_loss(*loaded, spec, problem, solution));
        losses.push_back(loss ? Json(*loss) : Json());
    }
    return losses;
}

Result<Json> ask_loss_check(const Json& params, engine::ModelCache& models, engine::CheckBatchCache& batches,
                            const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    LossSpec spec;
    spec.name = LOSSMITH_TRY(text_param(params, "name", "typed"));
    spec.source = LOSSMITH_TRY(text_param(params, "source"));
    spec.labels = LOSSMITH_TRY(text_param(params, "labels", "aligned"));
    if (const auto given = params.find("parameters"); given != params.end() && !given->is_null()) {
        if (!given->is_object()) return failure(wrong_param("parameters", "an object of names and values"));
        spec.parameters = *given;
    }
    if (spec.source.empty()) return failure(wrong_param("source", "the text of a loss"));
    if (auto wrong = spec.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    engine::CheckBatchRequest request;
    request.model = LOSSMITH_TRY(text_param(params, "model", "starter"));
    request.rows = LOSSMITH_TRY(count_param(params, "rows", 4, 16));
    request.first_row = LOSSMITH_TRY(count_param(params, "first_row", 0, std::numeric_limits<int>::max()));
    const auto batch = LOSSMITH_TRY(batches.get(request, project.get(), models));
    if (!is_reward_text(spec.source)) return engine::check_loss(spec, *batch, cancelled);
    RewardSpec reward;
    reward.name = spec.name;
    reward.source = spec.source;
    reward.parameters = spec.parameters;
    return engine::check_reward(reward, *batch, LOSSMITH_TRY(batches.replies(cancelled)), cancelled);
}

Result<Json> ask_loss_sum(const Json& params) {
    const auto terms = params.find("terms");
    if (terms == params.end() || !terms->is_array()) return failure(wrong_param("terms", "a list of {name, weight}"));
    std::vector<engine::SumTerm> read;
    for (const Json& term : *terms) read.push_back(LOSSMITH_TRY(engine::sum_term_from_json(term)));
    const std::string source = LOSSMITH_TRY(engine::weighted_sum_source(read));
    return Json{{"source", source}};
}

Result<Json> ask_loss_catalogue() {
    Json entries = Json::array();
    for (const engine::CatalogueEntry& entry : LOSSMITH_TRY(engine::read_catalogue())) entries.push_back(engine::catalogue_json(entry));
    return entries;
}

Result<Json> ask_doctor(const Json& params, const News& news, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    if (!project) return failure(wrong_param("project", "the path of a project file"));
    const int run = LOSSMITH_TRY(count_param(params, "run", 0, std::numeric_limits<int>::max()));
    if (run == 0) return failure(wrong_param("run", "a run's number"));
    const ProgressSink progress = [&](const Progress& done) {
        if (news) news({{"done", done.done}, {"total", done.total}});
    };
    return Json(LOSSMITH_TRY(engine::diagnose(*project, run, progress, cancelled)));
}

Result<Json> ask_estimate(const Json& params, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    if (!project) return failure(wrong_param("project", "the path of a project file"));
    const auto config = params.find("config");
    if (config == params.end()) return failure(wrong_param("config", "a run's config"));
    const RunConfig run = LOSSMITH_TRY(run_config_from_json(*config));
    return Json(LOSSMITH_TRY(engine::estimate_run(*project, run, cancelled)));
}

}  // namespace lossmith::cli
