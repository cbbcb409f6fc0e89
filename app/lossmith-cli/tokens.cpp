// `tokens`: a row, a batch of the plan or typed text as the trainer feeds it; `special`: what special tokens do.
#include <algorithm>
#include <charconv>
#include <optional>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/tokens_questions.h"
#include "core/config/RunConfig.h"
#include "core/data/ExampleView.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"

namespace lossmith::cli {
namespace {

struct TokensCall {
    std::string project;
    std::int64_t row = 0;
    std::int64_t step = 0;
    std::string problem, solution;
    std::string config;
    std::vector<std::string> assignments;
    std::vector<std::string> label, unlabel;
    bool by_rule = false;
    bool shares = false;
};

/// What the examples are made with: as a run of this config would.
struct Setting {
    RunConfig config;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::size_t length = 0;

    [[nodiscard]] Result<ExampleView> view(const std::string& problem, const std::string& solution, const RowLabels& by_hand,
                                           std::size_t pad_to = 0) const {
        const std::size_t filled = config.padding == "max_length" ? length : pad_to;
        return view_example(*config.template_spec, *tokenizer, problem, solution, length, filled, by_hand);
    }
};

Result<Setting> setting_of(const TokensCall& call, Project& project) {
    Setting setting;
    if (!call.config.empty()) {
        const Json json = LOSSMITH_TRY(read_json_file(call.config));
        setting.config = LOSSMITH_TRY(run_config_from_json(json));
    }
    if (!setting.config.template_spec) setting.config.template_spec = LOSSMITH_TRY(project.templates().current());
    for (const std::string& assignment : call.assignments) LOSSMITH_CHECK(set_field(setting.config, assignment));
    if (auto wrong = setting.config.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    const engine::LoadedModel model = LOSSMITH_TRY(engine::model_for(project, setting.config));
    setting.tokenizer = model.tokenizer;
    setting.length = engine::longest_example(setting.config, model.model.config().n_positions);
    return setting;
}

/// "solution:3-17" or "end".
Result<LabelledRange> range_from(const std::string& text, bool labelled) {
    LabelledRange range;
    range.labelled = labelled;
    const auto wrong = [&] {
        return failure(Error::bad_input("“" + text + "” names no part of a row.")
                           .with_hint("Write problem:BEGIN-END or solution:BEGIN-END in bytes, or end."));
    };
    const auto colon = text.find(':');
    const std::string cell = text.substr(0, colon);
    if (cell == "end" && colon == std::string::npos) {
        range.cell = LabelledRange::Cell::End;
        return range;
    }
    const auto dash = text.find('-', colon == std::string::npos ? 0 : colon);
    if ((cell != "problem" && cell != "solution") || colon == std::string::npos || dash == std::string::npos) return wrong();
    range.cell = cell == "problem" ? LabelledRange::Cell::Problem : LabelledRange::Cell::Solution;
    const char* const at_end = text.data() + text.size();
    const auto begin = std::from_chars(text.data() + colon + 1, text.data() + dash, range.begin);
    const auto end = std::from_chars(text.data() + dash + 1, at_end, range.end);
    if (begin.ec != std::errc{} || begin.ptr != text.data() + dash || end.ec != std::errc{} || end.ptr != at_end ||
        range.end <= range.begin)
        return wrong();
    return range;
}

Status label_by_hand(const TokensCall& call, Project& project) {
    if (call.label.empty() && call.unlabel.empty() && !call.by_rule) return {};
    if (call.row == 0) return failure(Error::bad_input("Labels by hand belong to a row.").with_hint("Name it with --row."));
    RowLabels labels;
    const auto kept = LOSSMITH_TRY(project.data().labels_by_hand());
    if (const auto found = kept.find(call.row); found != kept.end() && !call.by_rule) labels = found->second;
    for (const std::string& text : call.label) labels.push_back(LOSSMITH_TRY(range_from(text, true)));
    for (const std::string& text : call.unlabel) labels.push_back(LOSSMITH_TRY(range_from(text, false)));
    return project.data().set_labels(call.row, labels);
}

std::string bytes_of(const ExampleToken& token, const ExampleView& view, const Tokenizer& tokenizer) {
    return token.begin < token.end ? view.text.substr(token.begin, token.end - token.begin) : std::string(tokenizer.bytes_of(token.id));
}

Json view_json(const ExampleView& view, const Tokenizer& tokenizer) {
    Json tokens = Json::array();
    for (const ExampleToken& token : view.tokens)
        tokens.push_back({{"id", token.id},
                          {"text", bytes_of(token, view, tokenizer)},
                          {"begin", token.begin},
                          {"end", token.end},
                          {"kind", name_of(token.kind)},
                          {"labelled", token.labelled},
                          {"attended", token.attended()},
                          {"truncated", token.truncated}});
    return {{"text", view.text}, {"tokens", std::move(tokens)}};
}

Json shares_json(const ExampleShares& shares) {
    return {{"rows", shares.rows},
            {"fed", shares.fed()},
            {"labelled", shares.labelled},
            {"ignored", shares.ignored},
            {"padding", shares.padding},
            {"truncated", shares.truncated},
            {"unlabelled_rows", shares.unlabelled_rows}};
}

std::string table_of(const ExampleView& view, const Tokenizer& tokenizer) {
    Table table({"place", "id", "kind", "labelled", "attended", "text"});
    for (std::size_t i = 0; i < view.tokens.size(); ++i) {
        const ExampleToken& token = view.tokens[i];
        table.add({std::to_string(i), std::to_string(token.id), name_of(token.kind),
                   token.truncated  ? "cut"
                   : token.labelled ? "yes"
                                    : "",
                   token.attended() ? "yes" : "", "“" + on_one_line(bytes_of(token, view, tokenizer), 40) + "”"});
    }
    return table.text();
}

Status show_shares(const Setting& setting, Project& project, const Context& context) {
    ExampleShares shares;
    const auto by_hand = LOSSMITH_TRY(project.data().labels_by_hand());
    for (const Row& row : LOSSMITH_TRY(project.data().rows(Split::Train))) {
        if (context.cancelled().is_cancelled()) return failure(Error::cancelled());
        const auto labels = by_hand.find(row.id);
        auto view = setting.view(row.problem, row.solution, labels == by_hand.end() ? RowLabels{} : labels->second);
        if (!view) return failure(std::move(view).error().at_row(row.id));
        shares.add(*view);
    }
    if (context.json()) {
        context.print_json(shares_json(shares));
        return {};
    }
    const auto line = [&](const char* name, std::int64_t count) {
        const double share = 100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(1, shares.fed()));
        return std::string(name) + with_commas(count) + " tokens, " + three_places(share) + " %\n";
    };
    context.print(with_commas(shares.rows) + " training rows\n" + line("labelled   ", shares.labelled) +
                  line("ignored    ", shares.ignored) + line("padding    ", shares.padding) + "cut away   " +
                  with_commas(shares.truncated) + " tokens\n" +
                  (shares.unlabelled_rows > 0 ? with_commas(shares.unlabelled_rows) + " rows have no label and are left out\n" : ""));
    return {};
}

Status show_batch(const TokensCall& call, const Setting& setting, Project& project, const Context& context) {
    const Json plan =
        LOSSMITH_TRY(ask_batch({{"project", call.project}, {"config", setting.config}, {"step", call.step}}, context.cancelled()));
    const auto by_hand = LOSSMITH_TRY(project.data().labels_by_hand());
    Json answer = {{"step", plan.at("step")}, {"total_steps", plan.at("total_steps")}, {"micro_batches", Json::array()}};
    for (const Json& micro_batch : plan.at("micro_batches")) {
        Json rows = Json::array();
        for (const Json& id : micro_batch.at("rows")) {
            const Row row = LOSSMITH_TRY(project.data().row(id.get<std::int64_t>()));
            const auto labels = by_hand.find(row.id);
            const ExampleView view =
                LOSSMITH_TRY(setting.view(row.problem, row.solution, labels == by_hand.end() ? RowLabels{} : labels->second,
                                          micro_batch.at("padded_to").get<std::size_t>()));
            Json shown = view_json(view, *setting.tokenizer);
            shown["row"] = row.id;
            if (!context.json()) context.print("row " + std::to_string(row.id) + "\n" + table_of(view, *setting.tokenizer) + "\n");
            rows.push_back(std::move(shown));
        }
        answer["micro_batches"].push_back({{"padded_to", micro_batch.at("padded_to")}, {"rows", std::move(rows)}});
    }
    if (context.json()) context.print_json(answer);
    return {};
}

Status run_tokens(const TokensCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    LOSSMITH_CHECK(label_by_hand(call, *project));
    const Setting setting = LOSSMITH_TRY(setting_of(call, *project));
    if (call.shares) return show_shares(setting, *project, context);
    if (call.step > 0) return show_batch(call, setting, *project, context);
    std::string problem = call.problem;
    std::string solution = call.solution;
    RowLabels labels;
    if (call.row > 0) {
        const Row row = LOSSMITH_TRY(project->data().row(call.row));
        problem = row.problem;
        solution = row.solution;
        const auto kept = LOSSMITH_TRY(project->data().labels_by_hand());
        if (const auto found = kept.find(call.row); found != kept.end()) labels = found->second;
    } else if (problem.empty() && solution.empty()) {
        return failure(
            Error::bad_input("There is nothing to look at.").with_hint("Give --row, --step, --problem and --solution, or --shares."));
    }
    const ExampleView view = LOSSMITH_TRY(setting.view(problem, solution, labels));
    if (context.json()) {
        Json shown = view_json(view, *setting.tokenizer);
        if (call.row > 0) shown["row"] = call.row;
        shown["by_hand"] = row_labels_json(labels);
        context.print_json(shown);
    } else {
        context.print(table_of(view, *setting.tokenizer));
    }
    return {};
}

struct SpecialCall {
    std::string project;
    std::string model = "starter";
    std::string spec;
};

Status run_special(const SpecialCall& call, const Context& context) {
    engine::set_up_cpu(0);
    Json params = {{"project", call.project}, {"model", call.model}};
    if (!call.spec.empty()) params["template"] = LOSSMITH_TRY(parse_json(call.spec, "--template"));
    const Json answer = LOSSMITH_TRY(ask_special_tokens(params));
    if (context.json()) {
        context.print_json(answer);
        return {};
    }
    Table table({"id", "token", "role", "logit (mean)", "probability (mean)", "logit (random)", "probability (random)", "near"});
    for (const Json& token : answer.at("tokens")) {
        std::string near;
        for (const Json& neighbour : token.at("neighbours"))
            near += (near.empty() ? "“" : ", “") + on_one_line(neighbour.at("text").get<std::string>(), 12) + "”";
        const bool added = token.at("added").get<bool>();
        table.add({std::to_string(token.at("id").get<std::int64_t>()), token.at("name").get<std::string>(),
                   token.at("role").get<std::string>(), three_places(token.at("mean").at("logit").get<double>()),
                   three_places(token.at("mean").at("probability").get<double>()),
                   added ? three_places(token.at("random").at("logit").get<double>()) : "",
                   added ? three_places(token.at("random").at("probability").get<double>()) : "", near});
    }
    const Json& others = answer.at("others");
    context.print(table.text() + "All other tokens' logits: " + three_places(others.at("mean").get<double>()) + " on average, from " +
                  three_places(others.at("lowest").get<double>()) + " to " + three_places(others.at("highest").get<double>()) + ", at " +
                  with_commas(answer.at("places").get<std::int64_t>()) + " places of " +
                  std::to_string(answer.at("rows").get<std::int64_t>()) + " rows.\n");
    return {};
}

}  // namespace

void add_tokens(CLI::App& app, Context& context) {
    auto call = std::make_shared<TokensCall>();
    Verb verb =
        context.add_verb(app, "tokens", "A row, a batch of the plan or typed text as the trainer feeds it: tokens, labels, padding.",
                         [call, &context] { return run_tokens(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("--row", call->row, "A row by its id").type_name("ROW").positive();
    verb.add_option("--step", call->step, "All rows of this step of the run's plan, padded as they are fed").type_name("N").positive();
    verb.add_option("--problem", call->problem, "Typed text in the place of a row's").type_name("TEXT");
    verb.add_option("--solution", call->solution, "Its solution").type_name("TEXT");
    verb.add_flag("--shares", call->shares, "How the tokens of all training rows are shared out");
    verb.add_option("--config", call->config, "A run's config as JSON").type_name("FILE");
    verb.add_option("--set", call->assignments, "One field of the config, e.g. template.labels=last_tokens; may be given again")
        .type_name("KEY=VALUE")
        .repeatable();
    verb.add_option("--label", call->label, "Labels part of --row by hand: solution:BEGIN-END, problem:BEGIN-END (bytes) or end")
        .type_name("PART")
        .repeatable();
    verb.add_option("--unlabel", call->unlabel, "Takes the label off a part of --row").type_name("PART").repeatable();
    verb.add_flag("--by-rule", call->by_rule, "Forgets what was labelled by hand in --row");
}

void add_special(CLI::App& app, Context& context) {
    auto call = std::make_shared<SpecialCall>();
    Verb verb = context.add_verb(app, "special", "What special tokens do: their neighbours, and their logits beside all others'.",
                                 [call, &context] { return run_special(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("--model", call->model, "The model").type_name("MODEL").capture_default_str();
    verb.add_option("--template", call->spec, "A template as JSON; without it the project's").type_name("JSON");
}

}  // namespace lossmith::cli
