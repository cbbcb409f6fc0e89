// LoRA against peft on the same small model; freezing; adapters written, read, resumed and refused.
#include "LoraTest.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>

#include "Golden.h"
#include "MemoryRecord.h"
#include "core/base/Files.h"
#include "core/engine/generation/KeyValueCache.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/AdapterFolder.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/model/ModelCache.h"
#include "core/engine/model/Safetensors.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/Trainer.h"
#include "core/engine/training/TrainingStep.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

namespace fs = std::filesystem;

const fs::path golden_folder = fs::path(LOSSMITH_TEST_DATA) / "golden";

Gpt2 model_with_peft_adapter() {
    Gpt2 model = golden::model();
    model.set_adapter(*read_adapter(golden_folder / "tiny-lora", model.config()));
    return model;
}

/// At the positions that are not padding.
double logits_off_by(const Gpt2& model, const at::Tensor& expected) {
    const at::NoGradGuard no_graph;
    const auto forward = golden::tensors("forward.safetensors");
    const at::Tensor attended = forward.at("attention_mask").to(at::kBool);
    const at::Tensor logits = model.logits(model.hidden(forward.at("input_ids")));
    return golden::largest_difference(logits.index({attended}), expected.index({attended}));
}

RunConfig lora_run() {
    RunConfig config;
    config.learning_rate = 1e-3;
    config.lr_scheduler_type = "constant";
    config.weight_decay = 0.0;
    config.max_grad_norm = 0.0;
    config.lora = LoraSpec{4, 8.0, 0.0, {"c_attn", "c_proj", "c_fc"}};
    return config;
}

StepLoss all_rows(const Gpt2& model, const RunConfig& config, std::int64_t step = 0) {
    const auto loss = *make_loss({});
    const auto examples = golden::examples(golden::tensors("forward.safetensors"));
    return *accumulate_gradients(model, *loss, examples, {{0, 1, 2, 3}}, config, {step, 0.0});
}

struct LoraRun {
    Gpt2 model = golden::model();
    std::shared_ptr<const Tokenizer> tokenizer = *Tokenizer::gpt2();
    std::unique_ptr<Loss> loss = std::move(*make_loss({}));
    MemoryRecord record;

    TrainingOutcome train(const fs::path& folder, const RunConfig& config, const fs::path& resume = {}) {
        const auto examples = golden::examples(golden::tensors("forward.safetensors"));
        model.set_adapter(resume.empty() ? new_adapter(model.config(), *config.lora, config.freeze_layers, config.seed)
                                         : *read_adapter(resume, model.config()));
        Trainer trainer(model, *tokenizer, *loss, TrainingSet{examples, {examples[3]}, {}}, config, folder, record);
        return to_its_end(trainer, resume);
    }
};

}  // namespace

void LoraTest::logits_are_those_of_peft() {
    const auto expected = golden::tensors("lora.safetensors").at("logits_before_training");
    const Gpt2 model = model_with_peft_adapter();
    QVERIFY(logits_off_by(golden::model(), expected) > 1e-2);
    QVERIFY(logits_off_by(model, expected) < 1e-4);
    QVERIFY(logits_off_by(model.merged(), expected) < 1e-4);
    QVERIFY(model.merged().adapter() == nullptr);
    QVERIFY(logits_off_by(golden::model(), expected) > 1e-2);
}

void LoraTest::five_steps_and_the_merged_model_are_those_of_peft() {
    const Json expected = golden::json("lora.json").at("losses");
    const RunConfig config = lora_run();
    Gpt2 model = model_with_peft_adapter();
    model.require_gradients_but(0, false);
    AdamW optimizer(model.trainable_parameters(), config);
    for (std::size_t step = 0; step < 5; ++step) {
        optimizer.zero_gradients();
        const StepLoss loss = all_rows(model, config, static_cast<std::int64_t>(step));
        QVERIFY(std::abs(loss.mean - expected[step].get<double>()) < 1e-4);
        optimizer.step(1e-3, optimizer.gradient_norm());
    }
    const auto after = golden::tensors("lora.safetensors").at("logits_merged_after");
    QVERIFY(logits_off_by(model.merged(), after) < 1e-4);
    QVERIFY(logits_off_by(model, after) < 1e-4);
}

