// torch.distributions.Categorical (probabilities or logits over the last dimension) and the divergence of two.
#include <ATen/core/Tensor.h>

#include <limits>

#include "core/engine/loss/language/Library.h"
#include "core/engine/loss/language/Operators.h"

namespace lossmith::engine::language {
namespace {

using Bound = std::span<Value>;

const ObjectType* g_categorical_type = nullptr;

double smallest_of(const at::Tensor& tensor) {
    switch (tensor.scalar_type()) {
        case at::kDouble: return std::numeric_limits<double>::epsilon();
        case at::kHalf: return 0x1p-10;
        case at::kBFloat16: return 0x1p-7;
        default: return static_cast<double>(std::numeric_limits<float>::epsilon());
    }
}

Value total(Context& context, const Value& tensor) {
    return op(context, "sum", {tensor, context.tuple({Value(-1)}), Value(true)});
}

// The object holds normalised logits and probabilities; the one that was not given is made from the other.
Value categorical(Context& context, const NativeFunction&, Bound args) {
    if (args[0].is_none() == args[1].is_none())
        context.fail("Either `probs` or `logits` must be specified, but not both.", "Write Categorical(logits=logits).");
    const Value& given = args[0].is_none() ? args[1] : args[0];
    if (!given.is_tensor()) context.fail("Categorical takes a tensor, not " + described(given) + ".", "Write torch.tensor(…).");
    if (given.as_tensor().dim() < 1) context.fail("`probs` parameter must be at least one-dimensional.", "");
    auto heap = std::make_shared<ObjectValue>();
    heap->type = g_categorical_type;
    if (args[0].is_none()) {
        const Value logits =
            binary(context, Operator::Subtract, given, op(context, "logsumexp", {given, context.tuple({Value(-1)}), Value(true)}));
        heap->values = {logits, op(context, "softmax", {logits, Value(-1)})};
    } else {
        const Value probabilities = binary(context, Operator::Divide, given, total(context, given));
        const double smallest = smallest_of(probabilities.as_tensor());
        const Value clamped = op(context, "clamp", {probabilities, Value(smallest), Value(1 - smallest)});
        heap->values = {op(context, "log", {clamped}), probabilities};
    }
    return {ValueKind::Object, std::move(heap)};
}

const Value& logits_of(const Value& self) {
    return self.heap<ObjectValue>().values[0];
}
const Value& probabilities_of(const Value& self) {
    return self.heap<ObjectValue>().values[1];
}

Value log_prob(Context& context, const NativeFunction&, Bound args) {
    if (!args[1].is_tensor())
        context.fail("log_prob takes a tensor of whole numbers, not " + described(args[1]) + ".", "Write torch.tensor(…).");
    const Value index = op(context, "unsqueeze", {op(context, "to", {args[1], Value::dtype(static_cast<int>(at::kLong))}), Value(-1)});
    const Value& logits = logits_of(args[0]);
    // The index and all but the last dimension of the logits meet by broadcasting.
    std::vector<Value> shape;
    const std::int64_t dims = std::max(index.as_tensor().dim(), logits.as_tensor().dim());
    for (std::int64_t back = dims; back > 1; --back) {
        const std::int64_t a = index.as_tensor().dim() >= back ? index.as_tensor().size(-back) : 1;
        const std::int64_t b = logits.as_tensor().dim() >= back ? logits.as_tensor().size(-back) : 1;
        if (a != b && a != 1 && b != 1)
            context.fail("log_prob of " + described(args[1]) + " does not fit the distribution's " + described(logits) + ".",
                         "The value has the logits' shape without the last dimension.");
        shape.emplace_back(a == 1 ? b : a);
    }
    std::vector<Value> of_index = shape;
    of_index.emplace_back(1);
    shape.emplace_back(logits.as_tensor().size(-1));
    const Value wide_logits = op(context, "expand", {logits, context.list(std::move(shape))});
    const Value wide_index = op(context, "expand", {index, context.list(std::move(of_index))});
    return op(context, "squeeze", {op(context, "gather", {wide_logits, Value(-1), wide_index}), Value(-1)});
}

Value entropy(Context& context, const NativeFunction&, Bound args) {
    const double lowest = logits_of(args[0]).as_tensor().scalar_type() == at::kDouble
                              ? std::numeric_limits<double>::lowest()
                              : static_cast<double>(std::numeric_limits<float>::lowest());
    const bool half = logits_of(args[0]).as_tensor().element_size() < 4;
    const Value bounded = op(context, "clamp", {logits_of(args[0]), Value(half ? -60000.0 : lowest)});
    const Value products = binary(context, Operator::Multiply, bounded, probabilities_of(args[0]));
    return unary(context, Operator::Negate, op(context, "sum", {products, context.tuple({Value(-1)})}));
}

Value sample(Context& context, const NativeFunction&, Bound args) {
    const at::Tensor probabilities = probabilities_of(args[0]).as_tensor().detach();
    std::int64_t count = 1;
    std::vector<Value> shape;
    for (const Value& size : context.iterate(args[1])) {
        shape.push_back(size);
        if (__builtin_mul_overflow(count, whole(context, size, "A size"), &count)) count = std::numeric_limits<std::int64_t>::max();
    }
    const Value flat(probabilities.reshape({-1, probabilities.size(-1)}));
    context.reserve_tensor(static_cast<double>(count) * static_cast<double>(flat.as_tensor().size(0)) * 8);
    const Value drawn = op(context, "multinomial", {flat, Value(count), Value(true)});
    for (std::int64_t i = 0; i + 1 < probabilities.dim(); ++i) shape.emplace_back(probabilities.size(i));
    return op(context, "reshape", {op(context, "t", {drawn}), context.list(std::move(shape))});
}

Value categorical_attribute(Context& context, const Value& self, std::string_view name) {
    if (name == "logits") return logits_of(self);
    if (name == "probs") return probabilities_of(self);
    if (name == "mode") {
        Value mode = op(context, "argmax", {probabilities_of(self), Value(-1)});
        context.observe("argmax", {&probabilities_of(self), 1}, mode);
        return mode;
    }
    return Value::unbound();
}

Value divergence(Context& context, const NativeFunction&, Bound args) {
    for (std::size_t i = 0; i < 2; ++i)
        if (!args[i].is(ValueKind::Object) || args[i].heap<ObjectValue>().type != g_categorical_type)
            context.fail("kl_divergence takes two Categorical distributions.",
                         "Write kl_divergence(Categorical(logits=a), Categorical(logits=b)).");
    const Value difference = binary(context, Operator::Subtract, logits_of(args[0]), logits_of(args[1]));
    Value terms = binary(context, Operator::Multiply, probabilities_of(args[0]), difference);
    const Value q_zero = compare(context, Operator::Equal, probabilities_of(args[1]), Value(0));
    terms = op(context, "masked_fill", {terms, q_zero, Value(std::numeric_limits<double>::infinity())});
    const Value p_zero = op(context, "expand_as", {compare(context, Operator::Equal, probabilities_of(args[0]), Value(0)), terms});
    terms = op(context, "masked_fill", {terms, p_zero, Value(0.0)});
    return op(context, "sum", {terms, context.tuple({Value(-1)})});
}

}  // namespace

void add_distributions(Library& library) {
    library.object_types.push_back({"Categorical", {}, categorical_attribute, nullptr});
    ObjectType& type = library.object_types.back();
    library.add_object_method(type, "log_prob(self, value)", log_prob);
    library.add_object_method(type, "entropy(self)", entropy);
    library.add_object_method(type, "sample(self, sample_shape=())", sample);
    g_categorical_type = &type;
    library.add("torch.distributions", "Categorical(probs=None, logits=None, validate_args=None)", categorical);
    library.add("torch.distributions", "kl_divergence(p, q)", divergence);
}

}  // namespace lossmith::engine::language
