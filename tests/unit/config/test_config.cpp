// A run's config as JSON: what it round-trips, what it refuses, and what it says about it.
#include <QtTest/QtTest>
#include <limits>

#include "core/config/ConfigDifference.h"
#include "core/config/RunConfig.h"
#include "core/config/RunFields.h"
#include "core/config/SlurmScript.h"

using namespace lossmith;

namespace {

bool mentions(const std::vector<Error>& errors, const std::string& text) {
    for (const auto& error : errors)
        if (error.message.find(text) != std::string::npos) return true;
    return false;
}

/// A valid config in which every field differs from its default.
RunConfig all_different() {
    RunConfig config;
    config.name = "run \xC3\xA9";
    config.model = "some/folder";
    config.loss.name = "label_smoothing";
    config.loss.parameters = {{"amount", 0.1}};
    config.reward = RewardSpec{};
    config.reward->name = "typed";
    config.reward->parameters = {{"worth", 0.5}};
    config.reward->source = "def reward(generated, worth: float = 1.0):\n    return worth\n";
    config.reward->method = "rloo";
    config.reward->num_generations = 4;
    config.reward->max_completion_length = 32;
    config.reward->temperature = 0.9;
    config.reward->beta = 0.1;
    config.reward->epsilon = 0.3;
    config.reward->num_iterations = 2;
    config.reward->loss_weight = 0.5;
    config.reward->risk_alpha = 0.2;
    config.reward->eval_prompts = 16;
    config.template_spec = TemplateSpec{};
    config.template_spec->prompt = "Q: {problem}{{}}";
    config.template_spec->completion = "A: {solution}";
    config.template_spec->start_token = "<|start|>";
    config.template_spec->end_token = "<|end|>";
    config.template_spec->added_tokens = {"<|start|>", "<|end|>"};
    config.template_spec->added_tokens_init = AddedTokensInit::Random;
    config.template_spec->pad_token = "<|pad|>";
    config.template_spec->label_padding = true;
    config.template_spec->labels = LabelRule::ProblemToo;
    config.template_spec->truncation_side = TruncationSide::Left;
    config.template_spec->special_tokens_in_text = true;
    config.num_train_epochs = 2.5;
    config.max_steps = 7;
    config.per_device_train_batch_size = 3;
    config.gradient_accumulation_steps = 2;
    config.per_device_eval_batch_size = 5;
    config.learning_rate = 1e-3;
    config.lr_scheduler_type = "cosine";
    config.warmup_steps = 4;
    config.weight_decay = 0.1;
    config.adam_beta1 = 0.8;
    config.adam_beta2 = 0.99;
    config.adam_epsilon = 1e-6;
    config.max_grad_norm = 0;
    config.dropout = 0.2;
    config.lora = LoraSpec{4, 16.0, 0.1, {"c_fc", "c_proj"}};
    config.freeze_layers = 1;
    config.freeze_embeddings = true;
    config.gradient_checkpointing = true;
    config.bf16 = true;
    config.float32_matmul_precision = "highest";
    config.seed = std::numeric_limits<std::uint64_t>::max();
    config.max_length = 128;
    config.group_by_length = false;
    config.padding = "max_length";
    config.packing = true;
    config.vocabulary_sample = 1000;
    config.logging_steps = 10;
    config.eval_steps = 20;
    config.save_steps = 30;
    config.save_total_limit = 4;
    config.early_stopping_patience = 5;
    config.sample_steps = 40;
    config.sample_prompts = 2;
    config.sampling.max_new_tokens = 9;
    config.sampling.do_sample = true;
    config.sampling.temperature = 0.7;
    config.sampling.top_k = 40;
    config.sampling.top_p = 0.9;
    config.sampling.min_p = 0.05;
    config.sampling.typical_p = 0.95;
    config.sampling.repetition_penalty = 1.1;
    config.sampling.no_repeat_ngram_size = 3;
    config.sampling.length_penalty = 0.5;
    config.sampling.stop_strings = {"\n\n", "END"};
    config.sampling.stop_at_end_token = false;
    config.sampling.seed = 7;
    config.sampling.precision = "int8";
    config.devices = {"cpu", "cuda:0"};
    config.auto_find_batch_size = true;
    config.threads = 2;
    config.nproc_per_node = 3;
    return config;
}

}  // namespace

