// Everything that decides a run, as data. Names follow transformers' TrainingArguments where it has one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/LoraSpec.h"
#include "core/config/LossSpec.h"
#include "core/config/RewardSpec.h"
#include "core/config/SamplingConfig.h"
#include "core/data/Template.h"

namespace lossmith {

struct RunConfig {
    std::string name;               ///< shown in the window; empty: "run N"
    std::string model = "starter";  ///< a Hugging Face folder, "starter" (the shipped one), or "PROJECT:RUN"
    LossSpec loss;
    std::optional<RewardSpec>
        reward;  ///< present: learns by policy gradient from what it writes itself, and `loss` is what keeps the text steady
    std::optional<TemplateSpec> template_spec;  ///< absent: the project's current template; always present in a recorded run

    double num_train_epochs = 3.0;
    std::int64_t max_steps = 0;           ///< > 0 overrides num_train_epochs
    int per_device_train_batch_size = 8;  ///< rows in a micro-batch
    int gradient_accumulation_steps = 1;  ///< micro-batches in a step
    int per_device_eval_batch_size = 8;
    double learning_rate = 5e-5;
    std::string lr_scheduler_type = "linear";  ///< linear, cosine, constant; all after warm-up
    std::int64_t warmup_steps = 0;
    double weight_decay = 0.01;  ///< on matrices only, never on biases and layer norms
    double adam_beta1 = 0.9;
    double adam_beta2 = 0.999;
    double adam_epsilon = 1e-8;
    double max_grad_norm = 1.0;     ///< 0: no clipping
    std::optional<double> dropout;  ///< overrides the checkpoint's three *_pdrop; absent: as the checkpoint says

    std::optional<LoraSpec> lora;    ///< present: low-rank changes are trained beside the weights, which all stay as they are
    int freeze_layers = 0;           ///< the first N blocks stay as they are; with lora, they get no changes
    bool freeze_embeddings = false;  ///< tokens' and positions' embeddings stay as they are, and so does a head that shares them

    bool gradient_checkpointing = false;            ///< keeps a block's input alone and computes the block again in the backward pass
    bool bf16 = false;                              ///< autocast to bfloat16, fp32 masters
    std::string float32_matmul_precision = "auto";  ///< of fp32 products: highest, high, auto (PyTorch's words; see engine/model/Product.h)
    std::uint64_t seed = 42;
    std::int64_t max_length = 0;      ///< tokens a row; 0: the model's n_positions
    bool group_by_length = true;      ///< rows of like length share a batch
    std::string padding = "longest";  ///< rows of a micro-batch are filled up to its longest, or each to "max_length"
    bool packing = false;             ///< join rows into blocks of max_length (plain text)
    int vocabulary_sample =
        0;  ///< > 0: softmax over the batch's own tokens and this many others (Bengio & Senécal 2008); for training from scratch

    std::int64_t logging_steps = 1;
    std::int64_t eval_steps = 0;      ///< validate each N steps; 0: at each epoch's end
    std::int64_t save_steps = 0;      ///< checkpoint each N steps; 0: with each validation
    int save_total_limit = 2;         ///< checkpoints kept beside the best
    int early_stopping_patience = 0;  ///< validations without improvement before it stops; 0: never
    std::int64_t sample_steps = 0;    ///< generate the fixed prompts each N steps; 0: with each validation
    int sample_prompts = 4;           ///< how many validation rows are the fixed prompts
    SamplingConfig sampling;          ///< how the samples are generated

    std::vector<std::string> devices = {"cpu"};  ///< "cpu", or "cuda:N"; of several cards each has a process of its own
    bool auto_find_batch_size = false;           ///< where memory runs out, micro-batches are halved instead: the steps stay the same
    int threads = 0;                             ///< of each process; 0: its share of the cores
    int nproc_per_node = 1;  ///< processes on this machine that compute each step together, one micro-batch after another

    bool operator==(const RunConfig&) const = default;

    /// That compute each step together on this machine: one for each of several cards, else `nproc_per_node`.
    [[nodiscard]] int processes() const;

    [[nodiscard]] std::vector<Error> validate() const;
};

void to_json(Json& json, const RunConfig& config);

/// Unknown names and wrong types are errors that name the field and the nearest known one.
[[nodiscard]] Result<RunConfig> run_config_from_json(const Json& json);

/// `--set key=value`: the key may be dotted ("sampling.temperature"); the value is JSON, or a plain string where that fails;
/// for a parameter of the loss, @PATH is the file that it is loaded from.
[[nodiscard]] Status set_field(RunConfig& config, const std::string& assignment);

}  // namespace lossmith
