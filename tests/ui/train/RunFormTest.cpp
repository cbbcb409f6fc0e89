#include "tests/ui/train/RunFormTest.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSet>
#include <QSignalSpy>
#include <QtTest>

#include "core/config/RunFields.h"
#include "core/protocol/EngineClient.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/train/FieldEditor.h"
#include "ui/train/FormGroups.h"
#include "ui/train/LossPicker.h"
#include "ui/train/ModelPicker.h"
#include "ui/train/RunEstimate.h"
#include "ui/train/RunForm.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/Chip.h"

namespace lossmith::ui {
namespace {

/// Every field away from its default.
RunConfig unusual_config() {
    RunConfig config;
    config.name = "a name";
    config.model = "/models/gpt2";
    config.num_train_epochs = 2.5;
    config.max_steps = 561;
    config.per_device_train_batch_size = 3;
    config.gradient_accumulation_steps = 4;
    config.per_device_eval_batch_size = 5;
    config.learning_rate = 3e-5;
    config.lr_scheduler_type = "cosine";
    config.warmup_steps = 17;
    config.weight_decay = 0.2;
    config.adam_beta1 = 0.85;
    config.adam_beta2 = 0.95;
    config.adam_epsilon = 1e-7;
    config.max_grad_norm = 0.0;
    config.dropout = 0.25;
    config.bf16 = true;
    config.seed = 18446744073709551615ULL;
    config.max_length = 400;
    config.group_by_length = false;
    config.packing = true;
    config.vocabulary_sample = 512;
    config.logging_steps = 2;
    config.eval_steps = 30;
    config.save_steps = 31;
    config.save_total_limit = 7;
    config.early_stopping_patience = 3;
    config.sample_steps = 15;
    config.sample_prompts = 6;
    config.sampling.do_sample = true;
    config.sampling.temperature = 0.7;
    config.sampling.top_k = 40;
    config.sampling.top_p = 0.9;
    config.sampling.stop_strings = {"one", "other"};
    config.devices = {"cpu"};
    config.threads = 3;
    return config;
}

void type_into(RunForm& form, const QString& key, const QString& text) {
    auto* input = qobject_cast<QLineEdit*>(form.editor(key)->input());
    QVERIFY(input);
    input->selectAll();
    QTest::keyClicks(input, text.isEmpty() ? QStringLiteral(" ") : text);
}

}  // namespace

void RunFormTest::every_field_of_the_table_has_one_place() {
    QSet<QString> keys;
    for (const FormGroup& group : form_groups()) {
        for (const FormField& field : group.fields) {
            QVERIFY2(!keys.contains(field.key), qPrintable(field.key));
            QVERIFY(field.key == QStringLiteral("lora") || find_field(field.key.toStdString()) == field.knowledge);
            keys.insert(field.key);
        }
    }
    const QSet<std::string> elsewhere = {"name", "model", "loss", "reward", "template", "sampling", "devices", "threads"};
    for (const FieldKnowledge& field : run_fields()) {
        QCOMPARE(keys.contains(QString::fromStdString(field.name)), !elsewhere.contains(field.name));
    }
    for (const FieldKnowledge& field : sampling_fields())
        QVERIFY(keys.contains(QStringLiteral("sampling.") + QString::fromStdString(field.name)));
    for (const FieldKnowledge& field : reward_fields())
        QCOMPARE(keys.contains(QStringLiteral("reward.") + QString::fromStdString(field.name)), field.name != "name");
}

void RunFormTest::a_reward_opens_its_group_and_comes_back_as_it_went_in() {
    RunForm form;
    FieldEditor* const method = form.editor(QStringLiteral("reward.method"));
    QVERIFY(!method->isVisibleTo(&form));
    QVERIFY(!form.check()->reward);
    form.reward().set_catalogue({{"rouge_l_overlap", "Overlap", "about"}, {"exact_match", "Exact match", "about"}});
    auto* choices = form.findChild<QComboBox*>(QStringLiteral("reward"));
    QCOMPARE(choices->currentText(), QStringLiteral("none"));
    choices->setCurrentIndex(choices->findText(QStringLiteral("Exact match")));
    Q_EMIT choices->activated(choices->currentIndex());
    QVERIFY(method->isVisibleTo(&form));
    QCOMPARE(form.check()->reward->name, std::string("exact_match"));
    // What is wrong stands beside its field, and only while there is a reward.
    type_into(form, QStringLiteral("reward.num_generations"), QStringLiteral("1"));
    QVERIFY(!form.check());
    QVERIFY(form.other_errors().isEmpty());
    choices->setCurrentIndex(0);
    Q_EMIT choices->activated(0);
    QVERIFY(!method->isVisibleTo(&form));
    QVERIFY(form.check() && !form.check()->reward);

    RunConfig config;
    config.reward = RewardSpec{};
    config.reward->name = "mine";
    config.reward->source = "def reward(generated):\n    return 1.0\n";
    config.reward->parameters = {{"worth", 2.0}};
    config.reward->method = "rloo";
    config.reward->beta = 0.5;
    form.set_config(config);
    QVERIFY(method->isVisibleTo(&form));
    QCOMPARE(form.check(), std::optional(config));
    // What the page Loss hands over goes to the place that its text says.
    form.use_loss({"typed", Json::object(), "def loss(logits, labels):\n    return logits.mean()\n", "aligned"});
    QCOMPARE(form.check()->loss.name, std::string("typed"));
    QCOMPARE(form.check()->reward->name, std::string("mine"));
    form.use_loss({"other", Json::object(), "def reward(generated):\n    return 0.0\n", "aligned"});
    QCOMPARE(form.check()->loss.name, std::string("typed"));
    QCOMPARE(form.check()->reward->name, std::string("other"));
    form.use_loss({"rouge_l_overlap", Json::object(), {}, "aligned"});
    QCOMPARE(form.check()->reward->name, std::string("rouge_l_overlap"));
}

void RunFormTest::lora_is_ticked_and_comes_back_as_it_went_in() {
    RunForm form;
    auto* const tick = qobject_cast<QCheckBox*>(form.editor(QStringLiteral("lora"))->input());
    FieldEditor* const rank = form.editor(QStringLiteral("lora.r"));
    QVERIFY(!rank->isEnabled());
    QVERIFY(form.check() && !form.check()->lora);
    tick->click();
    QVERIFY(rank->isEnabled());
    QCOMPARE(form.check()->lora, std::optional(LoraSpec{}));
    type_into(form, QStringLiteral("lora.r"), QStringLiteral("16"));
    type_into(form, QStringLiteral("lora.target_modules"), QStringLiteral("c_attn, c_fc"));
    QCOMPARE(form.check()->lora->r, 16);
    QCOMPARE(form.check()->lora->target_modules, (std::vector<std::string>{"c_attn", "c_fc"}));
    type_into(form, QStringLiteral("lora.target_modules"), QStringLiteral("c_attn, lm_head"));
    QVERIFY(!form.check());
    tick->click();
    QVERIFY(form.check() && !form.check()->lora);

    RunConfig config;
    config.lora = LoraSpec{4, 32.0, 0.1, {"c_proj"}};
    config.freeze_layers = 2;
    config.gradient_checkpointing = true;
    form.set_config(config);
    QVERIFY(tick->isChecked());
    QCOMPARE(form.check(), std::optional(config));
    form.change({{"per_device_train_batch_size", 2}, {"gradient_accumulation_steps", 4}});
    config.per_device_train_batch_size = 2;
    config.gradient_accumulation_steps = 4;
    QCOMPARE(form.check(), std::optional(config));
}

void RunFormTest::a_config_comes_back_as_it_went_in() {
    RunForm form;
    QCOMPARE(form.check(), std::optional(RunConfig()));
    form.set_config(unusual_config());
    QCOMPARE(form.check(), std::optional(unusual_config()));
}

void RunFormTest::each_preset_lands_in_the_form() {
    RunForm form;
    int found = 0;
    for (const Preset& preset : run_presets()) {
        for (Chip* chip : form.findChildren<Chip*>()) {
            if (chip->text() != QString::fromStdString(preset.name)) continue;
            QTest::mouseClick(chip, Qt::LeftButton);
            QVERIFY(chip->isChecked());
            QCOMPARE(form.check(), std::optional(preset.config));
            ++found;
        }
    }
    QCOMPARE(found, 3);
}

void RunFormTest::a_preset_keeps_model_name_and_devices() {
    RunForm form;
    form.set_config(unusual_config());
    form.apply_preset(run_presets().front());
    const auto config = form.check();
    QVERIFY(config);
    QCOMPARE(config->name, unusual_config().name);
    QCOMPARE(config->model, unusual_config().model);
    QCOMPARE(config->threads, 3);
    QCOMPARE(config->max_steps, run_presets().front().config.max_steps);
}

void RunFormTest::what_is_typed_is_read_as_people_write_numbers_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<double>("value");
    QTest::newRow("exponent") << "learning_rate" << "5e-4" << 5e-4;
    QTest::newRow("point") << "learning_rate" << "0.0005" << 5e-4;
    QTest::newRow("spaces") << "learning_rate" << " 1e-3 " << 1e-3;
    QTest::newRow("whole number with an exponent") << "max_steps" << "1e3" << 1000.0;
    QTest::newRow("nothing off") << "max_steps" << "0" << 0.0;
}

