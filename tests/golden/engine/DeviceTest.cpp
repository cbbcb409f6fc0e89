// What runs on a graphics card against what runs on the processor. The operators that a card uses are tried on the processor too, where
// they must give the same numbers; what needs a card itself takes it from LOSSMITH_TEST_DEVICE.
#include "DeviceTest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include <QTest>

#include "Golden.h"
#include "core/engine/generation/DeviceAttention.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/DeviceBlocks.h"
#include "core/engine/model/Dropout.h"
#include "core/engine/training/AdamW.h"
#include "core/engine/training/MicroBatch.h"
#include "core/engine/training/TrainingStep.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const char* no_card = "LOSSMITH_TEST_DEVICE names no graphics card (set it to cuda:0 where there is one).";

struct HalvesOfABlock {
    at::Tensor out;
    std::map<std::string, at::Tensor> gradients;
};

/// The first block of the golden model on an input of chance, by the processor's halves or a card's.
HalvesOfABlock through_a_block(bool as_on_a_card, bool bf16) {
    Gpt2 model = golden::model("tiny-gpt2", at::kCPU);
    model.require_gradients(true);
    at::manual_seed(3);
    const at::Tensor x = at::randn({2, 9, model.config().n_embd}).requires_grad_();
    const Gpt2Block& block = model.blocks().front();
    const CausalAttention attention{model.config().n_head, model.config().attention_scale(0), 0.0, {}};
    const BlockPass pass{model.config().layer_norm_epsilon, bf16, 0.2, dropout_key(1, 2, 3)};
    const std::string& activation = model.config().activation_function;
    const at::Tensor half = as_on_a_card ? attention_half_on_device(x, block, pass, attention) : attention_half(x, block, pass, attention);
    const at::Tensor out = as_on_a_card ? mlp_half_on_device(half, block, pass, activation) : mlp_half(half, block, pass, activation);
    (out * at::randn(out.sizes())).sum().backward();
    HalvesOfABlock result{out.detach(), {{"x", x.grad()}}};
    for (const auto& [name, parameter] : model.parameters())
        if (parameter.grad().defined()) result.gradients.emplace(name, parameter.grad());
    return result;
}

}  // namespace

void DeviceTest::dropout_by_operators_has_the_mask_of_the_loops() {
    const DropoutKey key = dropout_key(5, 6, 7);
    const at::Tensor by_loops = dropped(at::ones({300, 70}), 0.3, key);
    const at::Tensor by_operators = dropped(at::ones({300, 70}, at::kDouble), 0.3, key);
    QVERIFY(at::equal(by_loops, by_operators.to(at::kFloat)));
    QVERIFY((by_loops == 0).any().item<bool>());
}

void DeviceTest::a_cards_blocks_give_the_values_and_gradients_of_the_processors_data() {
    QTest::addColumn<bool>("bf16");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("fp32") << false << 1e-4;
    QTest::newRow("bfloat16") << true << 0.03;
}

void DeviceTest::a_cards_blocks_give_the_values_and_gradients_of_the_processors() {
    QFETCH(bool, bf16);
    QFETCH(double, tolerance);
    const HalvesOfABlock processor = through_a_block(false, bf16);
    const HalvesOfABlock card = through_a_block(true, bf16);
    QVERIFY(golden::relative_difference(card.out, processor.out) < tolerance);
    QCOMPARE(card.gradients.size(), processor.gradients.size());
    for (const auto& [name, gradient] : processor.gradients) {
        const double difference = golden::relative_difference(card.gradients.at(name), gradient);
        QVERIFY2(difference < tolerance, (name + " differs by " + std::to_string(difference)).c_str());
    }
}

