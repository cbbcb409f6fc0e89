#include "core/engine/model/Lora.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace lossmith::engine {

std::vector<LoraPlace> lora_places(const Gpt2Config& config) {
    const std::int64_t width = config.n_embd;
    const std::int64_t inner = config.inner_size();
    std::vector<LoraPlace> places;
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(config.n_layer); ++layer) {
        const std::string prefix = "transformer.h." + std::to_string(layer) + ".";
        places.push_back({layer, "c_attn", prefix + "attn.c_attn", width, 3 * width});
        places.push_back({layer, "c_proj", prefix + "attn.c_proj", width, width});
        places.push_back({layer, "c_fc", prefix + "mlp.c_fc", width, inner});
        places.push_back({layer, "c_proj", prefix + "mlp.c_proj", inner, width});
    }
    return places;
}

LoraAdapter new_adapter(const Gpt2Config& config, const LoraSpec& spec, std::int64_t untouched_layers, std::uint64_t seed) {
    const at::NoGradGuard no_graph;
    LoraAdapter adapter;
    adapter.spec = spec;
    const at::Generator generator = at::detail::createCPUGenerator(seed);
    for (const LoraPlace& place : lora_places(config)) {
        if (static_cast<std::int64_t>(place.layer) < untouched_layers) continue;
        if (std::find(spec.target_modules.begin(), spec.target_modules.end(), place.module) == spec.target_modules.end()) continue;
        const double bound = 1.0 / std::sqrt(static_cast<double>(place.in));
        LoraPair pair;
        pair.a = at::empty({spec.r, place.in}, at::TensorOptions(at::kFloat)).uniform_(-bound, bound, generator);
        pair.b = at::zeros({place.out, spec.r}, at::TensorOptions(at::kFloat));
        pair.scaling = spec.lora_alpha / spec.r;
        pair.dropout = spec.lora_dropout;
        adapter.pairs.emplace_back(place.name, std::move(pair));
    }
    return adapter;
}

at::Tensor merged_change(const LoraPair& pair) {
    return at::mm(pair.a.t(), pair.b.t()).mul_(pair.scaling);
}

std::vector<std::pair<std::string, at::Tensor>> named_tensors(const LoraAdapter& adapter) {
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const auto& [name, pair] : adapter.pairs) {
        tensors.emplace_back("base_model.model." + name + ".lora_A.weight", pair.a);
        tensors.emplace_back("base_model.model." + name + ".lora_B.weight", pair.b);
    }
    return tensors;
}

}  // namespace lossmith::engine
