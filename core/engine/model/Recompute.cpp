#include "core/engine/model/Recompute.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lossmith::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Part : torch::CustomClassHolder {
    std::function<at::Tensor(const at::Tensor&)> compute;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
    /// `anchor` requires a gradient, so that there is a backward pass even where x, below all that moves, requires none.
    static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& /*anchor*/, const Part& part) {
        context->save_for_backward({x});
        context->saved_data["part"] = c10::IValue::make_capsule(c10::make_intrusive<Part>(part));
        return part.compute(x);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const at::Tensor saved = context->get_saved_variables()[0];
        const auto part = c10::static_intrusive_pointer_cast<Part>(context->saved_data["part"].toCapsule());
        const at::AutoGradMode with_graph(true);
        const at::Tensor x = saved.detach().requires_grad_(saved.requires_grad());
        part->compute(x).backward(gradients[0]);
        return {saved.requires_grad() ? x.grad() : at::Tensor(), {}, {}};
    }
};

}  // namespace

at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> part) {
    if (!at::GradMode::is_enabled()) return part(x);
    Part kept;
    kept.compute = std::move(part);
    return Recomputed::apply(x, at::zeros({1}, x.options()).requires_grad_(), kept);
}

}  // namespace lossmith::engine