void DeviceTest::a_cards_attention_over_a_cache_is_that_of_the_whole_pass() {
    at::manual_seed(4);
    const at::Tensor qkv = at::randn({2, 6, 3 * 8});  // two texts of 5 and 3 tokens and a new one each
    const CausalAttention how{2, 0.5, 0.0, {}};
    at::Tensor keys = at::full({2, 2, 10, 4}, std::numeric_limits<float>::quiet_NaN());
    at::Tensor values = keys.clone();
    const std::vector<std::int64_t> slots = {1, 0};
    const std::vector<std::int64_t> lengths = {5, 3};
    at::Tensor fresh = at::empty({2, 3 * 8});
    for (std::int64_t text = 0; text < 2; ++text) {
        const std::int64_t length = lengths[static_cast<std::size_t>(text)];
        const at::Tensor parts = qkv[text].view({6, 3, 2, 4}).permute({1, 2, 0, 3});
        const std::int64_t slot = slots[static_cast<std::size_t>(text)];
        keys[slot].slice(1, 0, length).copy_(parts[1].slice(1, 0, length));
        values[slot].slice(1, 0, length).copy_(parts[2].slice(1, 0, length));
        fresh[text].copy_(qkv[text][length]);
    }
    const at::Tensor out = attend_on_device(fresh, keys, values, CachePlaces::of(slots, lengths, at::kCPU), how.scale);
    const at::Tensor whole = causal_attention(qkv, how);
    QVERIFY(golden::largest_difference(out[0], whole[0][5]) < 1e-6);
    QVERIFY(golden::largest_difference(out[1], whole[1][3]) < 1e-6);
}

void DeviceTest::a_micro_batch_and_a_model_go_to_the_device_together() {
    if (!golden::device().is_cuda()) QSKIP(no_card);
    const auto examples = golden::examples(golden::tensors("forward.safetensors"));
    const std::vector<std::size_t> rows = {0, 1, 2, 3};
    const MicroBatch here = make_micro_batch(examples, rows, 511);
    const MicroBatch there = on_device(here, golden::device());
    QVERIFY(there.input_ids.is_cuda() && at::equal(there.input_ids.cpu(), here.input_ids));
    QVERIFY(there.positions.is_cuda() && at::equal(there.positions.cpu(), here.positions));
    const Gpt2 model = golden::model();
    for (const auto& [name, parameter] : model.parameters()) QVERIFY2(parameter.is_cuda(), name.c_str());
    QVERIFY(model.head().is_same(model.token_embedding()));
}

void DeviceTest::training_on_the_device_gives_the_steps_of_the_processor_data() {
    QTest::addColumn<bool>("bf16");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("fp32") << false << 1e-4;
    QTest::newRow("bfloat16") << true << 0.02;
}

void DeviceTest::training_on_the_device_gives_the_steps_of_the_processor() {
    QFETCH(bool, bf16);
    QFETCH(double, tolerance);
    if (!golden::device().is_cuda()) QSKIP(no_card);
    const auto examples = golden::examples(golden::tensors("forward.safetensors"));
    const auto loss = *make_loss({});
    RunConfig config;
    config.bf16 = bf16;
    std::vector<std::vector<double>> losses;
    for (const at::Device device : {at::Device(at::kCPU), golden::device()}) {
        Gpt2 model = golden::model("tiny-gpt2", device);
        model.set_dropout(0.0);
        model.require_gradients(true);
        AdamW optimizer(model.parameters(), config);
        std::vector<double>& own = losses.emplace_back();
        for (std::int64_t step = 0; step < 10; ++step) {
            optimizer.zero_gradients();
            const auto value = accumulate_gradients(model, *loss, examples, {{0, 1}, {2, 3}}, config, {step, 0.0});
            QVERIFY(value.has_value());
            own.push_back(value->mean);
            const double norm = optimizer.gradient_norm();
            own.push_back(norm);
            optimizer.step(1e-3, norm);
        }
    }
    for (std::size_t i = 0; i < losses[0].size(); ++i)
        QVERIFY2(std::abs(losses[1][i] / losses[0][i] - 1.0) < tolerance, std::to_string(i).c_str());
}

#include "moc_DeviceTest.cpp"
