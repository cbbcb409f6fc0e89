// A function with a derivative of its own (@gradient) as one node of Torch's graph.
#include <torch/csrc/autograd/custom_function.h>

#include "core/engine/loss/language/Evaluation.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

/// What the node keeps until backward runs.
struct GradientCall : torch::CustomClassHolder {
    std::shared_ptr<Evaluation> evaluation;
    Value function;
    std::vector<Value> arguments;      // in the order of the parameters; None where a tensor stood
    std::vector<std::size_t> tensors;  // the places of the tensors
    bool several = false;              // whether the function gave a tuple

    [[nodiscard]] std::vector<Value> with(at::TensorList inputs) const {
        std::vector<Value> all = arguments;
        for (std::size_t i = 0; i < tensors.size(); ++i) all[tensors[i]] = Value(inputs[i]);
        return all;
    }
};

struct GradientNode : torch::autograd::Function<GradientNode> {
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, at::TensorList inputs, GradientCall* call) {
        context->saved_data["call"] = c10::IValue::make_capsule(c10::intrusive_ptr<GradientCall>::unsafe_reclaim_from_nonowning(call));
        context->save_for_backward(inputs.vec());
        Evaluation& evaluation = *call->evaluation;
        const Value result = evaluation.call_function(call->function, call->with(inputs), {});
        torch::autograd::variable_list outputs;
        call->several = result.is(ValueKind::Tuple);
        const std::vector<Value> parts = call->several ? result.items() : std::vector<Value>{result};
        for (const Value& part : parts) {
            if (!part.is_tensor())
                evaluation.fail("A function under @gradient must return a tensor, but it returned " + described(part) + ".",
                                "Return the tensor itself, or a tuple of tensors.");
            outputs.push_back(part.as_tensor());
        }
        return outputs;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients) {
        const auto held = context->saved_data["call"].toCapsule();
        const auto* call = static_cast<const GradientCall*>(held.get());
        Evaluation& evaluation = *call->evaluation;
        std::vector<Value> arguments;
        for (const auto& gradient : gradients) arguments.emplace_back(gradient);
        for (Value& value : call->with(context->get_saved_variables())) arguments.push_back(std::move(value));
        const Value result = evaluation.call_backward(call->function.heap<FunctionValue>().backward, arguments);
        const std::vector<Value> parts = result.is_sequence() ? result.items() : std::vector<Value>{result};
        const std::size_t wanted = call->tensors.size();
        const bool for_all = parts.size() != wanted && parts.size() == call->arguments.size();
        if (parts.size() != wanted && !for_all)
            evaluation.fail(
                "The backward function gave " + std::to_string(parts.size()) + " gradients for " + std::to_string(wanted) + " tensors.",
                "Return one gradient for each tensor argument, in their order; None where there is none.");
        torch::autograd::variable_list inputs;
        for (std::size_t i = 0; i < wanted; ++i) {
            const Value& part = parts[for_all ? call->tensors[i] : i];
            if (!part.is_tensor() && !part.is_none())
                evaluation.fail("The backward function gave " + described(part) + " for a gradient.", "Return tensors, or None.");
            inputs.push_back(part.is_tensor() ? part.as_tensor() : at::Tensor());
        }
        inputs.emplace_back();  // for the call itself, which is no tensor
        return inputs;
    }
};

}  // namespace

Value call_with_gradient(Evaluation& evaluation, const Value& function, Arguments arguments, Keywords keywords) {
    const FunctionNode& node = *function.heap<FunctionValue>().node;
    const auto call = c10::make_intrusive<GradientCall>();
    call->evaluation = evaluation.shared_from_this();
    call->function = function;
    // By position, so that backward sees them in the order of the parameters
    call->arguments.assign(arguments.begin(), arguments.end());
    for (std::size_t i = arguments.size(); i < node.parameters.size(); ++i) {
        const Value* given = nullptr;
        for (const auto& keyword : keywords)
            if (keyword.name == node.parameters[i].name) given = &keyword.value;
        if (given == nullptr) given = &function.heap<FunctionValue>().defaults[i];
        if (given->is(ValueKind::Unbound))
            evaluation.fail("`" + node.name + "` is missing the argument `" + node.parameters[i].name + "`.", "Give it in the call.");
        call->arguments.push_back(*given);
    }
    torch::autograd::variable_list inputs;
    for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        if (!call->arguments[i].is_tensor()) continue;
        call->tensors.push_back(i);
        inputs.push_back(call->arguments[i].as_tensor());
        call->arguments[i] = Value();
    }
    evaluation.keep_cells(function);
    evaluation.keep_cells(function.heap<FunctionValue>().backward);
    const auto outputs = GradientNode::apply(at::TensorList(inputs), call.get());
    std::vector<Value> results;
    for (const auto& output : outputs) {
        evaluation.track(output);
        results.emplace_back(output);
    }
    Value result = call->several ? evaluation.tuple(std::move(results)) : results.front();
    if (evaluation.observer != nullptr) {
        std::vector<Value> seen;
        for (const auto& input : inputs) seen.emplace_back(input);
        evaluation.observe(node.name, seen, result);
    }
    return result;
}

}  // namespace lossmith::engine::language
