#include "core/engine/loss/TypedLoss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "core/data/Template.h"
#include "core/engine/loss/MadeUpBatch.h"
#include "core/engine/model/TorchErrors.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {
namespace {

/// The loss as a sentence's subject.
std::string called(const FunctionSignature& function) {
    return "`" + function.name + "`";
}

/// [n] or [n, size] as one row.
at::Tensor as_row(const at::Tensor& values, bool tokens) {
    return tokens && values.defined() ? values.unsqueeze(0) : values;
}

/// What was predicted at t is the label of t + 1.
at::Tensor unshifted(const at::Tensor& labels) {
    return at::cat({at::full({labels.size(0), 1}, ignore_index, labels.options()), labels.slice(1, 0, -1)}, 1);
}

std::optional<Value> provided(const std::string& name, const LossInputs& inputs, const std::string& labels) {
    const bool tokens = inputs.labels.dim() == 1;
    const auto tensor = [tokens](const at::Tensor& values) { return std::optional<Value>(Value(as_row(values, tokens))); };
    const at::Tensor aligned = as_row(inputs.labels, tokens);
    const at::Tensor given = labels == "unshifted" && !tokens ? unshifted(aligned) : aligned;
    // Copies of what a loss may change in place (labels[labels == -100] = 0) and others look at afterwards.
    if (name == "logits") return tensor(inputs.logits);
    if (name == "labels") return Value(given.clone());
    if (name == "label_mask") return Value(given != ignore_index);
    if (name == "input_ids") return tensor(inputs.input_ids.defined() ? inputs.input_ids.clone() : inputs.labels.clamp_min(0));
    if (name == "attention_mask")
        return tensor(inputs.attention_mask.defined() ? inputs.attention_mask.clone() : at::ones_like(inputs.labels));
    if (name == "base_logits" && inputs.base_logits.defined()) return tensor(inputs.base_logits);
    if (name == "hidden_states" && inputs.hidden_states.defined()) return tensor(inputs.hidden_states);
    if (name == "embeddings" && inputs.embeddings.defined()) return Value(inputs.embeddings.clone());
    if (name == "step") return Value(inputs.moment.step);
    if (name == "progress") return Value(inputs.moment.progress);
    return std::nullopt;
}

/// A file's tensor where the labels lie, and a copy, since a loss may change it in place.
Value copy_beside(const at::Tensor& loaded, const LossInputs& inputs) {
    return Value(loaded.to(inputs.labels.options().dtype(loaded.scalar_type()), false, true));
}

std::string known_names() {
    std::string names;
    for (const LossArgument& argument : loss_arguments()) names += (names.empty() ? "" : ", ") + std::string(argument.name);
    return names;
}

at::Tensor sum_of_part(const at::Tensor& part, LossForm form, const LossInputs& inputs, LossUnit unit) {
    const bool tokens = inputs.labels.dim() == 1;
    const at::Tensor labelled = as_row(inputs.labels, tokens) != ignore_index;
    switch (form) {
        case LossForm::PerToken: return at::where(labelled, part.view(labelled.sizes()), at::zeros({}, part.options())).sum();
        case LossForm::PerLabelled: return part.sum();
        case LossForm::PerRow: return unit == LossUnit::Row ? part.sum() : part.mean() * labelled.sum();
        case LossForm::Scalar: break;
    }
    return part.reshape({}) * labelled.sum();
}

}  // namespace

Result<LossUnit> unit_of(const std::vector<std::pair<std::string, at::Tensor>>& parts, const LossInputs& inputs) {
    bool rows = true;
    for (const auto& [name, part] : parts) rows = LOSSMITH_TRY(form_of(part, inputs)) == LossForm::PerRow && rows;
    return rows ? LossUnit::Row : LossUnit::Token;
}

Result<LossValue> add_up(const std::vector<std::pair<std::string, at::Tensor>>& parts, const LossInputs& inputs, LossUnit unit) {
    return without_exceptions([&]() -> Result<LossValue> {
        LossValue value;
        for (const auto& [name, part] : parts) {
            // One row's value looks like a scalar, so the unit decides.
            const LossForm form = unit == LossUnit::Row ? LossForm::PerRow : LOSSMITH_TRY(form_of(part, inputs));
            const at::Tensor sum = sum_of_part(part, form, inputs, unit);
            value.sum = value.sum.defined() ? value.sum + sum : sum;
            if (!name.empty()) value.parts.emplace_back(name, sum.detach());
        }
        return value;
    });
}