void RunFormTest::what_is_typed_is_read_as_people_write_numbers() {
    QFETCH(QString, key);
    QFETCH(QString, typed);
    QFETCH(double, value);
    RunForm form;
    type_into(form, key, typed);
    const auto config = form.check();
    QVERIFY2(config, qPrintable(form.editor(key)->error()));
    QCOMPARE(Json(*config).at(key.toStdString()).get<double>(), value);
}

void RunFormTest::a_wrong_value_is_told_beside_its_field_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("typed");
    QTest::newRow("no number") << "learning_rate" << "fast";
    QTest::newRow("a comma") << "learning_rate" << "0,1";
    QTest::newRow("nothing") << "learning_rate" << "";
    QTest::newRow("zero") << "learning_rate" << "0";
    QTest::newRow("infinite") << "learning_rate" << "inf";
    QTest::newRow("negative") << "per_device_train_batch_size" << "-1";
    QTest::newRow("part of a step") << "max_steps" << "2.5";
    QTest::newRow("beyond a number's reach") << "max_steps" << "99999999999999999999";
    QTest::newRow("inside sampling") << "sampling.top_p" << "2";
    QTest::newRow("half a row") << "max_length" << "1";
}

void RunFormTest::a_wrong_value_is_told_beside_its_field() {
    QFETCH(QString, key);
    QFETCH(QString, typed);
    RunForm form;
    QVERIFY(form.editor(key)->error().isEmpty());
    type_into(form, key, typed);
    QVERIFY(!form.check());
    QVERIFY(!form.editor(key)->error().isEmpty());
    QCOMPARE(form.editor(key)->input()->property("wrong").toBool(), true);
    for (const FormGroup& group : form_groups()) {
        for (const FormField& field : group.fields) {
            if (field.key != key) QVERIFY2(form.editor(field.key)->error().isEmpty(), qPrintable(field.key));
        }
    }
    form.editor(key)->set_value(find_field(key.toStdString())->default_value);
    QVERIFY(form.check());
    QVERIFY(form.editor(key)->error().isEmpty());
}

