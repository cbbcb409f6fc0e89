// `history`: what was generated in a project, and any line of it once more, held against what it was.
#include <algorithm>
#include <limits>
#include <memory>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/engine/devices/Devices.h"
#include "core/project/Project.h"
#include "core/project/PromptStore.h"

namespace lossmith::cli {
namespace {

struct HistoryCall {
    std::string project;
    std::string source = "playground";
    std::int64_t limit = 50;
    std::int64_t again = 0;
};

Json in_json(const Generation& generation) {
    return {{"id", generation.id},
            {"created_at", generation.created_at},
            {"model", generation.model},
            {"weights", generation.weights},
            {"prompt", generation.prompt},
            {"text", generation.text},
            {"settings", generation.settings},
            {"details", generation.details}};
}

Status list(const HistoryCall& call, Project& project, const Context& context) {
    const auto generations = LOSSMITH_TRY(project.prompts().generations(call.limit, call.source == "all" ? "" : call.source));
    if (context.json()) {
        Json answer = Json::array();
        for (const Generation& generation : generations) answer.push_back(in_json(generation));
        context.print_json(answer);
        return {};
    }
    Table table({"id", "at", "model", "prompt", "text"});
    for (const Generation& generation : generations)
        table.add({std::to_string(generation.id), generation.created_at, generation.model, generation.prompt, generation.text});
    context.print(generations.empty() ? "Nothing was generated yet.\n" : table.text());
    return {};
}

/// Ids of a kept text's tokens; those that it went on from stand first.
std::vector<std::int64_t> ids_in(const Json& details) {
    std::vector<std::int64_t> ids;
    const auto tokens = details.is_object() ? details.find("tokens") : details.end();
    if (!details.is_object() || tokens == details.end() || !tokens->is_array()) return ids;
    for (const Json& token : *tokens)
        if (token.is_array() && !token.empty() && token[0].is_number_integer()) ids.push_back(token[0].get<std::int64_t>());
    return ids;
}

Status write_again(const HistoryCall& call, Project& project, const Context& context) {
    const auto all = LOSSMITH_TRY(project.prompts().generations(std::numeric_limits<std::int32_t>::max()));
    const auto found = std::ranges::find(all, call.again, &Generation::id);
    if (found == all.end())
        return failure(Error::not_found("There is no line " + std::to_string(call.again) + " in the history.")
                           .with_hint("`lossmith-cli history PROJECT --source all` lists them."));
    const auto before = ids_in(found->details);
    if (before.empty()) return failure(Error::bad_input("This line was kept without its tokens, so that nothing can be held against it."));
    const auto kept = std::min(before.size(), static_cast<std::size_t>(std::max(0.0, number_or_zero(found->details, "kept"))));
    Json params{{"model", found->model}, {"project", call.project}, {"sampling", found->settings}};
    if (string_or_empty(found->details, "mode") == "template") {
        params["problems"] = {string_or_empty(found->details, "typed")};
        params["template"] = found->details.value("template", Json());
    } else {
        params["prompts"] = {kept > 0 ? string_or_empty(found->details, "typed") : found->prompt};
    }
    params["continue_ids"] = std::vector<std::int64_t>(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(kept));
    engine::set_up_cpu(0);
    engine::ModelCache models(1);
    const Json answer = LOSSMITH_TRY(ask_generate(params, models, {}, context.cancelled()));
    const auto now = answer.at(0).at("ids").get<std::vector<std::int64_t>>();
    const std::vector<std::int64_t> expected(before.begin() + static_cast<std::ptrdiff_t>(kept), before.end());
    // What was stopped by hand would have gone on.
    const bool stopped = string_or_empty(found->details, "stopped_by") == "stopped";
    const auto [differs, beyond] = std::ranges::mismatch(expected, now);
    const bool same = differs == expected.end() && (stopped || beyond == now.end());
    const auto at = differs - expected.begin() + 1;
    const std::string text = answer.at(0).at("text").get<std::string>();
    if (context.json())
        context.print_json(
            {{"id", found->id}, {"same", same}, {"differs_at", same ? Json() : Json(at)}, {"text", text}, {"text_before", found->text}});
    else
        context.print(text + "\n" + (same ? "The same, token for token.\n" : "Before: " + found->text + "\n"));
    if (same) return {};
    return failure(Error::internal("It differs from token " + std::to_string(at) + " on.")
                       .with_hint("The weights, the engine or the number of threads are not those of then."));
}

}  // namespace

void add_history(CLI::App& app, Context& context) {
    auto call = std::make_shared<HistoryCall>();
    Verb verb =
        context.add_verb(app, "history", "What was generated in a project, and any line of it once more.", [call, &context]() -> Status {
            const auto project = LOSSMITH_TRY(Project::open(call->project));
            return call->again > 0 ? write_again(*call, *project, context) : list(*call, *project, context);
        });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("--source", call->source, "Where it was generated").one_of({"playground", "compare", "all"}).capture_default_str();
    verb.add_option("--limit", call->limit, "At most so many, newest first").positive().capture_default_str();
    verb.add_option("--again", call->again, "Writes this line again and says whether the same tokens come; fails where they do not")
        .type_name("ID")
        .positive();
}

}  // namespace lossmith::cli
