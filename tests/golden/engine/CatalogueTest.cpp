#include "CatalogueTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

#include <QTest>
#include <algorithm>
#include <cmath>

#include "Golden.h"
#include "core/engine/loss/Catalogue.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/loss/MadeUpBatch.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

struct GoldenLoss {
    const char* golden;
    const char* entry;
    Json parameters;
};

std::vector<GoldenLoss> golden_losses() {
    const Json alone = {{"weight", 1.0}, {"cross_entropy", 0.0}};
    return {{"cross_entropy", "cross_entropy", Json::object()},
            {"label_smoothing_0.1", "label_smoothing", {{"smoothing", 0.1}}},
            {"focal_gamma2", "focal", {{"gamma", 2.0}}},
            {"entropy_bonus", "entropy_bonus", alone},
            {"z_loss", "z_loss", alone},
            {"kl_to_base", "kl_to_base", alone},
            {"expected_token_distance", "expected_distance", Json::object()}};
}

void add_rows() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const GoldenLoss& each : golden_losses()) QTest::newRow(each.golden) << index++;
}

std::unique_ptr<Loss> typed(const GoldenLoss& golden) {
    LossSpec spec;
    spec.name = golden.entry;
    spec.source = catalogue_entry(golden.entry)->source;
    spec.parameters = golden.parameters;
    auto loss = make_loss(spec, {512, 64, nullptr});
    if (!loss) qFatal("%s", loss.error().message.c_str());
    return *std::move(loss);
}

/// The golden batch with labels aligned.
LossInputs golden_rows() {
    const auto forward = golden::tensors("forward.safetensors");
    const auto losses = golden::tensors("losses.safetensors");
    LossInputs rows;
    rows.logits = forward.at("logits").slice(1, 0, -1).contiguous();
    rows.labels = forward.at("labels").slice(1, 1).contiguous();
    rows.base_logits = losses.at("base_logits").slice(1, 0, -1).contiguous();
    rows.input_ids = forward.at("input_ids").slice(1, 0, -1).contiguous();
    rows.attention_mask = forward.at("attention_mask").slice(1, 0, -1).contiguous();
    for (at::Tensor* tensor : {&rows.logits, &rows.labels, &rows.base_logits, &rows.input_ids, &rows.attention_mask})
        *tensor = tensor->to(golden::device());
    return rows;
}

}  // namespace

void CatalogueTest::the_typed_catalogue_gives_pytorchs_losses_and_gradients_data() {
    add_rows();
}

void CatalogueTest::the_typed_catalogue_gives_pytorchs_losses_and_gradients() {
    QFETCH(int, index);
    const GoldenLoss golden = golden_losses().at(static_cast<std::size_t>(index));
    const auto losses = golden::tensors("losses.safetensors");
    const auto loss = typed(golden);
    QVERIFY(loss->separable_by_token());
    LossInputs rows = golden_rows();
    const double weight = 1.0 / (rows.labels != ignore_index).sum().item<double>();
    const auto ours = loss->with_gradient(rows, weight);
    QVERIFY2(ours.has_value(), ours ? "" : ours.error().message.c_str());
    const std::string name = golden.golden;
    QVERIFY(std::abs(ours->sum * weight - losses.at(name + ".loss").item<double>()) < 1e-5);
    QVERIFY(golden::largest_difference(ours->at_logits, losses.at(name + ".grad_logits").slice(1, 0, -1)) < 1e-5);
}

void CatalogueTest::a_batch_in_micro_batches_has_the_loss_and_gradient_of_the_whole_data() {
    add_rows();
}

void CatalogueTest::a_batch_in_micro_batches_has_the_loss_and_gradient_of_the_whole() {
    QFETCH(int, index);
    const auto loss = typed(golden_losses().at(static_cast<std::size_t>(index)));
    const LossInputs rows = golden_rows();
    const double weight = 1.0 / (rows.labels != ignore_index).sum().item<double>();
    const auto whole = loss->with_gradient(rows, weight);
    QVERIFY(whole.has_value());
    for (const std::int64_t each : {2, 1}) {
        double sum = 0.0;
        std::vector<at::Tensor> gradients;
        for (std::int64_t begin = 0; begin < rows.labels.size(0); begin += each) {
            const auto part = loss->with_gradient(stretch(rows, begin, begin + each), weight);
            QVERIFY(part.has_value());
            sum += part->sum;
            gradients.push_back(part->at_logits);
        }
        QVERIFY(std::abs(sum - whole->sum) * weight < 1e-6 * std::max(1.0, std::abs(whole->sum) * weight));
        QVERIFY(golden::largest_difference(at::cat(gradients), whole->at_logits) < 1e-6);
    }
}

#include "moc_CatalogueTest.cpp"
