// Logits, hidden states, loss and every gradient against transformers.
#include "ForwardTest.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <torch/csrc/autograd/variable.h>

#include <QTest>

#include "Golden.h"
#include "core/engine/loss/HeadPass.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/training/KindLoss.h"
#include "core/engine/training/MicroBatch.h"
#include "core/engine/training/TrainingStep.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

at::Tensor attended(const golden::Tensors& forward, const at::Tensor& values) {
    return values.cpu().index({forward.at("attention_mask").to(at::kBool)});
}

std::unique_ptr<Loss> cross_entropy(const Json& parameters = Json::object()) {
    return std::move(*make_loss(LossSpec{"cross_entropy", parameters}));
}

struct Labelled {
    at::Tensor hidden, labels;
};

Labelled labelled_positions(const Gpt2& model, const golden::Tensors& forward) {
    const auto examples = golden::examples(forward);
    const std::vector<std::size_t> rows = {0, 1, 2, 3};
    const MicroBatch batch = on_device(make_micro_batch(examples, rows, 511), model.device());
    const at::Tensor hidden = model.hidden(batch.input_ids);
    return {hidden.reshape({-1, hidden.size(-1)}).index_select(0, batch.positions).detach(), batch.labels};
}

}  // namespace

void ForwardTest::logits_are_those_of_transformers_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("as saved") << QStringLiteral("tiny-gpt2") << 1e-4;
    QTest::newRow("names without transformer., old masks") << QStringLiteral("variants/bare-prefix-with-masks") << 1e-4;
    QTest::newRow("two shards") << QStringLiteral("variants/sharded") << 1e-4;
    QTest::newRow("pickle") << QStringLiteral("variants/pickle") << 1e-4;
}

void ForwardTest::logits_are_those_of_transformers() {
    QFETCH(QString, folder);
    QFETCH(double, tolerance);
    const auto forward = golden::tensors("forward.safetensors");
    const Gpt2 model = golden::model(folder.toStdString());
    const at::Tensor logits = model.logits(model.hidden(forward.at("input_ids")));
    QVERIFY(golden::largest_difference(attended(forward, logits), attended(forward, forward.at("logits"))) < tolerance);
}

void ForwardTest::hidden_states_and_attentions_are_those_of_transformers() {
    const auto forward = golden::tensors("forward.safetensors");
    const Gpt2 model = golden::model();
    std::vector<at::Tensor> hidden;
    std::vector<at::Tensor> attentions;
    ForwardOptions options;
    options.hidden_states = &hidden;
    options.attentions = &attentions;
    static_cast<void>(model.hidden(forward.at("input_ids"), options));
    QCOMPARE(hidden.size(), 4U);
    QCOMPARE(attentions.size(), 3U);
    for (std::size_t i = 0; i < hidden.size(); ++i)
        QVERIFY(golden::largest_difference(attended(forward, hidden[i]), attended(forward, forward.at("hidden." + std::to_string(i)))) <
                1e-4);
    // Queries that are padding attend as they please; those that are not must agree, on every key.
    for (std::size_t i = 0; i < attentions.size(); ++i) {
        const at::Tensor ours = attentions[i].permute({0, 2, 1, 3});
        const at::Tensor theirs = forward.at("attention." + std::to_string(i)).permute({0, 2, 1, 3});
        QVERIFY(golden::largest_difference(attended(forward, ours), attended(forward, theirs)) < 1e-5);
    }
}

void ForwardTest::loss_is_that_of_transformers() {
    const auto forward = golden::tensors("forward.safetensors");
    const Gpt2 model = golden::model();
    const auto loss = mean_loss(model, *cross_entropy(), golden::examples(forward), 4, false);
    QVERIFY(loss.has_value());
    QVERIFY(std::abs(loss->mean - forward.at("loss").item<double>()) < 1e-5);
}

void ForwardTest::every_gradient_is_that_of_transformers() {
    const auto forward = golden::tensors("forward.safetensors");
    Gpt2 model = golden::model();
    model.require_gradients(true);
    RunConfig config;
    const auto loss = accumulate_gradients(model, *cross_entropy(), golden::examples(forward), {{0, 1, 2, 3}}, config, {});
    QVERIFY(loss.has_value());
    for (const auto& [name, parameter] : model.parameters()) {
        QVERIFY2(parameter.grad().defined(), name.c_str());
        const double difference = golden::relative_difference(parameter.grad(), forward.at("grad." + name));
        QVERIFY2(difference < 1e-4, (name + " differs by " + std::to_string(difference)).c_str());
    }
}

void ForwardTest::the_head_in_chunks_gives_the_same_gradient_as_whole() {
    const auto forward = golden::tensors("forward.safetensors");
    Gpt2 model = golden::model();
    const Labelled at = labelled_positions(model, forward);
    model.require_gradients(true);
    HeadOptions options;
    options.weight = 1.0 / static_cast<double>(at.labels.numel());
    options.chunk = 7;
    const auto chunked = head_pass(model, *cross_entropy(), {at.hidden, at.labels}, options);
    const at::Tensor head_gradient = model.head().grad().clone();
    model.head().mutable_grad().zero_();
    options.chunk = 1000;
    const auto whole = head_pass(model, *cross_entropy(), {at.hidden, at.labels}, options);
    QVERIFY(chunked && whole);
    QVERIFY(std::abs(chunked->loss_sum - whole->loss_sum) < 1e-3);
    // Seven rows are too few for tiles: in "high", the whole is multiplied in 16 bits of each number, and the chunks in all of them.
    const bool all_bits = at::globalContext().float32MatmulPrecision() == at::Float32MatmulPrecision::HIGHEST;
    QVERIFY(golden::relative_difference(chunked->hidden_gradient, whole->hidden_gradient) < (all_bits ? 1e-6 : 1e-5));
    QVERIFY(golden::relative_difference(head_gradient, model.head().grad()) < 1e-5);
}

