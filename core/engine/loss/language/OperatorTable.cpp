// PyTorch's own operators as functions and methods, by the names of the allow-list.
#include "core/engine/loss/language/AllowList.h"
#include "core/engine/loss/language/Library.h"

namespace lossmith::engine::language {
namespace {

Value call_family(Context& context, const NativeFunction& function, Arguments arguments, Keywords keywords) {
    return dispatch(context, *function.family, arguments, keywords);
}

template <typename Take>
void each_name(std::string_view names, Take take) {
    while (!names.empty()) {
        const std::size_t space = names.find(' ');
        const std::string_view word = names.substr(0, space);
        names.remove_prefix(space == std::string_view::npos ? names.size() : space + 1);
        if (word.empty()) continue;
        const std::size_t equals = word.find('=');
        take(word.substr(0, equals), equals == std::string_view::npos ? word : word.substr(equals + 1));
    }
}

const NativeFunction* operator_function(Library& library, std::string_view prefix, std::string_view name, const OperatorFamily* found) {
    NativeFunction function;
    function.name = std::string(prefix) + "." + std::string(name);
    function.short_name = name;
    function.raw = call_family;
    function.family = found;
    return library.add_free(std::move(function));
}

}  // namespace

void add_operators(Library& library) {
    for (const auto& group : allowed_groups())
        each_name(group.names, [&](std::string_view name, std::string_view aten) {
            const OperatorFamily* found = family(aten, group.memory);
            if (found == nullptr) return;
            if (group.offered != Offered::Method)
                library.add_constant("torch", name, Value::native(operator_function(library, "torch", name, found)));
            if (group.offered != Offered::Function) library.add_operator_method(name, operator_function(library, "Tensor", name, found));
        });
    for (const auto& group : allowed_functional())
        each_name(group.names, [&](std::string_view name, std::string_view aten) {
            if (const OperatorFamily* found = family(aten, group.memory))
                library.add_constant("torch.nn.functional", name, Value::native(operator_function(library, "F", name, found)));
        });
    each_name(
        "expit=special_expit logit=special_logit xlogy=special_xlogy entr=special_entr log1p=special_log1p logsumexp=special_logsumexp "
        "erf=special_erf gammaln=special_gammaln",
        [&](std::string_view name, std::string_view aten) {
            if (const OperatorFamily* found = family(aten))
                library.add_constant("torch.special", name, Value::native(operator_function(library, "torch.special", name, found)));
        });
}

}  // namespace lossmith::engine::language
