// How large an operator's output will be, from its arguments alone, before it runs.
#include <ATen/core/Tensor.h>
#include <ATen/ops/max.h>

#include <algorithm>
#include <map>

#include "core/engine/loss/language/OperatorFamily.h"

namespace lossmith::engine::language {
namespace {

double count_of(const at::Tensor& tensor) {
    return static_cast<double>(tensor.numel());
}

double broadcast_count(const std::vector<at::Tensor>& tensors) {
    std::size_t dimensions = 0;
    for (const auto& tensor : tensors) dimensions = std::max(dimensions, static_cast<std::size_t>(tensor.dim()));
    double count = 1;
    for (std::size_t back = 1; back <= dimensions; ++back) {
        std::int64_t size = 1;
        bool empty = false;
        for (const auto& tensor : tensors) {
            if (static_cast<std::size_t>(tensor.dim()) < back) continue;
            const std::int64_t one = tensor.size(-static_cast<std::int64_t>(back));
            empty = empty || one == 0;
            size = std::max(size, one);
        }
        count *= empty ? 0.0 : static_cast<double>(size);
    }
    return count;
}

// [..., n, k] x [..., k, m]
double matrix_count(const at::Tensor& a, const at::Tensor& b) {
    if (a.dim() == 0 || b.dim() == 0) return 1;
    double count = 1;
    const std::int64_t batch = std::max(a.dim(), b.dim()) - 2;
    for (std::int64_t i = 0; i < batch; ++i) {
        const std::int64_t back = batch - i + 2;
        const std::int64_t one = a.dim() >= back ? a.size(-back) : 1;
        const std::int64_t other = b.dim() >= back ? b.size(-back) : 1;
        count *= static_cast<double>(std::max(one, other));
    }
    if (a.dim() >= 2) count *= static_cast<double>(a.size(-2));
    if (b.dim() >= 2) count *= static_cast<double>(b.size(-1));
    return count;
}

double einsum_count(std::string equation, const std::vector<at::Tensor>& tensors) {
    std::erase(equation, ' ');
    std::map<char, double> sizes;
    std::map<char, int> uses;
    double dots = 1;
    std::size_t operand = 0;
    const std::size_t arrow = equation.find("->");
    const std::string inputs = equation.substr(0, arrow);
    std::string letters;
    const auto close = [&] {
        if (operand >= tensors.size()) return;
        const at::Tensor& tensor = tensors[operand++];
        const std::size_t ellipsis = letters.find("...");
        const std::string plain = ellipsis == std::string::npos ? letters : letters.substr(0, ellipsis) + letters.substr(ellipsis + 3);
        const std::int64_t hidden = tensor.dim() - static_cast<std::int64_t>(plain.size());
        const std::size_t before = ellipsis == std::string::npos ? plain.size() : ellipsis;
        double product = 1;
        for (std::int64_t i = 0; i < hidden; ++i) product *= static_cast<double>(tensor.size(static_cast<std::int64_t>(before) + i));
        if (ellipsis != std::string::npos && hidden > 0) dots = std::max(dots, product);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const std::int64_t dimension = static_cast<std::int64_t>(i) + (i >= before ? std::max<std::int64_t>(hidden, 0) : 0);
            if (dimension < tensor.dim()) sizes[plain[i]] = std::max(sizes[plain[i]], static_cast<double>(tensor.size(dimension)));
            ++uses[plain[i]];
        }
    };
    for (const char c : inputs) {
        if (c == ',') {
            close();
            letters.clear();
        } else {
            letters += c;
        }
    }
    close();
    double count = dots;
    if (arrow != std::string::npos) {
        for (const char c : equation.substr(arrow + 2))
            if (c != '.') count *= std::max(sizes[c], 1.0);
    } else {
        for (const auto& [letter, times] : uses)
            if (times == 1) count *= sizes[letter];
    }
    return count;
}

struct Given {
    std::vector<at::Tensor> tensors;
    double element = 4;

