#include "core/engine/reward/Reward.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>

#include "core/comparison/CopyIndex.h"
#include "core/comparison/Overlap.h"
#include "core/comparison/Scores.h"
#include "core/comparison/Words.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/TypedLoss.h"

namespace lossmith::engine {
namespace {

std::optional<Value> given(const std::string& name, const RewardInputs& inputs) {
    if (name == "problem") return Value(inputs.problem);
    if (name == "solution") return Value(inputs.solution);
    if (name == "generated") return Value(inputs.generated);
    if (name == "length") return Value(inputs.length);
    if (name == "ended") return Value(inputs.ended);
    if (name == "step") return Value(inputs.moment.step);
    if (name == "progress") return Value(inputs.moment.progress);
    return std::nullopt;
}

std::string names_of(const std::vector<RewardArgument>& all) {
    std::string names;
    for (const RewardArgument& each : all) names += (names.empty() ? "" : ", ") + std::string(each.name);
    return names;
}

/// What a reward names must be given, have a default or be a parameter; every parameter must be one that it names.
Status fits(const FunctionSignature& function, const Json& parameters) {
    for (const Parameter& parameter : function.parameters)
        if (!given(parameter.name, {}) && !parameter.has_default && !parameters.contains(parameter.name))
            return failure(at_place(Error::bad_input("A reward is given nothing called " + parameter.name + ".")
                                        .with_hint("It can ask for " + names_of(reward_arguments()) +
                                                   "; for a number of your own give a default: " + parameter.name + ": float = 1.0"),
                                    parameter.where));
    for (const auto& [name, value] : parameters.items())
        if (!function.has_parameter(name)) {
            return failure(Error::bad_input("The reward has no parameter \"" + name + "\".").with_hint(function.parameters_in_words()));
        }
    return {};
}

/// A host function over texts: checks their number and kind, so that the body need not.
template <typename Body>
void add_text_function(Interpreter& interpreter, const std::string& name, std::size_t texts, Body body) {
    interpreter.add_function(name, [name, texts, body](std::span<const Value> arguments) -> Result<Value> {
        bool good = arguments.size() == texts;
        for (const Value& argument : arguments) good = good && argument.is(ValueKind::String);
        if (!good)
            return failure(Error::bad_input(name + "() takes " + (texts == 1 ? "one text." : "two texts."))
                               .with_hint("For example " + name + (texts == 1 ? "(generated)." : "(generated, solution).")));
        return body(arguments);
    });
}

void add_reward_functions(Interpreter& interpreter, const TrainingTexts& training) {
    using Arguments = std::span<const Value>;
    const auto with_solution = [&](const char* name, double (*score)(std::string_view, std::string_view)) {
        add_text_function(interpreter, name, 2,
                          [score](Arguments texts) { return Value(score(texts[0].as_string(), texts[1].as_string())); });
    };
    with_solution("rouge_l", rouge_l);
    with_solution("bleu", bleu);
    with_solution("chrf", chrf);
    with_solution("exact_match", exact_match);
    with_solution("number_match",
                  [](std::string_view text, std::string_view solution) { return number_match(text, solution).value_or(0.0); });
    add_text_function(interpreter, "words", 1, [](Arguments texts) {
        std::vector<Value> words;
        for (std::string& word : score_words(texts[0].as_string())) words.emplace_back(std::move(word));
        return Value::list(std::move(words));
    });
    add_text_function(interpreter, "distinct_words", 1, [](Arguments texts) { return Value(distinct_n(texts[0].as_string(), 1)); });
    add_text_function(interpreter, "distinct_pairs", 1, [](Arguments texts) { return Value(distinct_n(texts[0].as_string(), 2)); });
    add_text_function(interpreter, "copied_words", 1, [training](Arguments texts) -> Result<Value> {
        if (!training) return Value(0);
        const CopyIndex* index = LOSSMITH_TRY(training());
        return Value(index->longest_run(texts[0].as_string()).words);
    });
}

Result<double> as_number(const Value& value, const std::string& what, const FunctionSignature& function) {
    double number = 0.0;
    if (value.is_number())
        number = value.as_float();
    else if (value.is_tensor() && value.as_tensor().numel() == 1)
        number = value.as_tensor().item<double>();
    else
        return failure(
            at_place(Error::bad_input("`" + function.name + "` returns " +
                                      (value.is_none() ? std::string("nothing") : "a " + std::string(value.type_name())) + what + ".")
                         .with_hint("Return a number, or a dictionary of named numbers."),
                     function.where));
    if (!std::isfinite(number))
        return failure(
            at_place(Error::not_finite("`" + function.name + "` returns " + (std::isnan(number) ? "NaN" : "infinity") + what + ".")
                         .with_hint("Look for a division by zero or a logarithm of zero."),
                     function.where));
    return number;
}

}  // namespace

const std::vector<RewardArgument>& reward_arguments() {
    static const std::vector<RewardArgument> all = {
        {"problem", "str", "the row's problem"},
        {"solution", "str", "the row's true solution"},
        {"generated", "str", "what the model wrote, special tokens left out"},
        {"length", "int", "how many tokens it has"},
        {"ended", "bool", "whether it ended by itself; False: it was cut"},
        {"step", "int", "the optimiser step, from 0"},
        {"progress", "float", "0 at the start of the run, towards 1 at its end"},
    };
    return all;
}

const FunctionSignature* reward_function(const std::vector<FunctionSignature>& functions) {
    const auto found = std::ranges::find(functions, "reward", &FunctionSignature::name);
    return found == functions.end() ? nullptr : &*found;
}

Reward::Reward(RewardSpec spec, Program program, FunctionSignature function, Observer* observer, const CancellationToken& cancelled)
    : m_spec(std::move(spec)),
      m_program(std::move(program)),
      m_function(std::move(function)),
      m_interpreter(Budget{}, observer, cancelled) {}

Result<std::unique_ptr<Reward>> Reward::create(const RewardSpec& spec, const Tokenizer* tokenizer, const TrainingTexts& training,
                                               Observer* observer, const CancellationToken& cancelled) {
    if (auto wrong = spec.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    std::string source = spec.source;
    if (source.empty()) {
        const CatalogueEntry entry = LOSSMITH_TRY(catalogue_entry(spec.name));
        if (entry.kind != "reward")
            return failure(
                Error::bad_input("\"" + spec.name + "\" is a loss, not a reward.").with_hint("Choose it as the run's loss instead."));
        source = entry.source;
    }
    Program program = LOSSMITH_TRY(Program::parse(source));
    const auto functions = program.functions();
    const FunctionSignature* function = reward_function(functions);
    if (function == nullptr)
        return failure(Error::bad_input("There is no function called reward.")
                           .with_hint("Write one, beginning with: def reward(problem, solution, generated):")
                           .at_line(1));
    LOSSMITH_CHECK(fits(*function, spec.parameters));
    std::unique_ptr<Reward> reward(new Reward(spec, std::move(program), *function, observer, cancelled));
    add_host_functions(reward->m_interpreter, tokenizer);
    add_reward_functions(reward->m_interpreter, training);
    return reward;
}

Result<RewardValue> Reward::of(const RewardInputs& inputs) const {
    std::vector<std::pair<std::string, Value>> arguments;
    for (const Parameter& parameter : m_function.parameters) {
        if (auto value = given(parameter.name, inputs))
            arguments.emplace_back(parameter.name, *std::move(value));
        else if (m_spec.parameters.contains(parameter.name))
            arguments.emplace_back(parameter.name, Value::from_json(m_spec.parameters.at(parameter.name)));
    }
    const Value returned = LOSSMITH_TRY(m_interpreter.call(m_program, m_function.name, arguments));
    RewardValue value;
    if (!returned.is(ValueKind::Dict)) {
        value.total = LOSSMITH_TRY(as_number(returned, "", m_function));
        return value;
    }
    for (const auto& [key, part] : returned.pairs()) {
        const std::string name = key.is(ValueKind::String) ? key.as_string() : shown(key);
        const double number = LOSSMITH_TRY(as_number(part, " for " + name, m_function));
        value.parts.emplace_back(name, number);
        value.total += number;
    }
    if (value.parts.empty())
        return failure(at_place(Error::bad_input("`" + m_function.name + "` returns an empty dictionary."), m_function.where));
    return value;
}

}  // namespace lossmith::engine
