// Which fields of a run's config stand together in the form.
#include "ui/train/FormGroups.h"

#include <QCoreApplication>
#include <QSet>
#include <QStringList>

namespace lossmith::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("FormGroups", text);
}

/// A run has LoRA's fields or it has not: a box to tick.
const FieldKnowledge& lora_switch() {
    static const FieldKnowledge field = [] {
        FieldKnowledge made = *find_field("lora");
        made.default_value = false;
        return made;
    }();
    return field;
}

}  // namespace

std::vector<FormGroup> form_groups() {
    struct Named {
        QString title;
        bool open;
        const char* keys;
    };
    const std::vector<Named> named = {
        {tr("Basic"), true, "learning_rate num_train_epochs max_steps per_device_train_batch_size max_length seed"},
        {tr("Learning by reward"), true,
         "reward.method reward.num_generations reward.max_completion_length reward.temperature reward.beta reward.loss_weight "
         "reward.num_iterations "
         "reward.epsilon reward.risk_alpha reward.eval_prompts"},
        {tr("What is trained"), false,
         "lora lora.r lora.lora_alpha lora.lora_dropout lora.target_modules freeze_layers freeze_embeddings gradient_checkpointing"},
        {tr("Schedule"), false, "lr_scheduler_type warmup_steps weight_decay max_grad_norm"},
        {tr("Batches"), false,
         "gradient_accumulation_steps auto_find_batch_size per_device_eval_batch_size bf16 float32_matmul_precision group_by_length "
         "packing"},
        {tr("Validation and checkpoints"), false, "eval_steps early_stopping_patience save_steps save_total_limit logging_steps"},
        {tr("Samples as it learns"), false,
         "sample_steps sample_prompts sampling.max_new_tokens sampling.do_sample sampling.temperature sampling.top_k sampling.top_p "
         "sampling.repetition_penalty sampling.no_repeat_ngram_size"},
    };
    QSet<QString> placed;
    for (const char* own : {"name", "model", "loss", "reward", "reward.name", "template", "sampling", "devices", "threads"})
        placed.insert(QString::fromLatin1(own));
    std::vector<FormGroup> groups;
    for (const Named& group : named) {
        FormGroup made{group.title, group.open, {}};
        for (const QString& key : QString::fromLatin1(group.keys).split(QLatin1Char(' '))) {
            const FieldKnowledge* knowledge = key == QStringLiteral("lora") ? &lora_switch() : find_field(key.toStdString());
            if (!knowledge) continue;
            made.fields.push_back({key, knowledge});
            placed.insert(key);
        }
        groups.push_back(std::move(made));
    }
    FormGroup rest{tr("Advanced"), false, {}};
    const auto place_rest = [&](const std::vector<FieldKnowledge>& fields, const QString& prefix) {
        for (const FieldKnowledge& field : fields) {
            const QString key = prefix + QString::fromStdString(field.name);
            if (!placed.contains(key)) rest.fields.push_back({key, &field});
        }
    };
    place_rest(run_fields(), {});
    place_rest(sampling_fields(), QStringLiteral("sampling."));
    place_rest(reward_fields(), QStringLiteral("reward."));
    place_rest(lora_fields(), QStringLiteral("lora."));
    groups.push_back(std::move(rest));
    return groups;
}

}  // namespace lossmith::ui