    explicit Given(const torch::jit::Stack& stack) {
        element = 1;
        const auto add = [&](const at::Tensor& tensor) {
            if (!tensor.defined()) return;
            tensors.push_back(tensor);
            element = std::max(element, static_cast<double>(tensor.element_size()));
        };
        for (const auto& value : stack) {
            if (value.isTensor())
                add(value.toTensor());
            else if (value.isTensorList())
                for (const at::Tensor& tensor : value.toTensorVector()) add(tensor);
        }
        if (tensors.empty()) element = 8;
    }
};

const c10::IValue* named(const Overload& overload, const torch::jit::Stack& stack, std::string_view name) {
    for (std::size_t i = 0; i < overload.arguments.size(); ++i)
        if (overload.arguments[i].name == name) return &stack[i];
    return nullptr;
}

double number(const c10::IValue* value, double otherwise) {
    if (value == nullptr) return otherwise;
    if (value->isInt()) return static_cast<double>(value->toInt());
    if (value->isDouble()) return value->toDouble();
    return otherwise;
}

double product_of(const c10::IValue* value) {
    double product = 1;
    if (value != nullptr && value->isIntList())
        for (const std::int64_t size : value->toIntVector()) product *= static_cast<double>(std::max<std::int64_t>(size, 0));
    return product;
}

double largest(const at::Tensor& tensor) {
    return tensor.numel() == 0 || tensor.is_floating_point() ? 0 : static_cast<double>(at::max(tensor).item<std::int64_t>());
}

double factory_count(const OperatorFamily& family, const Overload& overload, const torch::jit::Stack& stack) {
    if (const auto* size = named(overload, stack, "size")) return product_of(size);
    if (const auto* steps = named(overload, stack, "steps")) return number(steps, 0);
    if (family.name == "arange") {
        const double start = number(named(overload, stack, "start"), 0);
        const double step = number(named(overload, stack, "step"), 1);
        return step == 0 ? 0 : std::max(0.0, (number(named(overload, stack, "end"), 0) - start) / step);
    }
    if (family.name == "eye")
        return number(named(overload, stack, "n"), 0) * number(named(overload, stack, "m"), number(named(overload, stack, "n"), 0));
    if (family.name == "tril_indices" || family.name == "triu_indices")
        return 2 * number(named(overload, stack, "row"), 0) * number(named(overload, stack, "col"), 0);
    return number(named(overload, stack, "n"), 0);
}

}  // namespace