void RunFormTest::all_wrong_fields_are_told_at_once() {
    RunForm form;
    type_into(form, QStringLiteral("learning_rate"), QStringLiteral("fast"));
    type_into(form, QStringLiteral("weight_decay"), QStringLiteral("7"));
    QVERIFY(!form.editor(QStringLiteral("learning_rate"))->error().isEmpty());
    QVERIFY(!form.editor(QStringLiteral("weight_decay"))->error().isEmpty());
    form.set_devices({}, 0);
    QVERIFY(!form.check());
    QCOMPARE(form.other_errors().size(), 1);
}

void RunFormTest::an_empty_dropout_is_absent() {
    RunForm form;
    type_into(form, QStringLiteral("dropout"), QStringLiteral("0.2"));
    QCOMPARE(form.check()->dropout, std::optional(0.2));
    form.editor(QStringLiteral("dropout"))->set_value(Json());
    QCOMPARE(form.check()->dropout, std::optional<double>());
}

void RunFormTest::what_is_learnt_changes_the_template_alone() {
    RunForm form;
    TemplateSpec project;
    project.prompt = "Complaint: {problem}\nReply:";
    form.set_project_template(project);
    QVERIFY(!form.check()->template_spec);
    auto* choice = form.findChild<QComboBox*>(QStringLiteral("template"));
    QVERIFY(choice);
    choice->setFocus();
    QTest::keyClick(choice, Qt::Key_End);
    Q_EMIT choice->activated(choice->currentIndex());
    project.labels = LabelRule::ProblemToo;
    QCOMPARE(form.check()->template_spec, std::optional(project));
}