void LoraTest::a_new_adapter_changes_nothing() {
    Gpt2 model = golden::model();
    const at::NoGradGuard no_graph;
    const auto ids = golden::tensors("forward.safetensors").at("input_ids");
    const at::Tensor before = model.logits(model.hidden(ids));
    model.set_adapter(new_adapter(model.config(), LoraSpec{}, 1, 7));
    QVERIFY(at::equal(model.logits(model.hidden(ids)), before));
    QCOMPARE(model.adapter()->pairs.size(), std::size_t{2});  // c_attn of the second layer and of the third
    QCOMPARE(model.adapter()->pairs.front().first, std::string("transformer.h.1.attn.c_attn"));
    const at::Tensor a = model.adapter()->pairs.front().second.a;
    QVERIFY(a.abs().max().item<double>() <= 1.0 / 8.0);  // 1 / sqrt(64)
    QVERIFY(std::abs(a.std().item<double>() - 0.125 / std::sqrt(3.0)) < 0.01);
    const LoraAdapter again = new_adapter(model.config(), LoraSpec{}, 1, 7);
    QVERIFY(at::equal(again.pairs.front().second.a, a));
}

void LoraTest::the_gradient_with_dropout_is_that_of_the_loss() {
    Gpt2 model = golden::model();
    LoraAdapter adapter = *read_adapter(golden_folder / "tiny-lora", model.config());
    for (auto& [name, pair] : adapter.pairs) pair.dropout = 0.4;
    model.set_adapter(adapter);
    model.set_dropout(0.2);
    model.require_gradients_but(0, false);
    const RunConfig config = lora_run();
    for (auto& [name, tensor] : model.trainable_parameters()) {
        const at::Tensor way = at::randn(tensor.sizes(), at::detail::createCPUGenerator(11)) * 0.02;
        tensor.mutable_grad().reset();
        static_cast<void>(all_rows(model, config));
        const double slope = (tensor.grad() * way).sum().item<double>();
        const at::NoGradGuard no_graph;
        tensor.add_(way);
        const double above = [&] {
            const at::AutoGradMode graph(true);
            return all_rows(model, config).mean;
        }();
        tensor.sub_(way * 2.0);
        const double below = [&] {
            const at::AutoGradMode graph(true);
            return all_rows(model, config).mean;
        }();
        tensor.add_(way);
        const double difference = std::abs((above - below) / 2.0 - slope);
        QVERIFY2(difference < 2e-4 + 0.05 * std::abs(slope),
                 (name + ": " + std::to_string(slope) + " is off by " + std::to_string(difference)).c_str());
    }
}

void LoraTest::frozen_weights_take_no_gradient_and_leave_the_others_as_they_were() {
    RunConfig config = lora_run();
    config.lora.reset();
    Gpt2 whole = golden::model();
    whole.require_gradients(true);
    static_cast<void>(all_rows(whole, config));
    Gpt2 frozen = golden::model();
    frozen.require_gradients_but(2, true);
    static_cast<void>(all_rows(frozen, config));
    const auto all = whole.parameters();
    const auto some = frozen.parameters();
    std::size_t moved = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string& name = all[i].first;
        const bool stays = name.find(".wte.") != std::string::npos || name.find(".wpe.") != std::string::npos ||
                           name.find(".h.0.") != std::string::npos || name.find(".h.1.") != std::string::npos;
        QVERIFY2(some[i].second.grad().defined() != stays, name.c_str());
        if (stays) continue;
        ++moved;
        QVERIFY2(at::equal(some[i].second.grad(), all[i].second.grad()), name.c_str());
    }
    QCOMPARE(moved, std::size_t{14});
    QCOMPARE(frozen.trainable_parameters().size(), moved);

    Gpt2 tuned = model_with_peft_adapter();
    tuned.require_gradients_but(0, false);
    static_cast<void>(all_rows(tuned, lora_run()));
    for (const auto& [name, tensor] : tuned.parameters()) QVERIFY2(!tensor.grad().defined(), name.c_str());
    for (const auto& [name, tensor] : named_tensors(*tuned.adapter())) QVERIFY2(tensor.grad().defined(), name.c_str());
}