double estimated_bytes(const OperatorFamily& family, const Overload& overload, const torch::jit::Stack& stack) {
    if (family.memory == Memory::View || family.memory == Memory::Reduction) return 0;
    const Given given(stack);
    const auto& tensors = given.tensors;
    if (family.memory == Memory::Factory) return factory_count(family, overload, stack) * 8;
    if (tensors.empty()) return 0;
    const double first = count_of(tensors.front());
    double element = given.element;
    if (const auto* dtype = named(overload, stack, "dtype"); dtype != nullptr && dtype->isInt()) element = std::max(element, 8.0);
    switch (family.memory) {
        case Memory::Like: return first * std::max(element, 4.0);
        case Memory::Matrix: {
            // addmm and its kin begin with what is added
            const std::size_t offset = family.name.starts_with("add") || family.name.starts_with("badd") ? 1 : 0;
            return tensors.size() > offset + 1 ? matrix_count(tensors[offset], tensors[offset + 1]) * element : first * element;
        }
        case Memory::Outer:
        case Memory::Kron: return tensors.size() > 1 ? first * count_of(tensors[1]) * element : first * element;
        case Memory::Product: {
            double product = 1;
            for (const auto& tensor : tensors) product *= count_of(tensor);
            return product * element * static_cast<double>(tensors.size());
        }
        case Memory::Einsum: {
            const auto* equation = named(overload, stack, "equation");
            return equation != nullptr && equation->isString() ? einsum_count(equation->toStringRef(), tensors) * element : first * element;
        }
        case Memory::TensorDot: {
            double shared = 1;
            if (const auto* dims = named(overload, stack, "dims_self"); dims != nullptr && dims->isIntList())
                for (const std::int64_t dimension : dims->toIntVector())
                    if (dimension >= -tensors.front().dim() && dimension < tensors.front().dim())
                        shared *= static_cast<double>(std::max<std::int64_t>(tensors.front().size(dimension), 1));
            return tensors.size() > 1 ? first * count_of(tensors[1]) / shared / shared * element : first * element;
        }
        case Memory::Distances:
            return tensors.size() > 1 && tensors[1].dim() >= 2 ? matrix_count(tensors[0], tensors[1].transpose(-1, -2)) * element
                                                               : first * element;
        case Memory::Repeat: {
            const auto* repeats = named(overload, stack, "repeats");
            return first * product_of(repeats != nullptr ? repeats : named(overload, stack, "dims")) * element;
        }
        case Memory::RepeatEach: {
            if (tensors.size() > 1) {
                const auto* dimension = named(overload, stack, "dim");
                const double times = static_cast<double>(tensors[1].numel() == 0 ? 0 : tensors[1].sum().item<std::int64_t>());
                const double rows = dimension != nullptr && dimension->isInt() && tensors[0].dim() > 0
                                        ? static_cast<double>(std::max<std::int64_t>(tensors[0].size(dimension->toInt()), 1))
                                        : std::max(first, 1.0);
                return tensors[1].numel() == 1 ? first * times * element : first / rows * times * element;
            }
            return first * number(named(overload, stack, "repeats"), 1) * element;
        }
        case Memory::Gather: {
            if (tensors.size() < 2) return first * element;
            const double index = count_of(tensors[1]);
            if (family.name == "index_select" || family.name == "embedding") {
                const auto* dimension = named(overload, stack, "dim");
                const std::int64_t at =
                    family.name == "index_select" && dimension != nullptr && dimension->isInt() ? dimension->toInt() : 0;
                const at::Tensor& source = family.name == "embedding" ? tensors[0] : tensors[0];
                if (source.dim() == 0 || at >= source.dim() || at < -source.dim()) return index * element;
                return index * first / static_cast<double>(std::max<std::int64_t>(source.size(at), 1)) * element;
            }
            return std::max(index, family.name == "masked_select" || family.name == "take_along_dim" ? broadcast_count(tensors) : 0.0) *
                   element;
        }
        case Memory::Concatenate: {
            double total = 0;
            for (const auto& tensor : tensors) total += count_of(tensor);
            return total * element;
        }
        case Memory::Bins:
            if (family.name == "one_hot") {
                const double classes = number(named(overload, stack, "num_classes"), -1);
                return first * (classes < 0 ? largest(tensors.front()) + 1 : classes) * 8;
            }
            if (family.name == "bincount")
                return std::max(largest(tensors.front()) + 1, number(named(overload, stack, "minlength"), 0)) * 8;
            return number(named(overload, stack, "bins"), 100) * 8;
        case Memory::Draws: {
            const double rows = tensors.front().dim() > 1 ? static_cast<double>(tensors.front().size(0)) : 1;
            return rows * number(named(overload, stack, "num_samples"), 1) * 8 + first * element;
        }
        case Memory::Diagonal: {
            const double side = tensors.front().dim() > 0
                                    ? static_cast<double>(tensors.front().size(-1)) +
                                          std::abs(number(named(overload, stack, "offset"), number(named(overload, stack, "diagonal"), 0)))
                                    : 1;
            if (family.name == "diag" && tensors.front().dim() != 1) return 0;
            return (family.name == "diagflat" ? (first + side) * (first + side) : std::max(first, 1.0) * side + side * side) * element;
        }
        default: return broadcast_count(tensors) * element;
    }
}

}  // namespace lossmith::engine::language
