// Learning by reward: its formulas against PyTorch, and whole runs on a small model.
#include "RewardTest.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include "Golden.h"
#include "MemoryRecord.h"
#include "core/engine/reward/Advantages.h"
#include "core/engine/reward/PolicyLoss.h"
#include "core/engine/training/PolicyStep.h"
#include "core/engine/training/Trainer.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

namespace fs = std::filesystem;

constexpr const char* rewards_folder = "../rewards/";

Json rewards_json() {
    return golden::json(std::string(rewards_folder) + "rewards.json");
}

/// The share of one letter: what any model can learn to write more of.
RewardSpec many_es(const std::string& method) {
    RewardSpec spec;
    spec.name = "many es";
    spec.source = "def reward(generated):\n    return generated.count(\"e\") / max(1, len(generated))\n";
    spec.method = method;
    spec.num_generations = 8;
    spec.max_completion_length = 8;
    spec.loss_weight = 0.0;
    spec.beta = 0.0;
    spec.risk_alpha = 1.0;
    return spec;
}

RunConfig reward_run(const std::string& method) {
    RunConfig config;
    config.reward = many_es(method);
    config.learning_rate = 0.02;
    config.lr_scheduler_type = "constant";
    config.per_device_train_batch_size = 4;
    config.max_steps = 24;
    config.eval_steps = 12;
    config.dropout = 0.0;
    config.weight_decay = 0.0;
    return config;
}

struct RewardRun {
    Gpt2 model = golden::model();
    Gpt2 base = golden::model();
    std::shared_ptr<const Tokenizer> tokenizer = *Tokenizer::gpt2();
    std::unique_ptr<Loss> loss = std::move(*make_loss({}));
    MemoryRecord record;

    /// The examples of the golden batch; each one's first three tokens are its prompt.
    TrainingSet set() const {
        TrainingSet all;
        all.train = golden::examples(golden::tensors("forward.safetensors"));
        for (const Example& example : all.train)
            all.train_prompts.push_back({"problem", "solution", {example.input_ids.begin(), example.input_ids.begin() + 3}});
        all.validation = {all.train[3]};
        all.validation_prompts = all.train_prompts;
        all.prompts = {all.train_prompts.front()};
        return all;
    }

    TrainingOutcome train(const fs::path& folder, const RunConfig& config, const fs::path& resume = {}) {
        model.set_dropout(0.0);
        const auto reward = Reward::create(*config.reward, tokenizer.get(), nullptr);
        if (!reward) throw std::runtime_error(describe(reward.error()));
        Trainer trainer(model, *tokenizer, {*loss, &base, reward->get()}, set(), config, folder, record);
        return to_its_end(trainer, resume);
    }
};

void methods_as_rows() {
    QTest::addColumn<QString>("method");
    for (const char* method : {"reinforce", "self_critical", "rloo", "grpo", "minimum_risk"})
        QTest::newRow(method) << QString::fromLatin1(method);
}

at::Tensor all_gradients(const Gpt2& model) {
    std::vector<at::Tensor> flat;
    for (const auto& [name, parameter] : model.parameters())
        flat.push_back(parameter.grad().defined() ? parameter.grad().flatten() : at::zeros({parameter.numel()}));
    return at::cat(flat);
}

}  // namespace

void RewardTest::advantages_are_those_of_their_papers() {
    const Json expected = rewards_json().at("advantages");
    RewardedGroup group{expected.at("rewards"), expected.at("log_probs"), expected.at("greedy").get<double>()};
    for (const char* method : {"reinforce", "self_critical", "rloo", "grpo", "minimum_risk"}) {
        const auto ours = advantages(group, {method, expected.at("baseline"), expected.at("risk_alpha")});
        const std::vector<double> theirs = expected.at(method);
        QCOMPARE(ours.size(), theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) QVERIFY2(std::abs(ours[i] - theirs[i]) < 1e-12, method);
    }
    QCOMPARE(advantages({{0.5}, {-3.0}, {}}, {"grpo"}), std::vector<double>{0.0});
    QCOMPARE(next_baseline({}, 0.4), 0.4);
    QVERIFY(std::abs(next_baseline(0.4, 0.9) - 0.45) < 1e-12);
}

void RewardTest::the_policy_gradient_is_pytorchs_data() {
    QTest::addColumn<int>("which");
    const Json cases = rewards_json().at("policy");
    for (std::size_t i = 0; i < cases.size(); ++i) QTest::newRow(cases[i].at("name").get<std::string>().c_str()) << static_cast<int>(i);
}

void RewardTest::the_policy_gradient_is_pytorchs() {
    QFETCH(int, which);
    const Json expected = rewards_json().at("policy")[static_cast<std::size_t>(which)];
    const auto tensors = golden::tensors(std::string(rewards_folder) + "policy_loss.safetensors");
    const auto tensor = [&](const char* name) { return tensors.at(expected.at("name").get<std::string>() + "." + name); };
    LossInputs inputs{tensor("logits").clone(), tensor("labels")};
    inputs.base_logits = tensor("base");
    inputs.sampled = {tensor("weights"), tensor("advantages"), expected.at("drawn").get<bool>() ? tensor("log_probs") : at::Tensor()};
    const PolicySetting setting{expected.at("temperature"), expected.at("beta"), expected.at("epsilon")};
    PolicyTrace trace;
    PolicyTrace by_autograd;
    LossInputs again = inputs;
    again.logits = inputs.logits.clone();
    const auto ours = PolicyLoss(setting, &trace).with_gradient(inputs, 1.0);
    const auto slow = PolicyLoss(setting, &by_autograd).Loss::with_gradient(again, 1.0);
    for (const auto& result : {ours, slow}) {
        QVERIFY(result.has_value());
        QVERIFY(std::abs(result->sum - expected.at("loss").get<double>()) < 1e-5);
        QVERIFY(golden::relative_difference(result->at_logits, tensor("gradient")) < 1e-4);
        for (const auto& [name, value] : result->parts) QVERIFY2(std::abs(value - expected.at(name).get<double>()) < 1e-5, name.c_str());
    }
    QCOMPARE(trace.log_probs.size(), std::size_t{9});
    for (std::size_t i = 0; i < trace.log_probs.size(); ++i) {
        QVERIFY(std::abs(trace.log_probs[i] - by_autograd.log_probs[i]) < 2e-5F);
        QVERIFY(std::abs(trace.kl[i] - by_autograd.kl[i]) < 2e-5F);
        QVERIFY(std::abs(trace.entropy[i] - by_autograd.entropy[i]) < 2e-5F);
    }
}

