#include "core/engine/loss/WeightedSum.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>

#include "core/config/RewardSpec.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/TypedLoss.h"
#include "core/engine/loss/language/Lexer.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith::engine {
namespace {

using language::Token;
using language::TokenKind;

constexpr const char* schedules[] = {"constant", "linear", "cosine", "step"};

Error no_schedule(const std::string& name) {
    return Error::bad_input("There is no schedule \"" + name + "\".").with_hint("It can be constant, linear, cosine or step.");
}

Result<double> weight_from(std::string_view text, std::string_view whole) {
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (copy.empty() || *end != '\0' || !std::isfinite(value))
        return failure(Error::bad_input("The weight \"" + copy + "\" in \"" + std::string(whole) + "\" is not a number.")
                           .with_hint("Write NAME=0.5, or NAME=0.1..0.5:cosine for one that changes over the run."));
    return value;
}

/// A name that Python allows, made of what a loss is called.
std::string as_identifier(const std::string& name) {
    std::string result;
    for (const char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result.front())) != 0) result.insert(0, "loss_");
    return result;
}

/// A number as Python reads it back to the same bits.
std::string as_python(double value) {
    std::string text = Json(value).dump();
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string as_python(const Json& value) {
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_null() || value.is_object()) return "None";  // an object names a file, which the sum's own field is for
    if (value.is_number_float()) return as_python(value.get<double>());
    return value.dump();
}

/// What a program defines at its top level: functions, and names that stand at the beginning of a line before "=".
std::set<std::string> top_level_names(const std::vector<Token>& tokens) {
    std::set<std::string> names;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i].where.column != 1 || tokens[i].kind != TokenKind::Name) continue;
        if (tokens[i].text == "def" && tokens[i + 1].kind == TokenKind::Name) names.insert(tokens[i + 1].text);
        if (tokens[i + 1].kind == TokenKind::Symbol && tokens[i + 1].text == "=") names.insert(tokens[i].text);
    }
    return names;
}

/// The source with its top-level names led by a prefix, wherever they are names and not attributes or a call's keywords.
std::string renamed(const std::string& source, const std::vector<Token>& tokens, const std::set<std::string>& names,
                    const std::string& prefix) {
    std::string result;
    std::size_t copied = 0;
    int brackets = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.kind == TokenKind::Symbol) {
            if (token.text == "(" || token.text == "[" || token.text == "{") ++brackets;
            if (token.text == ")" || token.text == "]" || token.text == "}") --brackets;
        }
        if (token.kind != TokenKind::Name || !names.contains(token.text)) continue;
        const bool attribute = i > 0 && tokens[i - 1].kind == TokenKind::Symbol && tokens[i - 1].text == ".";
        const bool keyword = brackets > 0 && i + 1 < tokens.size() && tokens[i + 1].kind == TokenKind::Symbol && tokens[i + 1].text == "=";
        if (attribute || keyword) continue;
        result.append(source, copied, token.begin - copied).append(prefix).append(token.text);
        copied = token.begin + token.text.size();
    }
    return result.append(source, copied);
}

/// A term read, its functions under its name.
struct ReadTerm {
    std::string name;  ///< of its part, and the prefix of its names; unlike all others
    std::string source;
    FunctionSignature function;
    const SumTerm* term = nullptr;
};

