#include "app/lossmith-cli/inspection_questions.h"

#include <algorithm>
#include <optional>

#include "app/lossmith-cli/params.h"
#include "core/config/SamplingConfig.h"
#include "core/engine/inspection/AttentionMaps.h"
#include "core/engine/inspection/Attribution.h"
#include "core/engine/inspection/Difference.h"
#include "core/engine/inspection/Inspect.h"
#include "core/engine/inspection/LogitLens.h"
#include "core/engine/inspection/Odds.h"
#include "core/engine/inspection/PlaceDistribution.h"
#include "core/project/DataStore.h"

namespace lossmith::cli {
namespace {

constexpr int most_alternatives = 1000;
constexpr int most_alternatives_of_two = 100;    ///< each is told for two models
constexpr int most_alternatives_of_layers = 20;  ///< and for every layer
constexpr int most_odds_rows = 1'000'000;

bool is_given(const Json& params, const char* name) {
    const auto found = params.find(name);
    return found != params.end() && !found->is_null();
}

/// The ids, and where the text came through the template what of it is labelled.
Result<Example> inspected_example(const Json& params, const Tokenizer& tokenizer, std::size_t longest, Project* project) {
    Example example;
    if (is_given(params, "ids")) {
        example.input_ids = LOSSMITH_TRY(ids_param(params, "ids"));
        return example;
    }
    if (!is_given(params, "problem")) {
        const std::string text = LOSSMITH_TRY(text_param(params, "text"));
        example.input_ids = tokenizer.encode(text, SpecialTokens::AsTokens);
        return example;
    }
    const std::string problem = LOSSMITH_TRY(text_param(params, "problem"));
    const TemplateSpec spec = LOSSMITH_TRY(template_param(params, project));
    if (!is_given(params, "solution")) {
        example.input_ids = LOSSMITH_TRY(encode_prompt(spec, tokenizer, problem));
        return example;
    }
    const std::string solution = LOSSMITH_TRY(text_param(params, "solution"));
    return encode_example(spec, tokenizer, problem, solution, longest);
}

/// The one model of a question, and its text.
struct Asked {
    std::shared_ptr<const engine::LoadedModel> loaded;
    Example example;