double units_in(const LossInputs& inputs, LossUnit unit) {
    return unit == LossUnit::Row ? static_cast<double>(inputs.labels.size(0)) : (inputs.labels != ignore_index).sum().item<double>();
}

void seed_draws(const LossInputs& inputs) {
    const std::int64_t mark = inputs.labels.sum().item<std::int64_t>() * 1'000'003 + inputs.moment.step;
    at::manual_seed(static_cast<std::uint64_t>(mark));
}

const std::vector<LossArgument>& loss_arguments() {
    static const std::vector<LossArgument> all = {
        {"logits", "[B, T, V]", "scores before softmax, each position's for the token that comes next"},
        {"labels", "[B, T]", "the token to be predicted there, -100 where nothing is"},
        {"label_mask", "[B, T]", "where there is a label"},
        {"input_ids", "[B, T]", "the tokens that the model reads at these places"},
        {"attention_mask", "[B, T]", "1 at tokens, 0 at padding"},
        {"base_logits", "[B, T, V]", "the frozen model's logits; computed only when named"},
        {"hidden_states", "[B, T, C]", "after the last layer norm"},
        {"embeddings", "[V, C]", "the token embedding, a constant"},
        {"step", "int", "the optimiser step, from 0"},
        {"progress", "float", "0 at the start of the run, towards 1 at its end"},
    };
    return all;
}

Result<FunctionSignature> loss_function(const Program& program) {
    const auto functions = program.functions();
    if (functions.empty())
        return failure(
            Error::bad_input("There is no function.").with_hint("Write one, beginning with: def loss(logits, labels):").at_line(1));
    for (const auto& function : functions)
        if (function.name == "loss") return function;
    for (auto at = functions.rbegin(); at != functions.rend(); ++at)
        if (at->has_parameter("logits")) return *at;
    if (functions.size() == 1) return functions.front();
    return failure(at_place(Error::bad_input("None of the functions is called loss and none names logits."), functions.back().where)
                       .with_hint("Call the one that is the loss: def loss(logits, labels):"));
}

Result<std::vector<std::pair<std::string, Value>>> arguments_for(const FunctionSignature& function, const LossInputs& inputs,
                                                                 const Json& parameters, const std::string& labels,
                                                                 const LoadedArguments& loaded) {
    std::vector<std::pair<std::string, Value>> arguments;
    for (const Parameter& parameter : function.parameters) {
        if (auto value = provided(parameter.name, inputs, labels)) {
            arguments.emplace_back(parameter.name, *std::move(value));
        } else if (const auto file = loaded.find(parameter.name); file != loaded.end()) {
            arguments.emplace_back(parameter.name, file->second.is_tensor() ? copy_beside(file->second.as_tensor(), inputs) : file->second);
        } else if (parameters.contains(parameter.name)) {
            arguments.emplace_back(parameter.name, Value::from_json(parameters.at(parameter.name)));
        } else if (!parameter.has_default) {
            return failure(at_place(Error::bad_input("A loss is given nothing called " + parameter.name + ".")
                                        .with_hint("It can ask for " + known_names() +
                                                   "; for a number of your own give a default: " + parameter.name + ": float = 0.1"),
                                    parameter.where));
        }
    }
    for (const auto& [name, value] : parameters.items())
        if (!function.has_parameter(name)) {
            return failure(Error::bad_input("The loss has no parameter \"" + name + "\".").with_hint(function.parameters_in_words()));
        }
    return arguments;
}

Result<std::vector<std::pair<std::string, at::Tensor>>> returned_parts(const Value& value, const FunctionSignature& function) {
    std::vector<std::pair<std::string, at::Tensor>> parts;
    const auto add = [&](const std::string& name, const Value& part) -> Status {
        if (part.is_tensor())
            parts.emplace_back(name, part.as_tensor());
        else if (part.is_number())
            parts.emplace_back(name, at::scalar_tensor(part.as_float()));
        else
            return failure(at_place(Error::bad_input(called(function) + " returns " +
                                                     (part.is_none() ? std::string("nothing") : "a " + std::string(part.type_name())) + ".")
                                        .with_hint("Return a number, a value for each token or row, or a dictionary of named parts."),
                                    function.where));
        return {};
    };
    if (!value.is(ValueKind::Dict)) {
        LOSSMITH_CHECK(add({}, value));
        return parts;
    }
    for (const auto& [key, part] : value.pairs()) LOSSMITH_CHECK(add(key.is(ValueKind::String) ? key.as_string() : shown(key), part));
    if (parts.empty()) return failure(at_place(Error::bad_input(called(function) + " returns an empty dictionary."), function.where));
    return parts;
}

