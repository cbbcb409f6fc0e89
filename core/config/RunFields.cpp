// The tables of fields, and the ranges checked by them.
#include "core/config/RunFields.h"

#include <cmath>
#include <cstdio>

namespace lossmith {
namespace {

/// Beyond this a count is surely a slip, and products of two counts still fit 64 bits.
constexpr double many = 1e9;

FieldKnowledge number(const char* name, const char* label, const char* meaning, double minimum, double maximum) {
    FieldKnowledge field;
    field.name = name;
    field.label = label;
    field.meaning = meaning;
    field.minimum = minimum;
    field.maximum = maximum;
    return field;
}

FieldKnowledge above(const char* name, const char* label, const char* meaning, double minimum, double maximum) {
    FieldKnowledge field = number(name, label, meaning, minimum, maximum);
    field.minimum_excluded = true;
    return field;
}

FieldKnowledge below(const char* name, const char* label, const char* meaning, double minimum, double maximum) {
    FieldKnowledge field = number(name, label, meaning, minimum, maximum);
    field.maximum_excluded = true;
    return field;
}

FieldKnowledge other(const char* name, const char* label, const char* meaning, std::vector<std::string> choices = {}) {
    FieldKnowledge field;
    field.name = name;
    field.label = label;
    field.meaning = meaning;
    field.choices = std::move(choices);
    return field;
}

std::vector<FieldKnowledge> with_defaults(std::vector<FieldKnowledge> fields, const Json& defaults) {
    for (auto& field : fields)
        if (defaults.contains(field.name)) field.default_value = defaults[field.name];
    return fields;
}

std::vector<FieldKnowledge> make_run_fields() {
    return {
        other("name", "Name", "What the run is called in the window; empty gives it a number."),
        other("model", "Model", "What is trained: \"starter\", a Hugging Face folder, or PROJECT:RUN."),
        other("loss", "Loss", "What the run minimises."),
        other("reward", "Reward", "What the run is rewarded for; absent: it learns from the true solutions alone."),
        other("template", "Template", "How rows become text; absent: the project's current template."),
        number("num_train_epochs", "Epochs", "How often each training row is seen.", 0, 10'000),
        number("max_steps", "Steps at most", "Above 0 it overrides the epochs.", 0, many),
        number("per_device_train_batch_size", "Batch size", "Rows in a micro-batch.", 1, 65'536),
        number("gradient_accumulation_steps", "Accumulation", "Micro-batches in one step of the optimiser; more saves memory.", 1, 65'536),
        number("per_device_eval_batch_size", "Validation batch size", "Rows in a batch when validating.", 1, 65'536),
        above("learning_rate", "Learning rate", "How far a step moves the weights; 5e-5 suits GPT-2, 1e-3 a small model from scratch.", 0,
              1),
        other("lr_scheduler_type", "Schedule", "How the learning rate falls after the warm-up.", {"linear", "cosine", "constant"}),
        number("warmup_steps", "Warm-up steps", "Steps over which the learning rate rises from 0.", 0, many),
        number("weight_decay", "Weight decay", "How strongly matrices are pulled to zero.", 0, 1),
        below("adam_beta1", "Adam beta 1", "Memory of the gradient's mean.", 0, 1),
        below("adam_beta2", "Adam beta 2", "Memory of the gradient's square.", 0, 1),
        above("adam_epsilon", "Adam epsilon", "Keeps the division in a step from blowing up.", 0, 1),
        number("max_grad_norm", "Gradient clipping", "Gradients longer than this are shortened to it; 0: no clipping.", 0, 1e6),
        below("dropout", "Dropout", "Share of activations dropped while training; absent: as the model's checkpoint says.", 0, 1),
        other("lora", "LoRA", "Trains low-rank changes beside the weights, which stay as they are: little memory and small checkpoints."),
        number("freeze_layers", "Frozen layers", "The first layers stay as they are; with LoRA, they get no changes.", 0, 10'000),
        other("freeze_embeddings", "Freeze embeddings",
              "The embeddings of tokens and positions stay as they are, and so does an output layer that shares them."),
        other("gradient_checkpointing", "Gradient checkpointing",
              "Keeps little of each layer and computes it again in the backward pass: a third slower, with much less memory; the same "
              "result."),
        other("bf16", "bfloat16",
              "Computes in bfloat16 and keeps the weights in full precision: faster where the processor has instructions for it, left out "
              "where it has none."),
        other("float32_matmul_precision", "Full-precision products",
              "highest: of all 24 bits of a number; high: of 16, faster (on a graphics card TF32, of 11); auto: high where the processor "
              "has tiles for it, highest elsewhere.",
              {"auto", "highest", "high"}),
        number("seed", "Seed", "The same seed and settings give the same run.", 0, 18446744073709551615.0),
        number("max_length", "Tokens a row", "Longer rows are cut; 0: as many as the model can see.", 0, 1'048'576),
        other("group_by_length", "Group by length", "Puts rows of like length into one batch, so that little is padding."),
        other("padding", "Padding", "Fills rows up to the longest of their batch, or each of them to the full length, which is slower.",
              {"longest", "max_length"}),
        other("packing", "Packing", "Joins rows into blocks of full length; good for plain text."),
        number("vocabulary_sample", "Vocabulary sample",
               "Above 0 the softmax runs over the batch's own tokens and this many others; for training from scratch.", 0, 10'000'000),
        number("logging_steps", "Log each", "Steps between two points of the curve.", 1, many),
        number("eval_steps", "Validate each", "Steps between validations; 0: at the end of each epoch.", 0, many),
        number("save_steps", "Checkpoint each", "Steps between checkpoints; 0: with each validation.", 0, many),
        number("save_total_limit", "Checkpoints kept", "How many are kept beside the best.", 1, 1'000),
        number("early_stopping_patience", "Patience", "Validations without improvement before the run stops; 0: never.", 0, 10'000),
        number("sample_steps", "Samples each", "Steps between samples from the fixed prompts; 0: with each validation.", 0, many),
        number("sample_prompts", "Sample prompts", "How many validation rows are used as fixed prompts.", 0, 1'000),
        other("sampling", "Sampling", "How the samples are generated."),
        other("devices", "Devices", "Where the run computes, e.g. cpu or cuda:0."),
        other("auto_find_batch_size", "Halve when memory runs out",
              "Where a micro-batch does not fit into memory, it is halved and the step computed again: the result is the same."),
        number("threads", "Threads", "Processor threads; 0: one for each core.", 0, 4'096),
        number("nproc_per_node", "Processes",
               "As many processes compute each step together, a micro-batch each: a step has this many times more rows.", 1, 256),
    };
}

std::vector<FieldKnowledge> make_sampling_fields() {
    return {
        number("max_new_tokens", "New tokens", "Generation ends after this many tokens.", 1, 1'048'576),
        other("do_sample", "Sample", "Draws tokens by chance; off: always the most probable."),
        above("temperature", "Temperature", "Below 1 is safer, above 1 is wilder.", 0, 100),
        number("top_k", "Top k", "Draws from the k most probable tokens; 0: all.", 0, 10'000'000),
        above("top_p", "Top p", "Draws from the fewest tokens that hold this share of the probability; 1: all.", 0, 1),
        number("min_p", "Min p", "Drops tokens below this share of the top token's probability; 0: none.", 0, 1),
        above("typical_p", "Typical p", "Draws from the tokens nearest to the expected surprise that hold this share; 1: all.", 0, 1),
        above("repetition_penalty", "Repetition penalty", "Above 1 makes tokens already there less likely; 1: none.", 0, 100),
        number("no_repeat_ngram_size", "No repeated n-gram", "A sequence of this many tokens never comes twice; 0: it may.", 0, 1'000),
        number("num_beams", "Beams", "Above 1 searches with this many candidates at once.", 1, 256),
        number("length_penalty", "Length penalty", "Above 0 favours longer beams, below 0 shorter ones.", -100, 100),
        other("stop_strings", "Stop at", "Generation ends when the text holds one of these."),
        other("stop_at_end_token", "Stop at end token", "Ends when the model gives its end token."),
        number("seed", "Seed", "The same seed and settings give the same text.", 0, 18446744073709551615.0),
        other("precision", "Precision",
              "How the weights are held while text is generated: fewer bytes make it faster, bf16 and int8 move probabilities a little.",
              {"fp32", "bf16", "int8"}),
    };
}

std::vector<FieldKnowledge> make_reward_fields() {
    return {
        other("name", "Reward", "What a completion is rewarded for."),
        other("method", "Method",
              "How rewards become a gradient: reinforce compares with a running mean, self_critical with the greedy reply, rloo and grpo "
              "with the "
              "other completions of the prompt, minimum_risk weighs all of them.",
              {"grpo", "rloo", "reinforce", "self_critical", "minimum_risk"}),
        number("num_generations", "Completions a prompt", "How many the model writes for each problem and learns from.", 1, 1'024),
        number("max_completion_length", "Completion length", "A completion is cut after this many tokens.", 1, 1'048'576),
        above("temperature", "Temperature", "How freely completions are drawn; lower finds less that is new.", 0, 100),
        number("beta", "Pull to the base", "Weight of the divergence from the base model, which keeps the text readable; 0: none.", 0,
               1'000),
        above("epsilon", "Clipping", "How far one round of completions may move a token's probability.", 0, 1'000),
        number("num_iterations", "Updates a round", "How often the same completions are learnt from before new ones are drawn.", 1, 1'000),
        number("loss_weight", "Share of the loss", "Weight of the loss on the true solutions beside the reward; 0: the reward alone.", 0,
               1'000),
        above("risk_alpha", "Sharpness", "For minimum_risk: 0 weighs all completions alike, 1 by their probability.", 0, 1'000),
        number("eval_prompts", "Rewarded in validation", "How many validation problems are answered and rewarded at each validation.", 1,
               1'000'000),
    };
}

std::vector<FieldKnowledge> make_lora_fields() {
    return {
        number("r", "Rank", "Columns of each low-rank change; more can change more and costs more.", 1, 4'096),
        above("lora_alpha", "LoRA alpha", "A change is scaled by this over the rank.", 0, 1e6),
        below("lora_dropout", "LoRA dropout", "Share of a change's inputs dropped while training.", 0, 1),
        other("target_modules", "LoRA modules",
              "Which matrices of a layer get a change: c_attn, c_proj (attention's and the MLP's), c_fc."),
    };
}

std::string in_words(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

}  // namespace

const std::vector<FieldKnowledge>& run_fields() {
    static const std::vector<FieldKnowledge> fields = with_defaults(make_run_fields(), Json(RunConfig{}));
    return fields;
}

const std::vector<FieldKnowledge>& sampling_fields() {
    static const std::vector<FieldKnowledge> fields = with_defaults(make_sampling_fields(), Json(SamplingConfig{}));
    return fields;
}

const std::vector<FieldKnowledge>& reward_fields() {
    static const std::vector<FieldKnowledge> fields = with_defaults(make_reward_fields(), Json(RewardSpec{}));
    return fields;
}

const std::vector<FieldKnowledge>& lora_fields() {
    static const std::vector<FieldKnowledge> fields = with_defaults(make_lora_fields(), Json(LoraSpec{}));
    return fields;
}

const FieldKnowledge* find_field(std::string_view name) {
    const std::vector<FieldKnowledge>* fields = &run_fields();
    if (name.starts_with("sampling.")) fields = &sampling_fields();
    if (name.starts_with("reward.")) fields = &reward_fields();
    if (name.starts_with("lora.")) fields = &lora_fields();
    if (fields != &run_fields()) name.remove_prefix(name.find('.') + 1);
    for (const auto& field : *fields)
        if (field.name == name) return &field;
    return nullptr;
}

std::string range_in_words(const FieldKnowledge& field) {
    if (!field.choices.empty()) {
        std::string text;
        for (std::size_t i = 0; i < field.choices.size(); ++i)
            text += (i == 0 ? "" : i + 1 == field.choices.size() ? " or " : ", ") + field.choices[i];
        return text;
    }
    if (!field.minimum || !field.maximum) return {};
    if (!field.minimum_excluded && !field.maximum_excluded) return "from " + in_words(*field.minimum) + " to " + in_words(*field.maximum);
    return std::string(field.minimum_excluded ? "above " : "at least ") + in_words(*field.minimum) +
           (field.maximum_excluded ? " and below " : " and at most ") + in_words(*field.maximum);
}

std::vector<Error> range_errors(const Json& values, const std::vector<FieldKnowledge>& fields, const std::string& prefix) {
    std::vector<Error> errors;
    for (const auto& field : fields) {
        if (!values.contains(field.name)) continue;
        const Json& value = values[field.name];
        bool good = true;
        std::string shown;
        if (!field.choices.empty() && value.is_string()) {
            shown.append("\"").append(value.get_ref<const std::string&>()).append("\"");
            good = false;
            for (const auto& choice : field.choices) good = good || value == choice;
        } else if (field.minimum && field.maximum && value.is_number()) {
            const double number_value = value.get<double>();
            shown = in_words(number_value);
            // Written so that NaN, which compares false with everything, is outside.
            good = (field.minimum_excluded ? number_value > *field.minimum : number_value >= *field.minimum) &&
                   (field.maximum_excluded ? number_value < *field.maximum : number_value <= *field.maximum);
        }
        if (!good)
            errors.push_back(
                Error::bad_input("`" + prefix + field.name + "` is " + shown + ", but must be " + range_in_words(field) + "."));
    }
    return errors;
}

}  // namespace lossmith
