#include "core/engine/loss/language/AllowList.h"

#include <array>

namespace lossmith::engine::language {
namespace {

constexpr AllowedGroup kGroups[] = {
    {Offered::Both, Memory::Elementwise,
     "abs absolute neg negative positive exp exp2 expm1 log log2 log10 log1p sqrt rsqrt square sin cos tan asin acos atan arcsin arccos "
     "arctan "
     "sinh cosh tanh asinh acosh atanh arctanh sigmoid logit erf erfc erfinv reciprocal sign sgn signbit floor ceil round trunc fix frac "
     "relu "
     "clamp clip clamp_min clamp_max lgamma digamma softmax log_softmax nan_to_num isnan isinf isfinite isneginf isposinf isreal isclose "
     "logical_not logical_and logical_or logical_xor bitwise_not bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift "
     "add sub subtract mul multiply div divide true_divide floor_divide remainder fmod pow float_power atan2 arctan2 maximum minimum fmax "
     "fmin "
     "eq ne lt le gt ge greater greater_equal less less_equal not_equal logaddexp logaddexp2 hypot xlogy copysign heaviside lerp addcmul "
     "addcdiv masked_fill cumsum cumprod cummax cummin logcumsumexp sort argsort msort tril triu flip fliplr flipud roll rot90 clone diff "
     "scatter scatter_add scatter_reduce index_fill index_add index_copy index_put masked_scatter deg2rad rad2deg sinc renorm dist cross "
     "cov corrcoef "
     "reshape flatten ravel unflatten median nanmedian quantile nanquantile topk kthvalue mode var std prod unique_consecutive bernoulli "
     "trapezoid "
     "softplus threshold selu celu prelu hardshrink"},
    {Offered::Both, Memory::Reduction,
     "sum mean max min amax amin argmax argmin all any std_mean var_mean logsumexp nansum nanmean count_nonzero aminmax equal "
     "allclose trace dot vdot cosine_similarity"},
    {Offered::Both, Memory::View,
     "squeeze unsqueeze transpose permute t movedim moveaxis swapaxes swapdims narrow select diagonal unbind split chunk tensor_split "
     "detach hsplit "
     "vsplit adjoint broadcast_to"},
    {Offered::Method, Memory::View, "view view_as expand expand_as unfold"},
    {Offered::Method, Memory::Elementwise, "reshape_as contiguous"},
    {Offered::Both, Memory::Matrix, "matmul mm bmm mv addmm addmv addbmm baddbmm"},
    {Offered::Both, Memory::Outer, "outer ger inner"},
    {Offered::Both, Memory::Kron, "kron"},
    {Offered::Both, Memory::Repeat, "tile"},
    {Offered::Method, Memory::Repeat, "repeat"},
    {Offered::Both, Memory::RepeatEach, "repeat_interleave"},
    {Offered::Both, Memory::Gather, "gather index_select take take_along_dim masked_select nonzero argwhere"},
    {Offered::Both, Memory::Bins, "bincount histc"},
    {Offered::Both, Memory::Draws, "multinomial"},
    {Offered::Both, Memory::Diagonal, "diag diag_embed diagflat"},
    {Offered::Function, Memory::Reduction, "numel"},
    {Offered::Function, Memory::Elementwise, "where searchsorted bucketize pairwise_distance cumulative_trapezoid"},
    {Offered::Function, Memory::Concatenate, "cat concat concatenate stack hstack vstack dstack column_stack block_diag"},
    {Offered::Function, Memory::View, "broadcast_tensors meshgrid atleast_1d atleast_2d"},
    {Offered::Function, Memory::Product, "cartesian_prod"},
    {Offered::Function, Memory::Einsum, "einsum"},
    {Offered::Function, Memory::Distances, "cdist"},
    {Offered::Function, Memory::Factory,
     "zeros ones full arange linspace logspace eye rand randn randint randperm normal tril_indices triu_indices"},
    {Offered::Function, Memory::Like, "zeros_like ones_like full_like rand_like randn_like randint_like"},
    {Offered::Method, Memory::Elementwise,
     "add_ sub_ mul_ div_ pow_ neg_ exp_ log_ sqrt_ rsqrt_ square_ abs_ reciprocal_ sigmoid_ tanh_ relu_ floor_ ceil_ round_ trunc_ sign_ "
     "clamp_ clip_ clamp_min_ clamp_max_ zero_ fill_ masked_fill_ masked_scatter_ index_fill_ index_add_ index_copy_ scatter_ scatter_add_ "
     "scatter_reduce_ copy_ tril_ triu_ uniform_ normal_ bernoulli_ random_ exponential_ fill_diagonal_ logical_not_ logical_and_ "
     "logical_or_ "
     "addcmul_ addcdiv_ lerp_ remainder_ fmod_ floor_divide_ nan_to_num_ cumsum_ bitwise_and_ bitwise_or_ bitwise_xor_ bitwise_not_ eq_ "
     "ne_ lt_ "
     "le_ gt_ ge_ log1p_ expm1_"},
    {Offered::Method, Memory::View, "squeeze_ unsqueeze_ t_ transpose_"},
    {Offered::Method, Memory::Factory, "new_zeros new_ones new_full"},
};

constexpr AllowedGroup kFunctional[] = {
    {Offered::Function, Memory::Elementwise,
     "relu gelu silu elu selu celu leaky_relu sigmoid tanh softplus logsigmoid=log_sigmoid hardtanh mish relu6 hardswish hardsigmoid glu "
     "softshrink hardshrink threshold layer_norm prelu"},
    {Offered::Function, Memory::Bins, "one_hot"},
    {Offered::Function, Memory::Reduction, "cosine_similarity pairwise_distance"},
    {Offered::Function, Memory::Matrix, "bilinear"},
};

}  // namespace

std::span<const AllowedGroup> allowed_groups() {
    return kGroups;
}
std::span<const AllowedGroup> allowed_functional() {
    return kFunctional;
}

}  // namespace lossmith::engine::language
