#include "core/engine/loss/check/OperatorKinds.h"

#include <algorithm>
#include <array>
#include <span>

namespace lossmith::engine {
namespace {

struct NamedReason {
    std::string_view name;
    std::string_view reason;
};

constexpr std::string_view comparison =
    "A comparison answers yes or no. Nudge any logit a little and the answer stays the same, so its slope is zero everywhere: nothing "
    "before it can learn.";
constexpr std::string_view step =
    "It is a staircase: flat between the steps, so its slope is zero wherever it has one, and nothing before it can learn.";
constexpr std::string_view sampled =
    "A token drawn at random is a choice, not a smooth function of the logits: there is no slope from the chosen position back to them.";
constexpr std::string_view integer = "Whole numbers have no slope: once a value is an integer, no gradient passes.";
constexpr std::string_view number = "It takes the value out of the tensor into a plain number, and the way back to the logits is lost.";
constexpr std::string_view positions =
    "It gives positions in the tensor. Nudge any logit a little and the positions stay the same, so their slope is zero everywhere.";

constexpr NamedReason cut_reasons[] = {
    {"argmax",
     "It gives the position of the largest value. Nudge any logit a little and the position stays the same, so its slope is zero "
     "everywhere: nothing "
     "before it can learn."},
    {"argmin",
     "It gives the position of the smallest value, which stays the same when a logit is nudged a little: its slope is zero everywhere."},
    {"argsort", positions},
    {"topk", positions},
    {"sort", positions},
    {"nonzero", positions},
    {"searchsorted", positions},
    {"bucketize", positions},
    {"multinomial", sampled},
    {"bernoulli", sampled},
    {"sample", sampled},
    {"poisson", sampled},
    {"round", step},
    {"floor", step},
    {"ceil", step},
    {"trunc", step},
    {"sign", step},
    {"sgn", step},
    {"heaviside", step},
    {"fix", step},
    {"floor_divide", step},
    {"eq", comparison},
    {"ne", comparison},
    {"lt", comparison},
    {"le", comparison},
    {"gt", comparison},
    {"ge", comparison},
    {"isclose", comparison},
    {"bool", comparison},
    {"logical_and", comparison},
    {"logical_or", comparison},
    {"logical_not", comparison},
    {"logical_xor", comparison},
    {"isin", comparison},
    {"equal", comparison},
    {"allclose", comparison},
    {"any", comparison},
    {"all", comparison},
    {"item", number},
    {"float", number},
    {"tolist", number},
    {"tensor", "torch.tensor makes a new tensor of the values and forgets where they came from."},
    {"int", integer},
    {"long", integer},
    {"short", integer},
    {"byte", integer},
    {"char", integer},
    {"to", "It changes the type to one that carries no gradient."},
    {"type", "It changes the type to one that carries no gradient."},
    {"detach", "It was asked to cut: detach gives the same values without the way back to the logits."},
    {"detach_", "It was asked to cut: detach gives the same values without the way back to the logits."},
    {"data", "It was asked to cut: .data gives the same values without the way back to the logits."},
    {"one_hot", integer},
};

constexpr NamedReason kink_reasons[] = {
    {"relu", "relu has a bend at 0 and a slope on either side of it; at 0 itself PyTorch takes 0. That is fine."},
    {"relu_", "relu has a bend at 0 and a slope on either side of it. That is fine."},
    {"leaky_relu", "It has a bend at 0 and a slope on either side. That is fine."},
    {"abs", "The absolute value has a bend at 0 and a slope of 1 on either side of it. That is fine."},
    {"l1_loss", "The absolute difference has a bend at 0 and a slope of 1 on either side of it. That is fine."},
    {"smooth_l1_loss", "It joins two curves with one slope at the seam. That is fine."},
    {"clamp", "Inside the bounds the slope is 1, outside 0. That is fine as long as not everything lies outside."},
    {"clamp_", "Inside the bounds the slope is 1, outside 0. That is fine as long as not everything lies outside."},
    {"clip", "Inside the bounds the slope is 1, outside 0. That is fine as long as not everything lies outside."},
    {"clamp_min", "Above the bound the slope is 1, below it 0. That is fine as long as not everything lies below."},
    {"clamp_max", "Below the bound the slope is 1, above it 0. That is fine as long as not everything lies above."},
    {"max",
     "The largest value has a slope (all of it goes to the one that is largest), unlike its position, which has none. That is fine."},
    {"min", "The smallest value has a slope (all of it goes to the one that is smallest), unlike its position. That is fine."},
    {"amax", "The largest value has a slope, unlike its position. That is fine."},
    {"amin", "The smallest value has a slope, unlike its position. That is fine."},
    {"maximum", "The gradient goes to whichever is larger. That is fine."},
    {"minimum", "The gradient goes to whichever is smaller. That is fine."},
    {"margin_ranking_loss", "It has a bend where the margin is met and a slope before it. That is fine."},
    {"hinge_embedding_loss", "It has a bend where the margin is met and a slope before it. That is fine."},
    {"hardtanh", "Between the bounds the slope is 1, outside 0. That is fine as long as not everything lies outside."},
};

constexpr std::array shape_questions = {std::string_view("shape"),       std::string_view("size"),
                                        std::string_view("len"),         std::string_view("dim"),
                                        std::string_view("ndim"),        std::string_view("numel"),
                                        std::string_view("dtype"),       std::string_view("device"),
                                        std::string_view("stride"),      std::string_view("is_floating_point"),
                                        std::string_view("isinstance"),  std::string_view("requires_grad"),
                                        std::string_view("print"),       std::string_view("no_grad"),
                                        std::string_view("enable_grad"), std::string_view("nelement"),
                                        std::string_view("zeros_like"),  std::string_view("ones_like"),
                                        std::string_view("empty_like"),  std::string_view("full_like"),
                                        std::string_view("rand_like"),   std::string_view("randn_like"),
                                        std::string_view("new_zeros"),   std::string_view("new_ones"),
                                        std::string_view("new_full"),    std::string_view("new_tensor"),
                                        std::string_view("is"),          std::string_view("is_not")};

std::optional<std::string> reason_in(std::span<const NamedReason> reasons, std::string_view name) {
    const auto found = std::ranges::find(reasons, name, &NamedReason::name);
    if (found == reasons.end()) return std::nullopt;
    return std::string(found->reason);
}

}  // namespace

std::optional<std::string> reason_of_cut(std::string_view name) {
    return reason_in(cut_reasons, name);
}

std::optional<std::string> reason_of_kink(std::string_view name) {
    return reason_in(kink_reasons, name);
}

bool is_step(std::string_view name) {
    const auto found = std::ranges::find(cut_reasons, name, &NamedReason::name);
    return found != std::end(cut_reasons) && found->reason.data() == step.data();
}

bool only_looks_at_the_shape(std::string_view name) {
    return std::ranges::find(shape_questions, name) != shape_questions.end();
}

}  // namespace lossmith::engine