Result<LossForm> form_of(const at::Tensor& part, const LossInputs& inputs) {
    const at::Tensor labels = as_row(inputs.labels, inputs.labels.dim() == 1);
    if (part.numel() == 1) return LossForm::Scalar;
    if (part.sizes() == labels.sizes()) return LossForm::PerToken;
    const std::int64_t labelled = (labels != ignore_index).sum().item<std::int64_t>();
    if (part.dim() == 1 && part.size(0) == labelled) return LossForm::PerLabelled;
    if (part.dim() == 1 && part.size(0) == labels.size(0)) return LossForm::PerRow;
    if (part.dim() == 1 && part.size(0) == labels.numel()) return LossForm::PerToken;
    std::string shape;
    for (const std::int64_t size : part.sizes()) shape += (shape.empty() ? "" : ", ") + std::to_string(size);
    return failure(Error::bad_input("The loss returns a tensor of shape [" + shape + "].")
                       .with_hint("Reduce it to one number (.mean()), or to a value for each token [B, T] or each row [B]."));
}

TypedLoss::TypedLoss(LossSpec spec, Program program, FunctionSignature function, const LossSetting& setting)
    : m_spec(std::move(spec)), m_program(std::move(program)), m_function(std::move(function)) {
    m_needs = {m_function.has_parameter("base_logits"), m_function.has_parameter("hidden_states"), m_function.has_parameter("embeddings")};
    Budget budget;
    budget.seconds = 120.0;
    m_interpreter = Interpreter(budget);
    add_host_functions(m_interpreter, setting.tokenizer);
}

Result<std::unique_ptr<Loss>> TypedLoss::create(const LossSpec& spec, const LossSetting& setting) {
    if (auto wrong = spec.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    Program program = LOSSMITH_TRY(Program::parse(spec.source));
    FunctionSignature function = LOSSMITH_TRY(loss_function(program));
    std::unique_ptr<TypedLoss> loss(new TypedLoss(spec, std::move(program), std::move(function), setting));
    loss->m_loaded = LOSSMITH_TRY(load_arguments(loss->m_function, spec.parameters, setting.tokenizer));
    LOSSMITH_CHECK(loss->find_out(setting));
    return loss;
}

Result<LossValue> TypedLoss::evaluate(const LossInputs& inputs) const {
    const auto arguments = LOSSMITH_TRY(arguments_for(m_function, inputs, m_spec.parameters, m_spec.labels, m_loaded));
    seed_draws(inputs);
    const Value returned = LOSSMITH_TRY(m_interpreter.call(m_program, m_function.name, arguments));
    const auto parts = LOSSMITH_TRY(returned_parts(returned, m_function));
    return add_up(parts, inputs, m_unit);
}

Status TypedLoss::find_out(const LossSetting& setting) {
    const LossInputs rows = made_up_rows(setting, m_needs);
    const auto arguments = LOSSMITH_TRY(arguments_for(m_function, rows, m_spec.parameters, m_spec.labels, m_loaded));
    const Value returned = LOSSMITH_TRY(m_interpreter.call(m_program, m_function.name, arguments));
    const auto parts = LOSSMITH_TRY(returned_parts(returned, m_function));
    m_unit = LOSSMITH_TRY(unit_of(parts, rows));
    m_separable = m_unit == LossUnit::Token && m_spec.labels == "aligned" && !m_needs.hidden_states && gives_the_same_by_token(*this, rows);
    return {};
}

void add_host_functions(Interpreter& interpreter, const Tokenizer* tokenizer) {
    interpreter.add_function("tokens", [tokenizer](std::span<const Value> arguments) -> Result<Value> {
        if (arguments.size() != 1 || !arguments[0].is(ValueKind::String))
            return failure(Error::bad_input("tokens() takes one text.").with_hint("For example tokens(\" refund\")."));
        if (tokenizer == nullptr) return failure(Error::bad_input("tokens() needs a model's tokenizer, and there is none here."));
        std::vector<Value> ids;
        for (const TokenId id : tokenizer->encode(arguments[0].as_string(), SpecialTokens::AsTokens))
            ids.emplace_back(static_cast<std::int64_t>(id));
        return Value::list(std::move(ids));
    });
}

}  // namespace lossmith::engine