Result<ReadTerm> read_term(const SumTerm& term, const std::set<std::string>& taken) {
    std::string source = term.source;
    if (source.empty()) {
        const CatalogueEntry entry = LOSSMITH_TRY(catalogue_entry(term.name));
        source = entry.source;
    }
    if (is_reward_text(source))
        return failure(Error::bad_input("\"" + term.name + "\" is a reward and has no gradient, so it cannot be added to a loss.")
                           .with_hint("Choose it as the run's reward; the loss stays beside it with `reward.loss_weight`."));
    if (std::ranges::find(schedules, term.schedule) == std::end(schedules)) return failure(no_schedule(term.schedule));
    auto program = Program::parse(source);
    if (!program) {
        Error error = std::move(program).error();
        error.message = "In \"" + term.name + "\": " + error.message;
        return failure(std::move(error));
    }
    ReadTerm read;
    read.term = &term;
    read.name = as_identifier(term.name);
    for (int again = 2; taken.contains(read.name); ++again) read.name = as_identifier(term.name) + "_" + std::to_string(again);
    read.function = LOSSMITH_TRY(loss_function(*program));
    const std::vector<Token> tokens = language::tokens_of(source);
    const std::set<std::string> names = top_level_names(tokens);
    for (const FunctionSignature& function : program->functions())
        for (const Parameter& parameter : function.parameters)
            if (names.contains(parameter.name))
                return failure(
                    Error::bad_input("In \"" + term.name + "\" the argument " + parameter.name + " is called like a function beside it.")
                        .with_hint("Give one of them another name."));
    for (const auto& [field, value] : term.parameters.items())
        if (!read.function.has_parameter(field))
            return failure(Error::bad_input("\"" + term.name + "\" has no parameter \"" + field + "\"."));
    read.source = renamed(source, tokens, names, read.name + "__");
    while (read.source.ends_with('\n')) read.source.pop_back();
    return read;
}

bool is_argument(const std::string& name) {
    return std::ranges::find(loss_arguments(), name, [](const LossArgument& argument) { return std::string_view(argument.name); }) !=
           loss_arguments().end();
}

std::string default_of(const Parameter& parameter, const SumTerm& term) {
    if (term.parameters.contains(parameter.name)) return as_python(term.parameters.at(parameter.name));
    return parameter.default_value ? as_python(*parameter.default_value) : "None";
}

/// A term's own weight, or the cross-entropy that it brings along, which in a sum have their place outside; undefined for other fields.
std::optional<std::string> settled_in_a_sum(const Parameter& parameter, const SumTerm& term) {
    if (parameter.name != "cross_entropy" && parameter.name != "weight") return std::nullopt;
    if (term.parameters.contains(parameter.name)) return as_python(term.parameters.at(parameter.name));
    return parameter.name == "weight" ? "1.0" : "0.0";
}

constexpr const char* averaged_source =
    "def averaged(value, labels):\n"
    "    if isinstance(value, dict):\n"
    "        total = 0.0\n"
    "        for part in value.values():\n"
    "            total = total + averaged(part, labels)\n"
    "        return total\n"
    "    if not isinstance(value, torch.Tensor) or value.dim() == 0:\n"
    "        return value\n"
    "    return value[labels != -100].mean() if value.shape == labels.shape else value.mean()\n";

std::string schedule_source(const std::string& schedule) {
    if (schedule == "linear") return "def linear(start, end, progress):\n    return start + (end - start) * progress\n";
    if (schedule == "cosine")
        return "def cosine(start, end, progress):\n    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * progress))\n";
    return "def step_at_half(start, end, progress):\n    return start if progress < 0.5 else end\n";
}

}  // namespace

Result<SumTerm> sum_term_from_json(const Json& json) {
    SumTerm term;
    if (!json.is_object()) return failure(Error::bad_input("A term of a sum is an object with name and weight."));
    const auto number = [&](const char* name, double& into) -> Status {
        const auto found = json.find(name);
        if (found == json.end() || found->is_null()) return {};
        if (!found->is_number() || !std::isfinite(found->get<double>()))
            return failure(Error::bad_input("`" + std::string(name) + "` of a term must be a number."));
        into = found->get<double>();
        return {};
    };
    term.name = string_or_empty(json, "name");
    term.source = string_or_empty(json, "source");
    if (term.name.empty())
        return failure(
            Error::bad_input("A term of the sum has no name.").with_hint("Name a loss of the catalogue, e.g. \"cross_entropy\"."));
    LOSSMITH_CHECK(number("weight", term.weight));
    term.weight_end = term.weight;
    LOSSMITH_CHECK(number("weight_end", term.weight_end));
    if (term.weight_end != term.weight) term.schedule = "linear";
    if (const std::string schedule = string_or_empty(json, "schedule"); !schedule.empty()) term.schedule = schedule;
    if (const auto parameters = json.find("parameters"); parameters != json.end() && parameters->is_object()) term.parameters = *parameters;
    return term;
}