void LoraTest::a_written_adapter_reads_back_beside_its_base() {
    const QTemporaryDir folder;
    const fs::path base = fs::path(folder.path().toStdString()) / "base";
    const auto tokenizer = *Tokenizer::gpt2();
    engine::Checkpoint checkpoint = golden::model().to_checkpoint();
    QVERIFY(write_checkpoint(base, checkpoint, StoredType::Float32, [&](const fs::path& part) { return tokenizer->save(part); }));
    LoraAdapter adapter = *read_adapter(golden_folder / "tiny-lora", checkpoint.config);
    adapter.base = {base.string(), *weights_digest(base), 600, false, 0};
    const fs::path place = fs::path(folder.path().toStdString()) / "adapter";
    QVERIFY(write_adapter(place, adapter));

    const auto loaded = load_model(place);
    QVERIFY2(loaded.has_value(), loaded ? "" : describe(loaded.error()).c_str());
    QVERIFY(loaded->model.adapter() != nullptr);
    QVERIFY(loaded->model.adapter()->base == adapter.base);
    QCOMPARE(loaded->model.config().vocab_size, 600);
    QCOMPARE(loaded->tokenizer->size(), tokenizer->size());
    const at::NoGradGuard no_graph;
    const auto forward = golden::tensors("forward.safetensors");
    const at::Tensor attended = forward.at("attention_mask").to(at::kBool);
    const at::Tensor logits = loaded->model.logits(loaded->model.hidden(forward.at("input_ids"))).slice(2, 0, 512);
    const at::Tensor expected = golden::tensors("lora.safetensors").at("logits_before_training");
    QVERIFY(golden::largest_difference(logits.index({attended}), expected.index({attended})) < 1e-4);

    // Moved with its base, it is found again; beside other weights it is refused.
    const fs::path moved = fs::path(folder.path().toStdString()) / "moved";
    fs::create_directories(moved);
    fs::rename(base, moved / "base");
    fs::rename(place, moved / "adapter");
    QVERIFY(load_model(moved / "adapter").has_value());
    checkpoint.tensors.at("transformer.wpe.weight") = checkpoint.tensors.at("transformer.wpe.weight") + 1.0;
    QVERIFY(write_checkpoint(moved / "base", checkpoint, StoredType::Float32, [&](const fs::path& part) { return tokenizer->save(part); }));
    const auto other = load_model(moved / "adapter");
    QVERIFY(!other);
    QVERIFY(describe(other.error()).find("not those that the adapter was trained beside") != std::string::npos);
    fs::remove_all(moved / "base");
    const auto gone = load_model(moved / "adapter");
    QVERIFY(!gone && gone.error().kind == ErrorKind::NotFound);
}

void LoraTest::a_step_with_gradient_checkpointing_is_the_same() {
    // With an adapter, with the first layer frozen, and with all that moves; dropout on.
    for (const int frozen : {-1, 1, 0}) {
        std::vector<at::Tensor> gradients[2];
        double losses[2] = {};
        for (const bool checkpointing : {false, true}) {
            Gpt2 model = golden::model();
            if (frozen < 0) model.set_adapter(*read_adapter(golden_folder / "tiny-lora", model.config()));
            model.set_dropout(0.2);
            model.require_gradients_but(std::max(frozen, 0), frozen == 1);
            RunConfig config = lora_run();
            config.gradient_checkpointing = checkpointing;
            losses[checkpointing] = all_rows(model, config).mean;
            for (auto& [name, tensor] : model.trainable_parameters()) gradients[checkpointing].push_back(tensor.grad());
        }
        QCOMPARE(losses[1], losses[0]);
        QCOMPARE(gradients[1].size(), gradients[0].size());
        for (std::size_t i = 0; i < gradients[0].size(); ++i) {
            QVERIFY(gradients[0][i].defined() && gradients[1][i].defined());
            QVERIFY(golden::largest_difference(gradients[1][i], gradients[0][i]) <= 1e-7);
        }
    }
}

