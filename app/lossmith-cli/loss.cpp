// `loss check` and `loss catalogue`: a typed loss on a real batch, and the losses that ship with the program.
#include <cstdio>
#include <filesystem>

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/questions.h"
#include "core/base/Files.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/loss/WeightedSum.h"

namespace lossmith::cli {
namespace {

constexpr std::size_t longest_file = 1U << 20U;

struct LossCheckCall {
    std::string file;
    std::string project;
    std::string model = "starter";
    std::string labels = "aligned";
    std::vector<std::string> parameters;
    int rows = 4;
    int first_row = 0;
};

/// "weight=0.5": the value is JSON, or a plain text where that fails.
Result<Json> parameters_of(const std::vector<std::string>& assignments) {
    Json parameters = Json::object();
    for (const std::string& assignment : assignments) {
        const auto equals = assignment.find('=');
        if (equals == std::string::npos || equals == 0)
            return failure(
                Error::bad_input("\"" + assignment + "\" is no parameter.").with_hint("Write --set NAME=VALUE, e.g. --set weight=0.5"));
        const std::string text = assignment.substr(equals + 1);
        const auto file = file_parameter(text);
        const auto value = parse_json(text);
        parameters[assignment.substr(0, equals)] = file ? *file : value ? *value : Json(text);
    }
    return parameters;
}

std::string number_text(const Json& value) {
    if (!value.is_number()) return "-";
    char text[40];
    std::snprintf(text, sizeof text, "%.4g", value.get<double>());
    return text;
}

std::string shape_text(const Json& line) {
    if (!line.at("shape").is_array()) return {};
    std::string text = "[";
    for (const Json& size : line.at("shape")) text += (text.size() > 1 ? ", " : "") + std::to_string(size.get<std::int64_t>());
    return text + "] ";
}

std::string yes_or_no(const Json& value) {
    return value.is_boolean() ? (value.get<bool>() ? "yes" : "no") : "-";
}

void print_report(const Json& report, const std::string& source, const Context& context) {
    const std::string verdict = report.at("verdict");
    const bool reward = report.at("kind") == "reward";
    std::string first =
        verdict == "ok" ? (reward ? "The reward can be used." : "Gradient flows.") : report.at("message").get<std::string>();
    if (report.at("line").is_number() && verdict != "ok") first = "line " + std::to_string(report.at("line").get<int>()) + ": " + first;
    context.print(verdict + "  " + first + "\n");
    if (const std::string hint = report.at("hint"); !hint.empty()) context.print("    " + hint + "\n");
    context.print("\n");
    int number = 1;
    for (std::size_t begin = 0; begin < source.size(); ++number) {
        const auto end = std::min(source.find('\n', begin), source.size());
        std::string line = source.substr(begin, end - begin);
        begin = end + 1;
        for (const Json& held : report.at("lines")) {
            if (held.at("line") != number) continue;
            if (line.size() < 64) line.resize(64, ' ');
            line += "  " + shape_text(held) + held.at("dtype").get<std::string>();
            if (!held.at("min").is_null()) line += "  " + number_text(held.at("min")) + " … " + number_text(held.at("max"));
            line += "  " + held.at("gradient").get<std::string>();
        }
        char count[16];
        std::snprintf(count, sizeof count, "%3d  ", number);
        context.print(count + line + "\n");
    }
    for (const Json& text : report.at("prints")) context.print("print: " + text.get<std::string>() + "\n");
    if (reward) {
        context.print("\nreward of what is written now " + number_text(report.at("value")) + "\n");
        for (const Json& part : report.at("parts"))
            context.print(number_text(part.at("value")) + "  " + part.at("name").get<std::string>() + "\n");
        context.print("\ncost: " + number_text(report.at("cost").at("milliseconds")) + " ms a completion\n");
        return;
    }
    context.print("\nvalue " + number_text(report.at("value")));
    for (const Json& part : report.at("parts"))
        context.print("  " + part.at("name").get<std::string>() + " " + number_text(part.at("value")));
    context.print("\nagrees with finite differences: " + yes_or_no(report.at("finite_differences").at("agree")) +
                  "\nsame when the batch is split: " + yes_or_no(report.at("split_invariant")) + "\nby token, can be chunked: " +
                  yes_or_no(report.at("separable_by_token")) + "\ncost: " + number_text(report.at("cost").at("milliseconds")) + " ms\n");
    for (const Json& rewrite : report.at("rewrites"))
        context.print("\nrewrite: " + rewrite.at("title").get<std::string>() + " (" + rewrite.at("about").get<std::string>() + ")\n    " +
                      rewrite.at("snippet").get<std::string>() + "\n");
}

Status run_check(const LossCheckCall& call, const Context& context) {
    engine::set_up_cpu(0);
    const std::string source = LOSSMITH_TRY(read_file(call.file, longest_file));
    Json params = {{"source", source}, {"model", call.model}, {"labels", call.labels}, {"rows", call.rows}, {"first_row", call.first_row}};
    params["parameters"] = LOSSMITH_TRY(parameters_of(call.parameters));
    if (!call.project.empty()) params["project"] = call.project;
    engine::ModelCache models(1);
    engine::CheckBatchCache batches;
    const Json report = LOSSMITH_TRY(ask_loss_check(params, models, batches, context.cancelled()));
    if (context.json())
        context.print_json(report);
    else
        print_report(report, source, context);
    return {};
}

Status run_catalogue(const Context& context) {
    const Json entries = LOSSMITH_TRY(ask_loss_catalogue());
    if (context.json()) {
        context.print_json(entries);
        return {};
    }
    for (const Json& entry : entries)
        context.print(entry.at("name").get<std::string>() + "  (" + entry.at("kind").get<std::string>() + ")\n    " +
                      entry.at("about").get<std::string>() + "\n");
    return {};
}

struct LossSumCall {
    std::vector<std::string> terms;
    std::string out;
};

/// A term may name a file; then the file's text is the loss and its stem the name.
Result<engine::SumTerm> term_from(const std::string& text) {
    engine::SumTerm term = LOSSMITH_TRY(engine::sum_term_from_text(text));
    const std::filesystem::path path(term.name);
    if (path.extension() != ".py") return term;
    term.source = LOSSMITH_TRY(read_file(path, longest_file));
    term.name = path.stem().string();
    return term;
}

Status run_sum(const LossSumCall& call, const Context& context) {
    std::vector<engine::SumTerm> terms;
    for (const std::string& text : call.terms) terms.push_back(LOSSMITH_TRY(term_from(text)));
    const std::string source = LOSSMITH_TRY(engine::weighted_sum_source(terms));
    if (!call.out.empty()) {
        std::error_code ignored;
        if (std::filesystem::exists(call.out, ignored))
            return failure(
                Error::bad_input("There is already a file " + call.out + ".").with_hint("Choose another name, or remove it first."));
        LOSSMITH_CHECK(write_file_atomically(call.out, source));
    }
    if (context.json())
        context.print_json({{"source", source}, {"out", call.out.empty() ? Json() : Json(call.out)}});
    else if (call.out.empty())
        context.print(source);
    else
        context.print("Wrote " + call.out + ".\n");
    return {};
}

}  // namespace

void add_loss(CLI::App& app, Context& context) {
    Verb loss = context.add_group(app, "loss", "Typed losses: check one, or see those that ship with the program.");
    auto call = std::make_shared<LossCheckCall>();
    Verb check = context.add_verb(loss, "check", "Runs a typed loss on a real batch and says where gradient flows and where it stops.",
                                  [call, &context] { return run_check(*call, context); });
    check.add_option("file", call->file, "The loss, as text").required().type_name("FILE");
    check.add_option("--project", call->project, "Whose training rows are the batch; without it, the sample's").type_name("PROJECT");
    check.add_option("--model", call->model, "\"starter\", a Hugging Face folder or PROJECT:RUN").capture_default_str();
    check.add_option("--labels", call->labels, "aligned with the logits, or unshifted as Hugging Face has them")
        .one_of({"aligned", "unshifted"})
        .capture_default_str();
    check.add_option("--set", call->parameters, "A parameter of the loss, @FILE for one that is loaded; may be given again")
        .type_name("NAME=VALUE")
        .repeatable();
    check.add_option("--rows", call->rows, "Rows in the batch").range(1, 16).capture_default_str();
    check.add_option("--first-row", call->first_row, "Which training row comes first, from 0").non_negative().capture_default_str();
    auto sum_call = std::make_shared<LossSumCall>();
    Verb sum = context.add_verb(loss, "sum", "Puts losses together: one typed source that adds them up with weights.",
                                [sum_call, &context] { return run_sum(*sum_call, context); });
    sum.add_option("terms", sum_call->terms,
                   "A loss of the catalogue or a .py file, and its weight: one number, or from..to:SCHEDULE over the run")
        .required()
        .type_name("NAME=WEIGHT");
    sum.add_option("--out", sum_call->out, "Write it into this file instead of showing it").type_name("FILE");
    context.add_verb(loss, "catalogue", "The losses that ship with the program, as typed sources.",
                     [&context] { return run_catalogue(context); });
}

}  // namespace lossmith::cli