Result<SumTerm> sum_term_from_text(std::string_view text) {
    SumTerm term;
    const std::size_t equals = text.rfind('=');
    term.name = std::string(text.substr(0, equals));
    if (term.name.empty())
        return failure(
            Error::bad_input("\"" + std::string(text) + "\" names no loss.").with_hint("Write NAME=WEIGHT, e.g. kl_to_base=0.1"));
    if (equals == std::string_view::npos) return term;
    std::string_view weights = text.substr(equals + 1);
    if (const std::size_t colon = weights.find(':'); colon != std::string_view::npos) {
        term.schedule = std::string(weights.substr(colon + 1));
        weights = weights.substr(0, colon);
    }
    const std::size_t dots = weights.find("..");
    term.weight = LOSSMITH_TRY(weight_from(weights.substr(0, dots), text));
    term.weight_end = term.weight;
    if (dots == std::string_view::npos) return term;
    term.weight_end = LOSSMITH_TRY(weight_from(weights.substr(dots + 2), text));
    if (term.schedule == "constant") term.schedule = "linear";
    return term;
}

Result<std::string> weighted_sum_source(const std::vector<SumTerm>& terms) {
    if (terms.empty())
        return failure(Error::bad_input("A sum needs at least one loss.").with_hint("For example cross_entropy=1 kl_to_base=0.1"));
    std::set<std::string> taken = {"loss", "averaged", "linear", "cosine", "step_at_half"};
    std::vector<ReadTerm> read;
    for (const SumTerm& term : terms) {
        ReadTerm each = LOSSMITH_TRY(read_term(term, taken));
        taken.insert(each.name);
        read.push_back(std::move(each));
    }

    std::string bodies;
    std::set<std::string> used_schedules;
    std::set<std::string> arguments = {"labels"};
    std::string fields;
    std::string parts;
    const auto take = [&taken](const std::string& name) -> Status {
        if (taken.insert(name).second) return {};
        return failure(
            Error::bad_input("Two fields of the sum would both be called " + name + ".").with_hint("Give one of the losses another name."));
    };
    for (const ReadTerm& each : read) {
        bodies += each.source + "\n\n";
        std::string call;
        for (const Parameter& parameter : each.function.parameters) {
            if (is_argument(parameter.name)) {
                arguments.insert(parameter.name);
                call += (call.empty() ? "" : ", ") + parameter.name + "=" + parameter.name;
                continue;
            }
            if (const auto settled = settled_in_a_sum(parameter, *each.term)) {
                call += (call.empty() ? "" : ", ") + parameter.name + "=" + *settled;
                continue;
            }
            const std::string field = each.name + "_" + parameter.name;
            LOSSMITH_CHECK(take(field));
            fields += ", " + field + (parameter.annotation.empty() ? " = " : ": " + parameter.annotation + " = ") +
                      default_of(parameter, *each.term);
            call += (call.empty() ? "" : ", ") + parameter.name + "=" + field;
        }
        std::string weight;
        if (each.term->schedule == "constant") {
            weight = each.name + "_weight";
            LOSSMITH_CHECK(take(weight));
            fields += ", " + weight + ": float = " + as_python(each.term->weight);
        } else {
            const std::string start = each.name + "_start";
            const std::string end = each.name + "_end";
            LOSSMITH_CHECK(take(start));
            LOSSMITH_CHECK(take(end));
            fields +=
                ", " + start + ": float = " + as_python(each.term->weight) + ", " + end + ": float = " + as_python(each.term->weight_end);
            weight = (each.term->schedule == "step" ? "step_at_half" : each.term->schedule) + "(" + start + ", " + end + ", progress)";
            arguments.insert("progress");
            used_schedules.insert(each.term->schedule);
        }
        parts += "        \"" + each.name + "\": " + weight + " * averaged(" + each.name + "__" + each.function.name + "(" + call +
                 "), labels),\n";
    }
    std::string heading;
    for (const LossArgument& argument : loss_arguments())
        if (arguments.contains(argument.name)) heading += (heading.empty() ? "" : ", ") + std::string(argument.name);
    std::string source = bodies + averaged_source + "\n";
    for (const std::string& schedule : used_schedules) source += schedule_source(schedule) + "\n";
    source += "def loss(" + heading + fields + "):\n    return {\n" + parts + "    }\n";
    LOSSMITH_CHECK(Program::parse(source));
    return source;
}

}  // namespace lossmith::engine