void RunFormTest::an_earlier_run_is_offered_as_a_model() {
    RunForm form;
    Run run;
    run.id = 7;
    run.name = "careful";
    run.status = RunStatus::Finished;
    Run failed = run;
    failed.id = 8;
    failed.status = RunStatus::Failed;
    form.set_models({{1, "starter", "starter"}, {2, "mine", "/models/mine"}}, {run, failed}, QStringLiteral("/here/p.lossmith"));
    auto* models = form.findChild<QComboBox*>(QStringLiteral("model"));
    QCOMPARE(models->count(), 3);
    models->setCurrentIndex(2);
    QCOMPARE(form.check()->model, std::string("/here/p.lossmith:7"));
    models->setEditText(QStringLiteral("/models/other"));
    QCOMPARE(form.check()->model, std::string("/models/other"));
}

void RunFormTest::each_field_says_its_meaning_range_and_default() {
    RunForm form;
    const QString tip = form.editor(QStringLiteral("learning_rate"))->toolTip();
    QVERIFY(tip.contains(QStringLiteral("How far a step moves the weights")));
    QVERIFY(tip.contains(QStringLiteral("Above 0 and at most 1.")));
    QVERIFY(tip.contains(QStringLiteral("By default 5e-5.")));
}

void RunFormTest::only_the_last_question_for_an_estimate_is_answered() {
    EngineClient engine(test_program("reckoning_engine"));
    EstimateAsker asker(engine);
    QSignalSpy asked(&asker, &EstimateAsker::asking);
    QSignalSpy estimated(&asker, &EstimateAsker::estimated);
    QSignalSpy failed(&asker, &EstimateAsker::failed);
    RunConfig config;
    config.max_steps = 7;
    asker.ask(QStringLiteral("p"), config);
    QTRY_COMPARE(asked.count(), 1);
    config.max_steps = 8;
    asker.ask(QStringLiteral("p"), config);
    config.max_steps = 9;
    asker.ask(QStringLiteral("p"), config);
    QTRY_COMPARE(estimated.count(), 1);
    QCOMPARE(estimated.front().front().value<RunEstimate>().steps, 9);
    QCOMPARE(asked.count(), 2);
    QCOMPARE(failed.count(), 0);
    config.max_steps = 13;
    asker.ask(QStringLiteral("p"), config);
    QTRY_COMPARE(failed.count(), 1);
}

void RunFormTest::an_estimate_with_a_field_missing_is_refused() {
    QVERIFY(!run_estimate_from_json(Json::array()));
    QVERIFY(!run_estimate_from_json({{"steps", 3}}));
    Json whole;
    for (const char* name : {"steps", "examples", "labelled_tokens", "prompt_tokens", "padding_tokens", "truncated_rows", "memory_bytes",
                             "seconds", "disk_bytes", "trainable_parameters"}) {
        whole[name] = 4;
    }
    const auto estimate = run_estimate_from_json(whole);
    QVERIFY(estimate);
    QCOMPARE(estimate->share_of(estimate->labelled_tokens), 1.0 / 3.0);
    whole["memory_bytes"] = -1;
    QVERIFY(!run_estimate_from_json(whole));
}

}  // namespace lossmith::ui

#include "moc_RunFormTest.cpp"