    [[nodiscard]] const engine::Gpt2& model() const { return loaded->model; }
    [[nodiscard]] const Tokenizer& tokenizer() const { return *loaded->tokenizer; }
    [[nodiscard]] const std::vector<TokenId>& ids() const { return example.input_ids; }
};

Result<Asked> asked(const Json& params, engine::ModelCache& models) {
    const auto project = LOSSMITH_TRY(project_param(params));
    const std::string model = LOSSMITH_TRY(text_param(params, "model", "starter"));
    Asked all;
    all.loaded = LOSSMITH_TRY(models.get(model, project.get()));
    all.example =
        LOSSMITH_TRY(inspected_example(params, all.tokenizer(), static_cast<std::size_t>(all.model().config().n_positions), project.get()));
    return all;
}

/// The longest text that both models of a pair read.
std::size_t positions_of(const engine::ModelPair& pair) {
    return static_cast<std::size_t>(std::min(pair.base.config().n_positions, pair.tuned.config().n_positions));
}

Result<engine::ModelPair> asked_pair(const Json& params, engine::ModelCache& models, Project* project) {
    for (const char* name : {"base", "tuned"})
        if (!is_given(params, name)) return failure(wrong_param(name, "a model"));
    const std::string base = LOSSMITH_TRY(text_param(params, "base"));
    const std::string tuned = LOSSMITH_TRY(text_param(params, "tuned"));
    const auto before = LOSSMITH_TRY(models.get(base, project));
    const auto after = LOSSMITH_TRY(models.get(tuned, project));
    return engine::pair_up(*before, *after);
}

Result<std::int64_t> place_param(const Json& params) {
    if (!is_given(params, "place")) return failure(wrong_param("place", "the number of a token, from 1"));
    return LOSSMITH_TRY(count_param(params, "place", 0, std::numeric_limits<int>::max()));
}

/// Says of each token whether it is labelled, where the text came through the template.
void tell_labels(Json& answer, const Example& example) {
    if (example.labels.empty()) return;
    for (std::size_t t = 0; t < example.labels.size(); ++t) answer["tokens"][t]["labelled"] = example.labels[t] != ignore_index;
    answer["truncated_tokens"] = example.truncated_tokens;
}

Result<Split> split_param(const Json& params) {
    const std::string name = LOSSMITH_TRY(text_param(params, "split", name_of(Split::Validation)));
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        if (name == name_of(split)) return split;
    return failure(wrong_param("split", "train, validation or test"));
}

}  // namespace

Result<Json> ask_inspect(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const Asked on = LOSSMITH_TRY(asked(params, models));
    const int top_k = LOSSMITH_TRY(count_param(params, "top_k", 5, most_alternatives));
    const auto inspection = LOSSMITH_TRY(engine::inspect(on.model(), on.ids(), top_k, cancelled));
    Json answer = engine::inspection_json(inspection, on.tokenizer());
    tell_labels(answer, on.example);
    return answer;
}

Result<Json> ask_place(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const Asked on = LOSSMITH_TRY(asked(params, models));
    engine::PlaceRequest request;
    request.place = LOSSMITH_TRY(place_param(params));
    request.top_k = LOSSMITH_TRY(count_param(params, "top_k", request.top_k, most_alternatives));
    request.find = LOSSMITH_TRY(text_param(params, "find"));
    request.also = LOSSMITH_TRY(ids_param(params, "also"));
    if (is_given(params, "sampling")) request.sampling = LOSSMITH_TRY(sampling_config_from_json(params["sampling"]));
    const auto place = LOSSMITH_TRY(engine::inspect_place(on.model(), on.tokenizer(), on.ids(), request, cancelled));
    return engine::place_json(place, on.tokenizer());
}

Result<Json> ask_lens(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const Asked on = LOSSMITH_TRY(asked(params, models));
    const int top_k = LOSSMITH_TRY(count_param(params, "top_k", 5, most_alternatives_of_layers));
    const auto layers = LOSSMITH_TRY(engine::logit_lens(on.model(), on.ids(), top_k, cancelled));
    return engine::lens_json(layers, on.tokenizer());
}

Result<Json> ask_attention(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const Asked on = LOSSMITH_TRY(asked(params, models));
    if (!is_given(params, "layer")) return failure(wrong_param("layer", "the number of a layer, from 0"));
    const int layer = LOSSMITH_TRY(count_param(params, "layer", 0, std::numeric_limits<int>::max()));
    std::optional<std::int64_t> head;
    if (is_given(params, "head")) head = LOSSMITH_TRY(count_param(params, "head", 0, std::numeric_limits<int>::max()));
    const auto maps = LOSSMITH_TRY(engine::attention_maps(on.model(), on.ids(), layer, head, cancelled));
    Json answer = engine::attention_json(maps, layer, head);
    answer["layer_count"] = on.model().config().n_layer;
    answer["head_count"] = on.model().config().n_head;
    return answer;
}

Result<Json> ask_attribution(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const Asked on = LOSSMITH_TRY(asked(params, models));
    engine::AttributionRequest request;
    request.place = LOSSMITH_TRY(place_param(params));
    const std::string method = LOSSMITH_TRY(text_param(params, "method", engine::name_of(request.method)));
    request.method = LOSSMITH_TRY(engine::attribution_method_named(method));
    request.steps = LOSSMITH_TRY(count_param(params, "steps", request.steps, 1000));
    if (request.steps < 1) return failure(wrong_param("steps", "a whole number from 1 to 1000"));
    if (is_given(params, "target")) request.target = LOSSMITH_TRY(count_param(params, "target", 0, std::numeric_limits<int>::max()));
    const auto attribution = LOSSMITH_TRY(engine::attribute_loss(on.model(), on.ids(), request, cancelled));
    return engine::attribution_json(attribution, on.tokenizer());
}

Result<Json> ask_difference(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    const auto pair = LOSSMITH_TRY(asked_pair(params, models, project.get()));
    const Example example = LOSSMITH_TRY(inspected_example(params, *pair.tokenizer, positions_of(pair), project.get()));
    const int top_k = LOSSMITH_TRY(count_param(params, "top_k", 5, most_alternatives_of_two));
    const auto difference = LOSSMITH_TRY(engine::inspect_difference(pair, example.input_ids, top_k, cancelled));
    Json answer = engine::difference_json(difference, *pair.tokenizer);
    tell_labels(answer, example);
    return answer;
}

Result<Json> ask_odds(const Json& params, engine::ModelCache& models, const News& news, const CancellationToken& cancelled) {
    const auto project = LOSSMITH_TRY(project_param(params));
    if (!project) return failure(wrong_param("project", "the path of a project file"));
    const Split split = LOSSMITH_TRY(split_param(params));
    const int limit = LOSSMITH_TRY(count_param(params, "rows", 200, most_odds_rows));
    engine::OddsRequest request;
    request.top_k = LOSSMITH_TRY(count_param(params, "top_k", request.top_k, most_alternatives));
    request.least_probability = LOSSMITH_TRY(number_param(params, "least_probability", request.least_probability, 0.0, 1.0));
    const TemplateSpec spec = LOSSMITH_TRY(template_param(params, project.get()));
    const auto pair = LOSSMITH_TRY(asked_pair(params, models, project.get()));

    const auto rows = LOSSMITH_TRY(project->data().rows(split, limit));
    if (rows.empty())
        return failure(Error::bad_input("The project has no " + std::string(name_of(split)) + " rows.")
                           .with_hint("Choose another split, or import rows into it."));
    std::vector<Example> examples;
    for (const Row& row : rows) {
        auto example = encode_example(spec, *pair.tokenizer, row.problem, row.solution, positions_of(pair));
        if (!example) return failure(std::move(example).error().at_row(row.id));
        examples.push_back(std::move(*example));
    }
    const ProgressSink tell = [&news](const Progress& progress) { news({{"done", progress.done}, {"total", progress.total}}); };
    const auto odds = LOSSMITH_TRY(engine::changed_odds(pair, examples, request, news ? tell : ProgressSink{}, cancelled));
    return engine::odds_json(odds, *pair.tokenizer);
}

}  // namespace lossmith::cli
