#include "core/engine/training/RunMemory.h"

#include <algorithm>

#include "core/engine/devices/Processor.h"
#include "core/engine/loss/HeadPass.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t program_bytes = 220LL << 20;  // LibTorch and this program before any tensor, measured
constexpr std::int64_t onednn_bytes = 120LL << 20;   // its working room where it multiplies in bfloat16, measured
constexpr std::int64_t wide = 4;                     // bytes of a number in fp32
constexpr std::int64_t narrow = 2;                   // in bfloat16

/// Of each token in a block, for the backward pass (see BlockPass.cpp): the halves' inputs; q, k and v; what attention mixed; c_fc's
/// output; in bfloat16 all but the first at half the size, and both normalised inputs too.
std::int64_t kept_of_block(const Gpt2Config& shape, bool bf16) {
    const std::int64_t width = shape.n_embd;
    return bf16 ? wide * 2 * width + narrow * (2 * width + 4 * width + shape.inner_size()) : wide * (6 * width + shape.inner_size());
}

/// Of each token, while a block's backward pass is under way.
std::int64_t room_of_block(const Gpt2Config& shape) {
    return wide * (3 * shape.inner_size() + 6 * shape.n_embd);
}

std::int64_t matrices_of_block(const Gpt2Config& shape) {
    return shape.n_embd * (4 * shape.n_embd + 2 * shape.inner_size());
}

/// Whether products in bfloat16 take rounded copies of what they multiply: our own kernel rounds it on the way.
bool rounds_copies(const RunConfig& config) {
    return config.bf16 && !processor_multiplies_bf16();
}

/// Logits, their gradient, and what multiplies them.
std::int64_t head_bytes(const Gpt2& model, const RunConfig& config, const StepLoad& load) {
    const Gpt2Config& shape = model.config();
    const bool moves = model.head().requires_grad();
    const std::int64_t at_once = load.in_place && moves ? labels_at_once_in_place : HeadOptions{}.chunk;
    const std::int64_t places = load.separable_loss ? std::min(at_once, load.widest_micro_batch) : load.widest_micro_batch;
    const std::int64_t sets = (load.in_place ? 1 : load.separable_loss ? 2 : 4) + (load.compared ? 2 : 0);
    std::int64_t bytes = places * shape.vocab_size * (sets * wide + (rounds_copies(config) ? 2 * narrow : 0));
    const std::int64_t head = shape.vocab_size * shape.n_embd;
    if (moves) bytes += wide * head;
    if (rounds_copies(config)) bytes += narrow * head * (load.compared ? 2 : 1);
    return bytes;
}

}  // namespace

std::int64_t run_memory(const Gpt2& model, const RunConfig& config, const StepLoad& load) {
    const Gpt2Config& shape = model.config();
    std::int64_t trained = 0;
    for (const auto& [name, tensor] : model.trainable_parameters()) trained += tensor.numel();
    // The weights, and the two moments of those that move. LoRA's base is also what a loss compares with.
    std::int64_t held = wide * (shape.parameter_count() + 2 * trained);
    if (config.lora) held += wide * trained;
    if (load.compared && !config.lora) held += wide * shape.parameter_count();

    // Frozen blocks below all that moves keep nothing.
    const bool from_below = !config.lora && !config.freeze_embeddings;
    const std::int64_t blocks = shape.n_layer - (from_below ? 0 : config.freeze_layers);
    const std::int64_t whole = config.gradient_checkpointing ? 1 : blocks;
    std::int64_t kept = whole * kept_of_block(shape, config.bf16) * load.widest_micro_batch;
    if (config.gradient_checkpointing) kept += blocks * wide * shape.n_embd * load.widest_micro_batch;
    if (rounds_copies(config)) kept += whole * narrow * matrices_of_block(shape);
    const std::int64_t room = room_of_block(shape) * load.widest_micro_batch;
    // The other gradients take the place of the blocks' shares as the backward pass gives those back.
    const std::int64_t working = std::max(kept + room + head_bytes(model, config, load), wide * trained + room);
    return program_bytes + (rounds_copies(config) ? onednn_bytes : 0) + held + working;
}

}  // namespace lossmith::engine
