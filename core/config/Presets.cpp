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

Preset as_in_the_forum_thread() {
    RunConfig config;
    config.num_train_epochs = 16;
    config.per_device_train_batch_size = 4;
    config.max_length = 400;
    config.template_spec = TemplateSpec{};
    config.template_spec->labels = LabelRule::ProblemToo;
    return {"as in the forum thread", "Sixteen epochs at batch 4 and 400 tokens a row, learning the problem's text too.", config};
}

}  // namespace

std::vector<Preset> run_presets() {
    return {quick_look(), careful(), as_in_the_forum_thread()};
}

}  // namespace lossmith