class TestConfig : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void the_defaults_are_valid() {
        QVERIFY(RunConfig{}.validate().empty());
        QVERIFY(SamplingConfig{}.validate().empty());
    }

    void every_field_comes_back_from_its_json() {
        const RunConfig config = all_different();
        // A reward goes with neither packing, a sample of the vocabulary, halved micro-batches nor several processes, packing not with
        // padding, several processes not with a card, nor that with the processor; all else goes together.
        RunConfig without = config;
        without.reward.reset();
        without.packing = false;
        without.devices = {"cpu"};
        QVERIFY(without.validate().empty());
        QCOMPARE(config.validate().size(), std::size_t{7});
        const auto text = Json(config).dump();
        const auto again = run_config_from_json(*parse_json(text));
        QVERIFY(again.has_value());
        QVERIFY(*again == config);
    }

    void the_test_config_differs_from_the_default_in_every_field() {
        const Json different = all_different();
        const Json plain = RunConfig{};
        for (const auto& item : plain.items()) QVERIFY2(different[item.key()] != item.value(), item.key().c_str());
        const Json plain_reward = RewardSpec{};
        for (const auto& item : plain_reward.items()) QVERIFY2(different["reward"][item.key()] != item.value(), item.key().c_str());
        const Json plain_lora = LoraSpec{};
        for (const auto& item : plain_lora.items()) QVERIFY2(different["lora"][item.key()] != item.value(), item.key().c_str());
    }

    void absent_fields_keep_their_defaults() {
        const auto config = run_config_from_json(Json{{"learning_rate", 1e-3}, {"sampling", {{"top_k", 5}}}});
        QVERIFY(config.has_value());
        QCOMPARE(config->learning_rate, 1e-3);
        QCOMPARE(config->sampling.top_k, 5);
        QCOMPARE(config->sampling.max_new_tokens, 60);
        QVERIFY(!config->template_spec);
        QVERIFY(!config->dropout);
    }

    void an_unknown_name_is_answered_with_the_nearest() {
        const auto wrong = run_config_from_json(Json{{"learning_rat", 1e-3}});
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().message, std::string("There is no field `learning_rat`."));
        QCOMPARE(wrong.error().hint, std::string("Did you mean `learning_rate`?"));
        const auto nested = run_config_from_json(Json{{"sampling", {{"temprature", 1}}}});
        QVERIFY(!nested);
        QCOMPARE(nested.error().hint, std::string("Did you mean `sampling.temperature`?"));
        const auto in_template = run_config_from_json(Json{{"template", {{"promt", ""}}}});
        QVERIFY(!in_template);
        QCOMPARE(in_template.error().hint, std::string("Did you mean `template.prompt`?"));
    }

    void a_wrong_type_names_the_field() {
        QCOMPARE(run_config_from_json(Json{{"max_steps", "ten"}}).error().message,
                 std::string("`max_steps` must be a whole number, but it is text."));
        QVERIFY(!run_config_from_json(Json{{"max_steps", 1.5}}));
        QVERIFY(!run_config_from_json(Json{{"threads", 1e30}}));
        QVERIFY(!run_config_from_json(Json{{"threads", 4294967296}}));
        QVERIFY(!run_config_from_json(Json{{"seed", -1}}));
        QVERIFY(!run_config_from_json(Json{{"seed", -1.0}}));
        QVERIFY(!run_config_from_json(Json{{"bf16", 1}}));
        QVERIFY(!run_config_from_json(Json{{"devices", "cpu"}}));
        QVERIFY(!run_config_from_json(Json{{"devices", {1}}}));
        QVERIFY(!run_config_from_json(Json::array()));
        QVERIFY(!run_config_from_json(Json{{"sampling", 3}}));
        QVERIFY(!run_config_from_json(Json{{"template", {{"labels", "everything"}}}}));
        QVERIFY(!run_config_from_json(Json{{"template", {{"labels", 1}}}}));
    }

    void a_whole_number_may_be_written_with_a_point() {
        QCOMPARE(run_config_from_json(Json{{"max_steps", 100.0}})->max_steps, std::int64_t{100});
    }

    void a_typed_loss_is_read_back_as_it_was() {
        const LossSpec spec{
            "mine", {{"weight", 0.1}, {"hard", true}, {"mode", "mean"}}, "def loss(logits, labels):\n    return 0\n", "unshifted"};
        const auto read = loss_spec_from_json(Json(spec));
        QVERIFY(read.has_value());
        QVERIFY(*read == spec);
        QVERIFY(spec.validate().empty());
    }

    void what_is_wrong_with_a_typed_loss_is_said() {
        QVERIFY(!loss_spec_from_json(Json{{"labels", "shifted"}}));
        QVERIFY(!loss_spec_from_json(Json{{"labels", 1}}));
        QVERIFY(!loss_spec_from_json(Json{{"source", Json::array()}}));
        LossSpec spec{"", {{"weight", Json::array({1})}}, "  \n", "backwards"};
        QCOMPARE(spec.validate().size(), std::size_t{4});
        spec.source.assign(longest_loss_source + 1, 'x');
        QCOMPARE(spec.validate().size(), std::size_t{4});
        RunConfig config;
        config.loss.labels = "backwards";
        QCOMPARE(config.validate().size(), std::size_t{1});
        QVERIFY(config.validate().front().message.find("In `loss`: `labels` is \"backwards\"") != std::string::npos);
    }

    void a_reward_may_be_just_its_name_and_is_begun_by_its_first_field() {
        const auto named = run_config_from_json({{"reward", "rouge_l_overlap"}});
        QVERIFY(named.has_value());
        QCOMPARE(named->reward->name, std::string("rouge_l_overlap"));
        QCOMPARE(named->reward->method, std::string("grpo"));
        RunConfig config;
        QVERIFY(!config.reward);
        QVERIFY(set_field(config, "reward.method=reinforce").has_value());
        QCOMPARE(config.reward->method, std::string("reinforce"));
        QCOMPARE(config.reward->num_generations, 8);
        QVERIFY(set_field(config, "reward.parameters.worth=2").has_value());
        QCOMPARE(config.reward->parameters, (Json{{"worth", 2}}));
    }

    void what_is_wrong_with_a_reward_is_said() {
        RunConfig config;
        config.reward = RewardSpec{};
        QVERIFY(config.validate().empty());
        const auto sentence = [&](auto change) {
            RunConfig wrong = config;
            change(wrong);
            const auto errors = wrong.validate();
            return errors.size() == 1 ? errors.front().message : "errors: " + std::to_string(errors.size());
        };
        QCOMPARE(sentence([](RunConfig& c) { c.reward->num_generations = 1; }),
                 std::string("In `reward`: `num_generations` is 1, but grpo compares the completions of a prompt with one another and "
                             "needs at least 2."));
        QCOMPARE(sentence([](RunConfig& c) { c.reward->num_generations = 1, c.reward->method = "reinforce"; }), std::string("errors: 0"));
        QCOMPARE(sentence([](RunConfig& c) { c.reward->method = "ppo"; }),
                 std::string("In `reward`: `method` is \"ppo\", but must be grpo, rloo, reinforce, self_critical or minimum_risk."));
        QCOMPARE(sentence([](RunConfig& c) { c.packing = true; }),
                 std::string("`packing` joins rows, but a reward needs each row's own prompt; turn one of them off."));
        QCOMPARE(sentence([](RunConfig& c) { c.reward->name.clear(); }),
                 std::string("In `reward`: `name` is empty; name a reward, e.g. \"exact_match\"."));
        QCOMPARE(sentence([](RunConfig& c) { c.reward->parameters = {{"a", Json::array()}}; }),
                 std::string("In `reward`: `parameters.a` must be a number, true, false or text."));
    }

    void a_reward_is_told_from_a_loss_by_its_text() {
        QVERIFY(is_reward_text("def reward(generated):\n    return 1.0\n"));
        QVERIFY(is_reward_text("def helper(x):\n    return x\n\ndef reward (generated):\n    return helper(1.0)"));
        QVERIFY(!is_reward_text("def rewards(generated):\n    return 1.0"));
        QVERIFY(!is_reward_text("def loss(logits, labels):\n    return reward(logits)\n"));
        QVERIFY(!is_reward_text("def reward(x):\n    return x\n\ndef loss(logits):\n    return reward(logits)"));
        QVERIFY(!is_reward_text("    def reward(x):"));
        QVERIFY(!is_reward_text("def reward"));
        QVERIFY(!is_reward_text(""));
    }

    void a_loss_may_be_just_its_name() {
        QCOMPARE(run_config_from_json(Json{{"loss", "focal"}})->loss.name, std::string("focal"));
        QCOMPARE(loss_spec_from_json(Json("focal"))->name, std::string("focal"));
        QVERIFY(!loss_spec_from_json(Json{{"name", "focal"}, {"parameters", 3}}));
        QVERIFY(!loss_spec_from_json(Json{{"nam", "focal"}}));
        QVERIFY(!loss_spec_from_json(Json(3)));
    }

    void validation_tells_everything_at_once_with_names_and_ranges() {
        RunConfig config;
        config.learning_rate = 0;
        config.adam_beta1 = 1;
        config.per_device_train_batch_size = 0;
        config.lr_scheduler_type = "step";
        config.sampling.temperature = std::numeric_limits<double>::quiet_NaN();
        config.sampling.top_p = 1.5;
        config.devices = {"cpu", "cpu"};
        config.dropout = 1.0;
        config.template_spec = TemplateSpec{};
        config.template_spec->prompt = "no place";
        const auto errors = config.validate();
        QVERIFY(mentions(errors, "`learning_rate` is 0, but must be above 0 and at most 1."));
        QVERIFY(mentions(errors, "`adam_beta1` is 1, but must be at least 0 and below 1."));
        QVERIFY(mentions(errors, "`per_device_train_batch_size` is 0, but must be from 1 to 65536."));
        QVERIFY(mentions(errors, "`lr_scheduler_type` is \"step\", but must be linear, cosine or constant."));
        QVERIFY(mentions(errors, "In `sampling`: `temperature`"));
        QVERIFY(mentions(errors, "In `sampling`: `top_p` is 1.5"));
        QVERIFY(mentions(errors, "`devices` names \"cpu\" twice."));
        QVERIFY(mentions(errors, "`dropout` is 1"));
        QVERIFY(mentions(errors, "In `template`: `prompt` must have {problem} exactly once"));
        QCOMPARE(errors.size(), std::size_t{9});
    }

    void each_of_several_cards_has_a_process() {
        RunConfig config;
        QCOMPARE(config.processes(), 1);
        config.nproc_per_node = 3;
        QCOMPARE(config.processes(), 3);
        QVERIFY(config.validate().empty());
        config.nproc_per_node = 1;
        config.devices = {"cuda:1", "cuda:3"};
        QCOMPARE(config.processes(), 2);
        QVERIFY(config.validate().empty());
        config.nproc_per_node = 2;
        QVERIFY(mentions(config.validate(), "each graphics card has one process"));
        config.nproc_per_node = 1;
        config.reward = RewardSpec{};
        QVERIFY(mentions(config.validate(), "A run by reward computes in one process"));
        config.reward.reset();
        config.devices = {"cpu", "cuda:0"};
        QVERIFY(mentions(config.validate(), "`devices` names the processor and a graphics card"));
    }

    void a_batch_script_asks_for_a_card_for_each_process() {
        RunConfig config;
        SlurmJob job;
        job.project = "it's a project";
        job.nodes = 3;
        job.ntasks_per_node = 2;
        const std::string on_processors = slurm_script(config, job).value();
        QVERIFY(on_processors.find("--gpus") == std::string::npos);
        config.devices = {"cuda:0", "cuda:1"};
        const std::string on_cards = slurm_script(config, job).value();
        QVERIFY(on_cards.find("#SBATCH --nodes=3\n#SBATCH --ntasks-per-node=2\n#SBATCH --gpus-per-node=2\n") != std::string::npos);
        QVERIFY(on_cards.find("\"devices\":[\"cuda:0\",\"cuda:1\"]") != std::string::npos);
        job.ntasks_per_node = 1;
        const auto refused = slurm_script(config, job);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("names 2 graphics cards, and a node has 1 tasks") != std::string::npos);
    }

    void settings_that_train_nothing_are_refused() {
        RunConfig config;
        config.num_train_epochs = 0;
        QVERIFY(mentions(config.validate(), "nothing would be trained"));
        config.max_steps = 1;
        QVERIFY(config.validate().empty());
        config.max_length = 1;
        QVERIFY(mentions(config.validate(), "`max_length` is 1"));
        config.max_length = 0;
        config.devices.clear();
        QVERIFY(mentions(config.validate(), "`devices` is empty"));
    }

    void beams_and_chance_exclude_each_other() {
        SamplingConfig sampling;
        sampling.do_sample = true;
        sampling.num_beams = 2;
        QVERIFY(mentions(sampling.validate(), "exclude each other"));
        sampling.do_sample = false;
        QVERIFY(sampling.validate().empty());
        sampling.stop_strings = {""};
        QVERIFY(mentions(sampling.validate(), "stop_strings[0]"));
    }

    void set_field_reads_json_or_plain_text() {
        RunConfig config;
        QVERIFY(set_field(config, "learning_rate=1e-3"));
        QVERIFY(set_field(config, "sampling.temperature=0.5"));
        QVERIFY(set_field(config, "name=42"));
        QVERIFY(set_field(config, "model=a=b"));
        QVERIFY(set_field(config, "bf16=true"));
        QVERIFY(set_field(config, "devices=cpu,cuda:0"));
        QVERIFY(set_field(config, "sampling.stop_strings=a,b"));
        QVERIFY(set_field(config, "template.prompt=Ask: {problem}"));
        QVERIFY(set_field(config, "template.labels=problem_too"));
        QVERIFY(set_field(config, "dropout=0.3"));
        QVERIFY(set_field(config, "loss=focal"));
        QVERIFY(set_field(config, "loss.parameters.gamma=2"));
        QCOMPARE(config.learning_rate, 1e-3);
        QCOMPARE(config.sampling.temperature, 0.5);
        QCOMPARE(config.name, std::string("42"));
        QCOMPARE(config.model, std::string("a=b"));
        QVERIFY(config.bf16);
        QVERIFY((config.devices == std::vector<std::string>{"cpu", "cuda:0"}));
        QVERIFY((config.sampling.stop_strings == std::vector<std::string>{"a,b"}));
        QCOMPARE(config.template_spec->prompt, std::string("Ask: {problem}"));
        QVERIFY(config.template_spec->labels == LabelRule::ProblemToo);
        QCOMPARE(*config.dropout, 0.3);
        QCOMPARE(config.loss.name, std::string("focal"));
        QCOMPARE(config.loss.parameters["gamma"].get<int>(), 2);
        QVERIFY(set_field(config, "name=\"quoted\""));
        QCOMPARE(config.name, std::string("quoted"));
        QVERIFY(set_field(config, "dropout=null"));
        QVERIFY(!config.dropout);
        QVERIFY(set_field(config, "name="));
        QCOMPARE(config.name, std::string());
    }

    void set_field_leaves_the_config_alone_when_it_fails() {
        RunConfig config;
        QVERIFY(!set_field(config, "learning_rate"));
        QVERIFY(!set_field(config, "=3"));
        QVERIFY(!set_field(config, "learning_rate=fast"));
        QVERIFY(!set_field(config, "learning_rate.x=3"));
        QVERIFY(!set_field(config, "sampling.x.y=3"));
        QVERIFY(!set_field(config, "..=3"));
        const auto wrong = set_field(config, "sampling.topk=3");
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().hint, std::string("Did you mean `sampling.top_k`?"));
        QVERIFY(config == RunConfig{});
    }

    void every_field_is_known_with_its_meaning_and_default() {
        const Json config = all_different();
        const Json defaults = RunConfig{};
        QCOMPARE(run_fields().size(), config.size());
        for (const auto& field : run_fields()) {
            QVERIFY2(config.contains(field.name), field.name.c_str());
            QVERIFY(!field.label.empty() && !field.meaning.empty());
            QVERIFY(field.default_value == (defaults.contains(field.name) ? defaults[field.name] : Json()));
            if (config[field.name].is_number()) QVERIFY2(field.minimum && field.maximum, field.name.c_str());
        }
        QCOMPARE(sampling_fields().size(), config["sampling"].size());
        for (const auto& field : sampling_fields()) {
            QVERIFY2(config["sampling"].contains(field.name), field.name.c_str());
            if (config["sampling"][field.name].is_number()) QVERIFY2(field.minimum && field.maximum, field.name.c_str());
        }
        QCOMPARE(lora_fields().size(), config["lora"].size());
        for (const auto& field : lora_fields()) {
            QVERIFY2(config["lora"].contains(field.name), field.name.c_str());
            if (config["lora"][field.name].is_number()) QVERIFY2(field.minimum && field.maximum, field.name.c_str());
        }
        // Name, parameters and text of a reward are not numbers of a form.
        QCOMPARE(reward_fields().size() + 2, config["reward"].size());
        for (const auto& field : reward_fields()) {
            QVERIFY2(config["reward"].contains(field.name), field.name.c_str());
            if (config["reward"][field.name].is_number()) QVERIFY2(field.minimum && field.maximum, field.name.c_str());
        }
        QCOMPARE(find_field("reward.beta")->label, std::string("Pull to the base"));
        QCOMPARE(find_field("sampling.top_p")->label, std::string("Top p"));
        QCOMPARE(find_field("learning_rate")->default_value.get<double>(), 5e-5);
        QVERIFY(!find_field("nonsense"));
    }

    void the_presets_are_valid_and_differ() {
        const auto presets = run_presets();
        QCOMPARE(presets.size(), std::size_t{3});
        for (const auto& preset : presets) QVERIFY2(preset.config.validate().empty(), preset.name.c_str());
        QVERIFY(presets[0].config.max_steps > 0 && presets[0].config.max_steps <= 100);
        QVERIFY(presets[1].config.early_stopping_patience > 0);
        QCOMPARE(presets[1].config.lr_scheduler_type, std::string("cosine"));
        QVERIFY(presets[1].config.learning_rate < RunConfig{}.learning_rate);
        QCOMPARE(presets[2].config.num_train_epochs, 16.0);
        QCOMPARE(presets[2].config.per_device_train_batch_size, 4);
        QCOMPARE(presets[2].config.max_length, std::int64_t{400});
        QVERIFY(presets[2].config.template_spec->labels == LabelRule::ProblemToo);
    }

    void only_fields_that_differ_are_listed() {
        RunConfig first;
        RunConfig second;
        first.name = "one";
        second.name = "other";
        second.learning_rate = 1e-3;
        second.sampling.top_p = 0.9;
        second.dropout = 0.2;
        second.template_spec = TemplateSpec{};
        second.template_spec->prompt = "Complaint: {problem}\nReply:";
        first.template_spec = TemplateSpec{};
        const auto differences = config_differences({first, second, first});
        std::vector<std::string> keys;
        for (const ConfigDifference& difference : differences) keys.push_back(difference.key);
        QVERIFY((keys == std::vector<std::string>{"template.prompt", "learning_rate", "dropout", "sampling.top_p"}));
        QCOMPARE(differences[1].label, std::string("Learning rate"));
        QCOMPARE(differences[3].label, std::string("Sampling: top p"));
        QVERIFY((differences[1].values == std::vector<Json>{5e-5, 1e-3, 5e-5}));
        QVERIFY(differences[2].values.front().is_null());
    }

    void equal_configs_do_not_differ() {
        RunConfig config;
        config.name = "one";
        RunConfig same = config;
        same.name = "other";
        QVERIFY(config_differences({config, same}).empty());
        QVERIFY(config_differences({config}).empty());
        QVERIFY(config_differences({}).empty());
    }

    void values_are_written_as_people_write_them() {
        QCOMPARE(plain_number(5e-5), std::string("5e-5"));
        QCOMPARE(plain_number(1e-10), std::string("1e-10"));
        QCOMPARE(plain_number(1e300), std::string("1e300"));
        QCOMPARE(plain_number(0.001), std::string("0.001"));
        QCOMPARE(plain_number(3.0), std::string("3"));
        QCOMPARE(value_in_words(Json()), std::string("–"));
        QCOMPARE(value_in_words(false), std::string("off"));
        QCOMPARE(value_in_words(""), std::string("“”"));
        QCOMPARE(value_in_words(Json::array({"a", "b"})), std::string("[\"a\",\"b\"]"));
    }
};

QTEST_GUILESS_MAIN(TestConfig)
#include "test_config.moc"