void LoraTest::a_resumed_run_ends_with_the_same_bits() {
    const QTemporaryDir folder;
    const fs::path base = folder.path().toStdString();
    RunConfig config = lora_run();
    config.lora->lora_dropout = 0.2;
    config.freeze_layers = 1;
    config.per_device_train_batch_size = 2;
    config.max_steps = 8;
    config.eval_steps = 4;
    LoraRun undisturbed;
    undisturbed.train(base / "a", config);
    LoraRun stopped;
    stopped.record.stop_after = 5;
    QCOMPARE(stopped.train(base / "b", config).status, RunStatus::Stopped);
    QVERIFY(fs::exists(base / "b" / "checkpoint-5" / "adapter_model.safetensors"));
    QVERIFY(!fs::exists(base / "b" / "checkpoint-5" / "model.safetensors"));
    LoraRun resumed;
    resumed.train(base / "b", config, base / "b" / "checkpoint-5");
    const auto left = named_tensors(*undisturbed.model.adapter());
    const auto right = named_tensors(*resumed.model.adapter());
    QCOMPARE(left.size(), std::size_t{16});
    QCOMPARE(right.size(), left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        QCOMPARE(left[i].first, right[i].first);
        QVERIFY2(at::equal(left[i].second.detach(), right[i].second.detach()), left[i].first.c_str());
        QVERIFY(left[i].second.detach().abs().max().item<double>() > 0.0);
    }
}

void LoraTest::text_is_written_from_the_base_s_own_weights_data() {
    QTest::addColumn<int>("texts");
    QTest::newRow("each thread for itself") << 2;
    QTest::newRow("rows shared out") << 6;
    QTest::newRow("by BLAS") << 12;
}

void LoraTest::text_is_written_from_the_base_s_own_weights() {
    QFETCH(int, texts);
    const at::NoGradGuard no_graph;
    const Gpt2 model = model_with_peft_adapter();
    const StepWeights weights(model, Precision::Fp32);
    KeyValueCache cache(weights, texts, 16);
    std::vector<std::vector<TokenId>> prompts;
    for (TokenId i = 0; i < texts; ++i) prompts.push_back({3, 17 + i, 40});
    static_cast<void>(cache.read_prompts(prompts));
    std::vector<TokenId> next;
    for (TokenId i = 0; i < texts; ++i) next.push_back(100 + i);
    const at::Tensor logits = cache.step(next);
    double of_the_change = 0.0;
    for (int i = 0; i < texts; ++i) {
        const at::Tensor ids = at::tensor(std::vector<std::int64_t>{3, 17 + i, 40, 100 + i}, at::kLong).unsqueeze(0);
        const at::Tensor expected = model.merged().logits(model.merged().hidden(ids))[0][3];
        const at::Tensor of_base = golden::model().logits(golden::model().hidden(ids))[0][3];
        QVERIFY(golden::largest_difference(logits[i], expected) < 1e-4);
        of_the_change = std::max(of_the_change, golden::largest_difference(expected, of_base));
    }
    QVERIFY(of_the_change > 1e-2);
}

void LoraTest::a_base_and_what_was_trained_beside_it_hold_one_copy_of_its_weights() {
    const QTemporaryDir folder;
    const fs::path base = fs::path(folder.path().toStdString()) / "base";
    const fs::path place = fs::path(folder.path().toStdString()) / "adapter";
    const auto tokenizer = *Tokenizer::gpt2();
    QVERIFY(write_checkpoint(base, golden::model().to_checkpoint(), StoredType::Float32,
                             [&](const fs::path& part) { return tokenizer->save(part); }));
    LoraAdapter adapter = *read_adapter(golden_folder / "tiny-lora", golden::model().config());
    adapter.base.model = base.string();
    QVERIFY(write_adapter(place, adapter));
    for (const bool base_first : {true, false}) {
        ModelCache cache;
        const auto one = cache.get((base_first ? base : place).string(), nullptr);
        const auto other = cache.get((base_first ? place : base).string(), nullptr);
        QVERIFY(one && other);
        QVERIFY(((*one)->model.adapter() == nullptr) == base_first);
        QVERIFY(((*other)->model.adapter() == nullptr) != base_first);
        const auto weights = (*one)->model.parameters();
        for (std::size_t i = 0; i < weights.size(); ++i)
            QVERIFY2((*other)->model.parameters()[i].second.is_alias_of(weights[i].second), weights[i].first.c_str());
    }
}

