// Each sampling filter against transformers' logits processors.
#include "SamplingTest.h"

#include <ATen/ATen.h>

#include <QTest>
#include <functional>

#include "Golden.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/generation/LogitsProcessors.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

std::vector<float> floats(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.contiguous().view({-1});
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace

void SamplingTest::each_filter_leaves_the_probabilities_of_transformers_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"temperature_0.7", "top_k_40", "top_p_0.9", "min_p_0.1", "typical_0.9", "repetition_1.2"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void SamplingTest::each_filter_leaves_the_probabilities_of_transformers() {
    QFETCH(QString, name);
    const auto sampling = golden::tensors("sampling.safetensors");
    std::vector<float> logits = floats(sampling.at("logits"));
    std::vector<TokenId> history;
    const at::Tensor ids = sampling.at("history").view({-1});
    for (std::int64_t i = 0; i < ids.numel(); ++i) history.push_back(static_cast<TokenId>(ids[i].item<std::int64_t>()));
    const std::map<std::string, std::function<void()>> filters = {
        {"temperature_0.7", [&] { apply_temperature(logits, 0.7); }},
        {"top_k_40", [&] { apply_top_k(logits, 40); }},
        {"top_p_0.9", [&] { apply_top_p(logits, 0.9); }},
        {"min_p_0.1", [&] { apply_min_p(logits, 0.1); }},
        {"typical_0.9", [&] { apply_typical(logits, 0.9); }},
        {"repetition_1.2", [&] { apply_repetition_penalty(logits, history, 1.2); }}};
    filters.at(name.toStdString())();
    const auto ours = softmax(logits);
    const auto theirs = floats(sampling.at(name.toStdString()));
    QCOMPARE(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) QVERIFY(std::abs(ours[i] - theirs[i]) < 1e-5F);
}

void SamplingTest::draws_follow_the_probabilities() {
    const Gpt2 model = golden::model();
    const auto tokenizer = *Tokenizer::gpt2();
    GenerationRequest request;
    request.prompts.assign(600, {5, 6, 7});
    request.sampling.max_new_tokens = 1;
    request.sampling.do_sample = true;
    request.sampling.top_k = 2;
    request.top_k = 2;
    const auto texts = generate(model, *tokenizer, request);
    QVERIFY(texts.has_value());
    const auto& top = texts->front().top.front();
    const double share = top[0].probability / (top[0].probability + top[1].probability);
    double first = 0;
    for (const auto& text : *texts) {
        QVERIFY(text.ids[0] == top[0].id || text.ids[0] == top[1].id);
        if (text.ids[0] == top[0].id) ++first;
    }
    // Five standard deviations of a binomial.
    QVERIFY(std::abs(first / 600.0 - share) < 5.0 * std::sqrt(share * (1.0 - share) / 600.0) + 1e-9);
}

#include "moc_SamplingTest.cpp"
