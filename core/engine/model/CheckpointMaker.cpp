// New models, and more rows in the vocabulary of existing ones.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <unistd.h>

#include <cmath>

#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

Status check_fits_memory(const Gpt2Config& config) {
    const auto memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    const double needed = 4.0 * static_cast<double>(config.parameter_count());
    if (needed < memory) return {};
    return failure(Error::out_of_memory("A model of this size needs " + std::to_string(std::llround(needed / 1e9)) +
                                        " GB for its weights alone, more than this machine has.")
                       .with_hint("Choose fewer layers, a smaller width or a smaller vocabulary."));
}

}  // namespace

Status grow_vocabulary(Checkpoint& checkpoint, std::int64_t new_size, const NewRows& new_rows) {
    const std::int64_t old_size = checkpoint.config.vocab_size;
    if (new_size < old_size)
        return failure(Error::bad_input("The vocabulary has " + std::to_string(old_size) + " tokens and cannot shrink to " +
                                        std::to_string(new_size) + "."));
    Gpt2Config grown = checkpoint.config;
    grown.vocab_size = new_size;
    if (auto errors = grown.validate(); !errors.empty()) return failure(std::move(errors.front()));
    return without_exceptions([&]() -> Status {
        std::map<std::string, at::Tensor> larger;
        const at::Generator generator = at::detail::createCPUGenerator(new_rows.seed);
        for (const char* name : {"transformer.wte.weight", "lm_head.weight"}) {
            const auto found = checkpoint.tensors.find(name);
            if (found == checkpoint.tensors.end()) continue;
            const at::Tensor& rows = found->second;
            // Summed in double: over 50,000 rows a float32 sum loses digits that the logits would show.
            at::Tensor added = rows.mean(0, true, at::kDouble).to(rows.scalar_type()).expand({new_size - old_size, rows.size(1)});
            if (new_rows.random) added = at::empty(added.sizes(), added.options()).normal_(0.0, grown.initializer_range, generator);
            larger.emplace(name, at::cat({rows, added}));
        }
        for (auto& [name, rows] : larger) checkpoint.tensors[name] = std::move(rows);
        checkpoint.config = std::move(grown);
        return {};
    });
}

Result<Checkpoint> new_checkpoint(const Gpt2Config& config, std::uint64_t seed) {
    if (auto errors = config.validate(); !errors.empty()) return failure(std::move(errors.front()));
    LOSSMITH_CHECK(check_fits_memory(config));
    return without_exceptions([&]() -> Result<Checkpoint> {
        Checkpoint checkpoint;
        checkpoint.config = config;
        const at::Generator generator = at::detail::createCPUGenerator(seed);
        for (const auto& [name, shape] : expected_tensors(config)) {
            at::Tensor tensor = at::empty(shape, at::TensorOptions(at::kFloat));
            const bool into_residual = name.ends_with(".c_proj.weight");
            if (name.ends_with(".bias")) {
                tensor.zero_();
            } else if (name.find(".ln_") != std::string::npos) {
                tensor.fill_(1.0);
            } else {
                const double layers = static_cast<double>(config.n_layer);
                tensor.normal_(0.0, config.initializer_range / (into_residual ? std::sqrt(2.0 * layers) : 1.0), generator);
            }
            checkpoint.tensors.emplace(name, std::move(tensor));
        }
        return checkpoint;
    });
}

}  // namespace lossmith::engine