void LoraTest::adapters_that_name_each_other_as_base_are_refused() {
    const QTemporaryDir folder;
    const fs::path one = fs::path(folder.path().toStdString()) / "one";
    const fs::path other = fs::path(folder.path().toStdString()) / "other";
    LoraAdapter adapter = *read_adapter(golden_folder / "tiny-lora", golden::model().config());
    adapter.base.model = other.string();
    QVERIFY(write_adapter(one, adapter));
    adapter.base.model = one.string();
    QVERIFY(write_adapter(other, adapter));
    ModelCache cache;
    const auto model = cache.get(one.string(), nullptr);
    QVERIFY(!model);
    QVERIFY2(describe(model.error()).find("stands on more than") != std::string::npos, describe(model.error()).c_str());
}

void LoraTest::a_damaged_or_foreign_adapter_is_refused_data() {
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("sentence");
    QTest::newRow("another kind") << QByteArray("peft_type") << QByteArray("\"LOHA\"") << QByteArray("peft_type is not LORA");
    QTest::newRow("DoRA") << QByteArray("use_dora") << QByteArray("true") << QByteArray("uses use_dora");
    QTest::newRow("whole modules") << QByteArray("modules_to_save") << QByteArray("[\"lm_head\"]") << QByteArray("uses modules_to_save");
    QTest::newRow("biases") << QByteArray("bias") << QByteArray("\"all\"") << QByteArray("also changes biases");
    QTest::newRow("another start") << QByteArray("init_lora_weights") << QByteArray("\"pissa\"")
                                   << QByteArray("changes the weights of its base");
    QTest::newRow("rank of text") << QByteArray("r") << QByteArray("\"four\"") << QByteArray("r must be a whole number");
    QTest::newRow("rank 0") << QByteArray("r") << QByteArray("0") << QByteArray("r must be a whole number");
    QTest::newRow("another rank") << QByteArray("r") << QByteArray("8") << QByteArray("is of rank 4 where adapter_config.json says 8");
    QTest::newRow("alpha of nothing") << QByteArray("lora_alpha") << QByteArray("null") << QByteArray("lora_alpha must be a number");
    QTest::newRow("dropout 1") << QByteArray("lora_dropout") << QByteArray("1") << QByteArray("lora_dropout must be");
    QTest::newRow("a list") << QByteArray() << QByteArray("[]") << QByteArray("does not hold a JSON object");
    for (const char* name : {"base_model.model.transformer.h.3.attn.c_attn.lora_A.weight", "base_model.model.transformer.wte.lora_A.weight",
                             "transformer.h.0.attn.c_attn.lora_A.weight", "base_model.model.transformer.h.0.attn.c_attn.weight"})
        QTest::newRow(name) << QByteArray("tensor") << QByteArray(name) << QByteArray("is not a change of a matrix that this model has");
    QTest::newRow("another width") << QByteArray("shape") << QByteArray("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight")
                                   << QByteArray("does not fit a matrix of 64 by 192");
    QTest::newRow("half a pair") << QByteArray("without") << QByteArray("base_model.model.transformer.h.0.attn.c_attn.lora_B.weight")
                                 << QByteArray("is not whole");
    QTest::newRow("nothing") << QByteArray("without") << QByteArray() << QByteArray("holds no change at all");
}

void LoraTest::a_damaged_or_foreign_adapter_is_refused() {
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, sentence);
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    Json config = golden::json("tiny-lora/adapter_config.json");
    auto tensors = golden::tensors("tiny-lora/adapter_model.safetensors");
    if (key == "tensor") {
        tensors.emplace(value.toStdString(), at::zeros({4, 64}));
    } else if (key == "shape") {
        tensors[value.toStdString()] = at::zeros({4, 65});
    } else if (key == "without") {
        if (value.isEmpty()) tensors.clear();
        tensors.erase(value.toStdString());
    } else if (key.isEmpty()) {
        config = *parse_json(value.toStdString());
    } else {
        config[key.toStdString()] = *parse_json(value.toStdString());
    }
    QVERIFY(write_file_atomically(place / "adapter_config.json", config.dump()));
    QVERIFY(write_safetensors(place / "adapter_model.safetensors", {tensors.begin(), tensors.end()}));
    const auto adapter = read_adapter(place, golden::model().config());
    QVERIFY(!adapter);
    const std::string found = describe(adapter.error());
    QVERIFY2(found.find(sentence.toStdString()) != std::string::npos, found.c_str());
}

#include "moc_LoraTest.cpp"
