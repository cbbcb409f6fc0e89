// Ready sets of choices for the Train form.
#include "core/config/RunFields.h"

namespace lossmith {
namespace {

Preset quick_look() {
    RunConfig config;
    config.max_steps = 50;
    config.learning_rate = 1e-4;
    config.warmup_steps = 5;
    config.eval_steps = 25;
    return {"quick look", "Fifty steps: shows within minutes whether the loss falls at all.", config};
}

Preset careful() {
    RunConfig config;
    config.num_train_epochs = 10;
    config.learning_rate = 3e-5;
    config.lr_scheduler_type = "cosine";
    config.warmup_steps = 50;
    config.early_stopping_patience = 3;
    config.save_total_limit = 3;
    return {"careful", "A small rate on a cosine, validated after each epoch, stopped when it no longer improves, the best kept.", config};
}

TemplateSpec as_in_the_forum_thread_template() {
    TemplateSpec spec;
    spec.prompt = "{problem}";
    spec.completion = " {solution}";
    spec.start_token = "<|startoftext|>";
    spec.pad_token = "<|pad|>";
    spec.added_tokens = {spec.start_token, spec.pad_token};
    spec.added_tokens_init = AddedTokensInit::Random;
    spec.label_padding = true;
    spec.labels = LabelRule::ProblemToo;
    return spec;
}

Preset as_in_the_forum_thread() {
    RunConfig config;
    config.num_train_epochs = 16;
    config.per_device_train_batch_size = 4;
    config.max_length = 400;
    config.padding = "max_length";
    config.template_spec = as_in_the_forum_thread_template();
    return {"as in the forum thread",
            "How it went wrong there: rows joined and filled up to 400 tokens, problem and padding learnt as if they were solutions, two "
            "tokens "
            "added at random, sixteen epochs. Train it, and ask the Doctor.",
            config};
}

}  // namespace

std::vector<Preset> run_presets() {
    return {quick_look(), careful(), as_in_the_forum_thread()};
}

}  // namespace lossmith