void RewardTest::a_round_cut_into_micro_batches_has_the_same_gradient_data() {
    methods_as_rows();
}

void RewardTest::a_round_cut_into_micro_batches_has_the_same_gradient() {
    QFETCH(QString, method);
    RewardRun run;
    RunConfig config = reward_run(method.toStdString());
    config.reward->beta = 0.1;
    const auto reward = Reward::create(*config.reward, run.tokenizer.get(), nullptr);
    const Objective objective(*run.loss, &run.base, reward->get());
    const TrainingSet set = run.set();
    run.model.require_gradients(true);
    std::vector<at::Tensor> gradients;
    for (const int rows_at_once : {64, 8, 3}) {
        config.per_device_train_batch_size = rows_at_once;
        auto round = draw_round(run.model, *run.tokenizer, objective, set.train_prompts, {{0, 1}, {2, 3}}, config, {5, 0.5}, 0.01);
        QVERIFY(round.has_value());
        QCOMPARE(round->rollout.completions.size(), std::size_t{32});
        QVERIFY2(round->rollout.figures.reward_std > 0.0, "the draws differ in their reward");
        for (const auto& [name, parameter] : run.model.parameters()) parameter.mutable_grad() = at::zeros_like(parameter);
        // The second pass is measured against what the first recorded, and nothing moved in between: it has the same gradient.
        QVERIFY(accumulate_policy_gradients(run.model, objective, *round, config, {5, 0.5}).has_value());
        gradients.push_back(all_gradients(run.model));
        for (const auto& [name, parameter] : run.model.parameters()) parameter.mutable_grad() = at::zeros_like(parameter);
        QVERIFY(accumulate_policy_gradients(run.model, objective, *round, config, {5, 0.5}).has_value());
        gradients.push_back(all_gradients(run.model));
    }
    QVERIFY(gradients.front().norm().item<double>() > 0.0);
    for (const at::Tensor& gradient : gradients) QVERIFY(golden::relative_difference(gradient, gradients.front()) < 2e-4);
}

void RewardTest::a_run_by_reward_raises_its_reward_data() {
    methods_as_rows();
}

void RewardTest::a_run_by_reward_raises_its_reward() {
    QFETCH(QString, method);
    const QTemporaryDir folder;
    RewardRun run;
    RunConfig config = reward_run(method.toStdString());
    config.reward->num_iterations = method == QLatin1String("rloo") ? 2 : 1;
    const auto outcome = run.train(folder.path().toStdString(), config);
    QCOMPARE(outcome.status, RunStatus::Finished);
    double first = 0.0;
    double last = 0.0;
    for (int step = 1; step <= 4; ++step) {
        first += run.record.values.at({step, "reward"}) / 4.0;
        last += run.record.values.at({20 + step, "reward"}) / 4.0;
    }
    QVERIFY2(last > first + 0.1, qPrintable(QStringLiteral("%1 → %2").arg(first).arg(last)));
    for (const char* name : {"reward_std", "kl", "entropy", "completion_tokens", "clipped"})
        QVERIFY2(run.record.values.contains({24, name}), name);
    QVERIFY(run.record.values.at({24, "entropy"}) > 0.0);
    QVERIFY(outcome.best_validation_reward.has_value());
    QCOMPARE(run.record.values.at({outcome.best_step, "validation/reward"}), *outcome.best_validation_reward);
    // What was written is kept at each sampling, with what each token weighed.
    QVERIFY(!run.record.completed.empty());
    const RewardedCompletion& completion = run.record.completed.front();
    QCOMPARE(completion.step, 12);
    QCOMPARE(completion.problem, std::string("problem"));
    QVERIFY(!completion.tokens.empty());
    std::string text;
    for (const Json& token : completion.tokens) {
        text += token.at("text").get<std::string>();
        QVERIFY(token.at("log_prob").get<double>() <= 0.0);
    }
    QVERIFY(text.starts_with(completion.text.substr(0, 1)));
}

void RewardTest::a_resumed_run_by_reward_ends_with_the_same_bits() {
    RunConfig config = reward_run("reinforce");  // which keeps a baseline from step to step
    config.max_steps = 8;
    config.eval_steps = 4;
    config.reward->num_iterations = 2;
    const QTemporaryDir whole_folder;
    RewardRun whole;
    whole.train(whole_folder.path().toStdString(), config);

    const QTemporaryDir folder;
    RewardRun first;
    first.record.stop_after = 4;
    QCOMPARE(first.train(folder.path().toStdString(), config).status, RunStatus::Stopped);
    const fs::path checkpoint = fs::path(folder.path().toStdString()) / "checkpoint-4";
    RewardRun second;
    second.model = Gpt2::from_checkpoint(*read_checkpoint(checkpoint));
    second.model.move_to(golden::device());
    second.train(folder.path().toStdString(), config, checkpoint);
    QVERIFY(golden::same_weights(whole.model, second.model));
}

#include "moc_RewardTest.cpp"
