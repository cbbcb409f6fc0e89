// Ten AdamW steps against PyTorch; resume, safe stops and checkpoints on the same small model.
#include "TrainingTest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include <QTemporaryDir>
#include <QTest>

#include "Golden.h"
#include "MemoryRecord.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/Dropout.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/Schedule.h"
#include "core/engine/training/Trainer.h"
#include "core/engine/training/TrainingStep.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

namespace fs = std::filesystem;

RunConfig small_run() {
    RunConfig config;
    config.learning_rate = 1e-3;
    config.per_device_train_batch_size = 2;
    config.gradient_accumulation_steps = 1;
    config.max_steps = 12;
    config.eval_steps = 4;
    config.save_total_limit = 1;
    config.dropout = 0.1;
    return config;
}

struct SmallRun {
    Gpt2 model = golden::model();
    std::shared_ptr<const Tokenizer> tokenizer = *Tokenizer::gpt2();
    std::unique_ptr<Loss> loss = std::move(*make_loss({}));
    MemoryRecord record;

    TrainingOutcome train(const fs::path& folder, const RunConfig& config, const fs::path& resume = {}) {
        model.set_dropout(config.dropout.value_or(0.0));
        const auto examples = golden::examples(golden::tensors("forward.safetensors"));
        Trainer trainer(model, *tokenizer, *loss, TrainingSet{examples, {examples[3]}, {}}, config, folder, record);
        return to_its_end(trainer, resume);
    }
};

/// Cross-entropy of whole rows, for which memory runs out beyond so many at once.
class HungryLoss final : public Loss {
public:
    explicit HungryLoss(std::int64_t most_rows) : m_most_rows(most_rows) {}
    bool separable_by_token() const override { return false; }
    Result<LossValue> evaluate(const LossInputs& inputs) const override {
        if (inputs.labels.size(0) > m_most_rows) throw std::bad_alloc();
        return LossValue{at::cross_entropy_loss(inputs.logits.flatten(0, 1), inputs.labels.flatten(), {}, at::Reduction::Sum)};
    }

private:
    std::int64_t m_most_rows;
};

}  // namespace

void TrainingTest::ten_steps_are_those_of_pytorch_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("two");
    QTest::newRow("one batch") << QStringLiteral("whole_batch") << false;
    QTest::newRow("two micro-batches") << QStringLiteral("two_micro_batches") << true;
}

void TrainingTest::ten_steps_are_those_of_pytorch() {
    QFETCH(QString, name);
    QFETCH(bool, two);
    const Json expected = golden::json("train.json").at(name.toStdString());
    const auto final_weights = golden::tensors("train-final.safetensors");
    const auto examples = golden::examples(golden::tensors("forward.safetensors"));
    Gpt2 model = golden::model();
    model.require_gradients(true);
    RunConfig config;
    config.learning_rate = 1e-3;
    config.lr_scheduler_type = "cosine";
    config.warmup_steps = 2;
    config.weight_decay = 0.01;
    config.max_grad_norm = 1.0;
    AdamW optimizer(model.parameters(), config);
    const auto loss = *make_loss({});
    const PlannedStep planned = two ? PlannedStep{{0, 1}, {2, 3}} : PlannedStep{{0, 1, 2, 3}};
    for (std::int64_t step = 0; step < 10; ++step) {
        optimizer.zero_gradients();
        const auto value = accumulate_gradients(model, *loss, examples, planned, config, {step, 0.0});
        QVERIFY(value.has_value());
        const double norm = optimizer.gradient_norm();
        const double rate = learning_rate_at(config, step, 10);
        optimizer.step(rate, norm);
        const Json& theirs = expected[static_cast<std::size_t>(step)];
        QVERIFY(std::abs(value->mean - theirs.at("loss").get<double>()) < 1e-4);
        QVERIFY(std::abs(norm - theirs.at("grad_norm").get<double>()) < 1e-3);
        QVERIFY(std::abs(rate - theirs.at("lr").get<double>()) < 1e-9);
    }
    for (const auto& [parameter, tensor] : model.parameters()) {
        const double difference = golden::largest_difference(tensor, final_weights.at(parameter));
        QVERIFY2(difference < 1e-4, (parameter + " is off by " + std::to_string(difference)).c_str());
    }
}

void TrainingTest::a_resumed_run_ends_with_the_same_bits() {
    const QTemporaryDir folder;
    const fs::path base = folder.path().toStdString();
    SmallRun undisturbed;
    undisturbed.train(base / "a", small_run());
    for (const std::int64_t stop : {1, 5, 11}) {
        SmallRun stopped;
        stopped.record.stop_after = stop;
        const auto place = base / ("b" + std::to_string(stop));
        const auto outcome = stopped.train(place, small_run());
        QCOMPARE(outcome.status, RunStatus::Stopped);
        const fs::path checkpoint = place / ("checkpoint-" + std::to_string(stop));
        SmallRun resumed;
        resumed.model = Gpt2::from_checkpoint(*read_checkpoint(checkpoint));
        resumed.model.move_to(golden::device());
        resumed.train(place, small_run(), checkpoint);
        QVERIFY(golden::same_weights(undisturbed.model, resumed.model));
        auto joined = stopped.record.values;
        joined.insert(resumed.record.values.begin(), resumed.record.values.end());
        for (const auto& [key, value] : undisturbed.record.values)
            if (key.second == "train/loss" || key.second == "validation/loss")
                QVERIFY(golden::device().is_cpu() ? joined.at(key) == value : std::abs(joined.at(key) - value) < 1e-4);
    }
}