void ForwardTest::a_part_of_the_vocabulary_that_is_all_of_it_gives_the_same_loss() {
    const auto forward = golden::tensors("forward.safetensors");
    Gpt2 model = golden::model();
    const Labelled at = labelled_positions(model, forward);
    model.require_gradients(true);
    HeadOptions options;
    const auto whole = head_pass(model, *cross_entropy(), {at.hidden, at.labels}, options);
    const at::Tensor gradient = model.head().grad().clone();
    model.head().mutable_grad().zero_();
    options.vocabulary_sample = 512;
    const auto sampled = head_pass(model, *cross_entropy(), {at.hidden, at.labels}, options);
    QVERIFY(whole && sampled);
    QVERIFY(std::abs(whole->loss_sum - sampled->loss_sum) < 1e-3);
    QVERIFY(golden::relative_difference(model.head().grad(), gradient) < 1e-5);

    // Fewer: the estimate is near, on average over draws.
    options.vocabulary_sample = 128;
    double mean = 0.0;
    for (std::uint64_t draw = 0; draw < 64; ++draw) {
        options.sample_seed = draw;
        mean += head_pass(model, *cross_entropy(), {at.hidden, at.labels}, options)->loss_sum / 64.0;
    }
    QVERIFY(std::abs(mean / whole->loss_sum - 1.0) < 0.02);
}

void ForwardTest::label_smoothing_is_that_of_pytorch() {
    const auto losses = golden::tensors("losses.safetensors");
    const auto forward = golden::tensors("forward.safetensors");
    for (const auto& [name, parameters] :
         {std::pair{"cross_entropy", Json::object()}, std::pair{"label_smoothing_0.1", Json{{"label_smoothing", 0.1}}}}) {
        const auto loss = cross_entropy(parameters);
        const at::Tensor mask = forward.at("labels").slice(1, 1) != -100;
        const at::Tensor logits = forward.at("logits").slice(1, 0, -1).index({mask}).contiguous();
        const at::Tensor labels = forward.at("labels").slice(1, 1).index({mask});
        const double weight = 1.0 / static_cast<double>(labels.numel());
        const auto ours = loss->with_gradient({logits, labels}, weight);
        QVERIFY(ours.has_value());
        QVERIFY(std::abs(ours->sum * weight - losses.at(std::string(name) + ".loss").item<double>()) < 1e-5);
        const at::Tensor theirs = losses.at(std::string(name) + ".grad_logits").slice(1, 0, -1).index({mask});
        QVERIFY(golden::largest_difference(ours->at_logits, theirs) < 1e-5);
    }
}

void ForwardTest::the_loss_of_a_kind_of_token_is_that_of_transformers_logits() {
    const auto forward = golden::tensors("forward.safetensors");
    auto examples = golden::examples(forward);
    double sums[5] = {};
    std::int64_t counts[5] = {};
    for (std::size_t row = 0; row < examples.size(); ++row) {
        Example& example = examples[row];
        example.prompt_tokens = 2;
        example.ended = true;
        const auto logits = forward.at("logits")[static_cast<std::int64_t>(row)];
        const std::size_t real = example.input_ids.size();
        for (std::size_t t = 1; t < real; ++t) {
            const auto log_probs = at::log_softmax(logits[static_cast<std::int64_t>(t) - 1].to(at::kDouble), -1);
            const auto kind = static_cast<std::size_t>(t < 2 ? TokenKind::Prompt : t + 1 == real ? TokenKind::End : TokenKind::Completion);
            sums[kind] -= log_probs[example.input_ids[t]].item<double>();
            ++counts[kind];
        }
    }
    const auto kinds = loss_by_kind(golden::model(), examples);
    QVERIFY(kinds.has_value());
    QCOMPARE(kinds->size(), std::size_t{3});
    for (const KindLoss& kind : *kinds) {
        const auto at_kind = static_cast<std::size_t>(kind.kind);
        QCOMPARE(kind.tokens, counts[at_kind]);
        QVERIFY(std::abs(kind.mean - sums[at_kind] / static_cast<double>(counts[at_kind])) < 1e-4);
    }
}

void ForwardTest::bfloat16_stays_near_float32() {
    const auto forward = golden::tensors("forward.safetensors");
    const Gpt2 model = golden::model();
    const auto loss = mean_loss(model, *cross_entropy(), golden::examples(forward), 4, true);
    QVERIFY(loss.has_value());
    QVERIFY(std::abs(loss->mean / forward.at("loss").item<double>() - 1.0) < 0.01);
    for (const char* folder : {"variants/half", "variants/bfloat16"}) {
        const Gpt2 rounded = golden::model(folder);
        const at::Tensor logits = rounded.logits(rounded.hidden(forward.at("input_ids")));
        QVERIFY(golden::relative_difference(attended(forward, logits), attended(forward, forward.at("logits"))) < 0.02);
    }
}

#include "moc_ForwardTest.cpp"