void TrainingTest::a_loss_that_is_not_finite_stops_the_run_with_an_event() {
    const QTemporaryDir folder;
    SmallRun run;
    const at::NoGradGuard no_graph;
    run.model.token_embedding().slice(0, 0, 500).fill_(std::numeric_limits<float>::quiet_NaN());
    RunConfig config = small_run();
    config.eval_steps = 100;
    const auto before = run.model.position_embedding().clone();
    const auto outcome = run.train(folder.path().toStdString(), config);
    QCOMPARE(outcome.status, RunStatus::Failed);
    QVERIFY(std::any_of(run.record.events.begin(), run.record.events.end(), [](const auto& event) { return event.first == "not_finite"; }));
    QVERIFY(at::equal(before, run.model.position_embedding().detach()));
}

void TrainingTest::where_memory_runs_out_smaller_micro_batches_give_the_same_run() {
    RunConfig config = small_run();
    config.per_device_train_batch_size = 4;
    config.dropout = 0.0;
    const QTemporaryDir folder;
    const fs::path base = folder.path().toStdString();
    const auto with_room_for = [&](std::int64_t rows, bool halving) {
        SmallRun run;
        run.loss = std::make_unique<HungryLoss>(rows);
        config.auto_find_batch_size = halving;
        const TrainingOutcome outcome = run.train(base / std::to_string(rows + (halving ? 100 : 0)), config);
        return std::pair(std::move(run), outcome);
    };
    const auto count = [](const MemoryRecord& record) {
        return std::ranges::count_if(record.events, [](const auto& event) { return event.first == "out_of_memory"; });
    };
    const auto [whole, all_done] = with_room_for(4, true);
    QCOMPARE(all_done.status, RunStatus::Finished);
    QCOMPARE(count(whole.record), 0);
    const auto [halved, done] = with_room_for(1, true);
    QCOMPARE(done.status, RunStatus::Finished);
    QCOMPARE(count(halved.record), 2);  // four rows, then two; no step after it asks for them again
    const auto first = std::ranges::find_if(halved.record.events, [](const auto& event) { return event.first == "out_of_memory"; });
    QVERIFY(first->second.find("with 4 rows at once") != std::string::npos);
    for (const auto& [key, value] : whole.record.values)
        if (key.second == "train/loss" || key.second == "validation/loss") QVERIFY(std::abs(halved.record.values.at(key) - value) < 1e-4);
    const auto [failed, out] = with_room_for(1, false);
    QCOMPARE(out.status, RunStatus::Failed);
    QVERIFY(out.message.find("auto_find_batch_size") != std::string::npos);
    QCOMPARE(count(failed.record), 1);
}

void TrainingTest::dropout_keeps_the_expected_share_and_the_same_mask_backward() {
    const at::Tensor x = at::ones({1000, 100}, golden::device()).requires_grad_();
    const DropoutKey key = dropout_key(1, 2, 3);
    const at::Tensor y = dropout(x, 0.3, key);
    const double kept = (y.detach() != 0).to(at::kFloat).mean().item<double>();
    QVERIFY(std::abs(kept - 0.7) < 0.01);
    QVERIFY(std::abs(y.detach().mean().item<double>() - 1.0) < 0.01);
    y.sum().backward();
    QVERIFY(at::equal(x.grad(), y.detach()));
    QVERIFY(!at::equal(dropout(x, 0.3, dropout_key(1, 3, 3)).detach(), y.detach()));
}

void TrainingTest::the_best_checkpoint_is_kept_and_old_ones_are_dropped() {
    const QTemporaryDir folder;
    SmallRun run;
    RunConfig config = small_run();
    config.max_steps = 20;
    config.eval_steps = 2;
    const auto outcome = run.train(folder.path().toStdString(), config);
    QCOMPARE(outcome.status, RunStatus::Finished);
    QVERIFY(outcome.best_step > 0);
    std::int64_t best = 0;
    std::int64_t periodic = 0;
    for (const auto& [id, checkpoint] : run.record.checkpoints) {
        if (checkpoint.kind == CheckpointKind::Best) {
            ++best;
            QCOMPARE(checkpoint.step, outcome.best_step);
        }
        if (checkpoint.kind == CheckpointKind::Periodic) ++periodic;
        QVERIFY(
            fs::exists(fs::path(folder.path().toStdString()) / ("checkpoint-" + std::to_string(checkpoint.step)) / "model.safetensors"));
    }
    QCOMPARE(best, 1);
    QVERIFY(periodic <= 1);
    std::int64_t folders = 0;
    for (const auto& entry : fs::directory_iterator(folder.path().toStdString())) folders += entry.is_directory() ? 1 : 0;
    QCOMPARE(folders, static_cast<std::int64_t>(run.record.checkpoints.size()));
}

#include "moc_TrainingTest.cpp"
