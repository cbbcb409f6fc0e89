// What inspection says of a text against transformers and PyTorch (tests/data/inspection).
#include "InspectionTest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>
#include <cmath>

#include "Golden.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/inspection/AttentionMaps.h"
#include "core/engine/inspection/Attribution.h"
#include "core/engine/inspection/Difference.h"
#include "core/engine/inspection/Inspect.h"
#include "core/engine/inspection/LogitLens.h"
#include "core/engine/inspection/Odds.h"
#include "core/engine/inspection/PlaceDistribution.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const golden::Tensors& expected() {
    static const golden::Tensors all = golden::tensors("../inspection/expected.safetensors");
    return all;
}

double number(const std::string& name, std::int64_t at = 0) {
    return expected().at(name).view(-1)[at].item<double>();
}

std::vector<TokenId> ids() {
    const at::Tensor given = expected().at("ids");
    return {given.data_ptr<std::int64_t>(), given.data_ptr<std::int64_t>() + given.numel()};
}

std::shared_ptr<const Tokenizer> gpt2_words() {
    return *Tokenizer::gpt2();
}

/// The tiny model after ten steps of training, as the golden files have it.
Gpt2 tuned_model() {
    Checkpoint checkpoint = golden::model().to_checkpoint();
    for (const auto& [name, tensor] : golden::tensors("train-final.safetensors")) checkpoint.tensors[name] = tensor;
    return Gpt2::from_checkpoint(checkpoint);
}

ModelPair golden_pair() {
    return {golden::model(), tuned_model(), gpt2_words()};
}

bool near(double ours, double theirs, double tolerance = 1e-4) {
    return std::abs(ours - theirs) < tolerance;
}

bool near_relatively(double ours, double theirs) {
    return std::abs(ours / theirs - 1.0) < 1e-4;
}

/// Token t of a text was predicted at t - 1, which is where the expected values count from.
void compare_prediction(const std::string& prefix, std::int64_t at, const Prediction& ours) {
    QVERIFY(near(ours.log_probability, number(prefix + ".log_probability", at)));
    QVERIFY(near_relatively(ours.probability, std::exp(number(prefix + ".log_probability", at))));
    QVERIFY(near(ours.entropy, number(prefix + ".entropy", at)));
    QCOMPARE(static_cast<double>(ours.rank), number(prefix + ".rank", at));
}

void compare_top(const std::string& prefix, std::int64_t position, const std::vector<Alternative>& ours) {
    for (std::size_t i = 0; i < ours.size(); ++i)
        QCOMPARE(static_cast<double>(ours[i].id), number(prefix + ".top", position * 5 + static_cast<std::int64_t>(i)));
}

SamplingConfig sampling_with_every_filter() {
    SamplingConfig sampling;
    sampling.do_sample = true;
    sampling.repetition_penalty = 1.3;
    sampling.no_repeat_ngram_size = 1;
    sampling.temperature = 0.8;
    sampling.top_k = 60;
    sampling.top_p = 0.95;
    sampling.min_p = 0.4;
    sampling.typical_p = 0.9;
    return sampling;
}

}  // namespace

void InspectionTest::tokens_have_the_probabilities_ranks_and_entropies_of_transformers() {
    const auto inspection = inspect(golden::model(), ids(), 5);
    QVERIFY(inspection.has_value());
    QCOMPARE(inspection->tokens.size(), ids().size());
    QVERIFY(!inspection->tokens.front().prediction);
    for (std::size_t t = 1; t < ids().size(); ++t) {
        const auto at = static_cast<std::int64_t>(t) - 1;
        compare_prediction("base", at, *inspection->tokens[t].prediction);
        compare_top("base", at, inspection->tokens[t].prediction->top);
    }
    compare_top("base", static_cast<std::int64_t>(ids().size()) - 1, inspection->next);
}

void InspectionTest::the_lens_shows_every_layer_as_transformers_does() {
    const auto layers = logit_lens(golden::model(), ids(), 5);
    QVERIFY(layers.has_value());
    QCOMPARE(layers->size(), std::size_t{4});
    QCOMPARE(layers->front().name, std::string("embeddings"));
    QCOMPARE(layers->back().name, std::string("block 3"));
    for (std::size_t layer = 0; layer < layers->size(); ++layer) {
        const std::string prefix = "lens." + std::to_string(layer);
        for (std::size_t t = 0; t < ids().size(); ++t) {
            const LensToken& token = (*layers)[layer].tokens[t];
            const auto at = static_cast<std::int64_t>(t);
            compare_top(prefix, at, token.top);
            QCOMPARE(token.probability.has_value(), t + 1 < ids().size());
            if (!token.probability) continue;
            QVERIFY(near_relatively(*token.probability, std::exp(number(prefix + ".log_probability", at))));
            QVERIFY(near(token.entropy, number(prefix + ".entropy", at)));
            QCOMPARE(static_cast<double>(*token.rank), number(prefix + ".rank", at));
        }
    }
}

void InspectionTest::the_last_layer_of_the_lens_is_the_models_own_output() {
    const auto layers = logit_lens(golden::model(), ids(), 1);
    const auto inspection = inspect(golden::model(), ids(), 1);
    QVERIFY(layers && inspection);
    for (std::size_t t = 1; t < ids().size(); ++t)
        QCOMPARE(*layers->back().tokens[t - 1].probability, inspection->tokens[t].prediction->probability);
}

void InspectionTest::attentions_are_those_of_transformers() {
    const Gpt2 model = golden::model();
    for (std::int64_t layer = 0; layer < 3; ++layer) {
        const auto maps = attention_maps(model, ids(), layer);
        QVERIFY(maps.has_value());
        const at::Tensor& theirs = expected().at("attention." + std::to_string(layer));
        QVERIFY(golden::largest_difference(*maps, theirs) < 1e-5);
        QVERIFY(golden::largest_difference(maps->sum(-1), at::ones({4, 31})) < 1e-5);
        const auto one = attention_maps(model, ids(), layer, 2);
        QVERIFY(one.has_value());
        QVERIFY(at::equal((*one)[0], (*maps)[2]));
    }
}

void InspectionTest::attributions_are_those_of_pytorch_data() {
    QTest::addColumn<int>("place");
    QTest::addColumn<QString>("method");
    for (const int place : {1, 7, 30})
        for (const char* method : {"gradient_x_input", "integrated_gradients"})
            QTest::addRow("%s at %d", method, place) << place << QString::fromLatin1(method);
}

void InspectionTest::attributions_are_those_of_pytorch() {
    QFETCH(int, place);
    QFETCH(QString, method);
    const auto attribution = attribute_loss(golden::model(), ids(), {place, *attribution_method_named(method.toStdString())});
    QVERIFY(attribution.has_value());
    const std::string prefix = "attribution." + std::to_string(place) + ".";
    QCOMPARE(attribution->scores.size(), static_cast<std::size_t>(place));
    QVERIFY(near(attribution->loss, number(prefix + "loss")));
    double sum = 0.0;
    for (std::int64_t t = 0; t < place; ++t) {
        sum += attribution->scores[static_cast<std::size_t>(t)];
        QVERIFY(near(attribution->scores[static_cast<std::size_t>(t)], number(prefix + method.toStdString(), t)));
    }
    if (attribution->method == AttributionMethod::GradientTimesInput) return;
    QVERIFY(near(*attribution->baseline_loss, number(prefix + "baseline_loss")));
    QVERIFY(near(*attribution->completeness_gap, sum - (attribution->loss - *attribution->baseline_loss)));
}

void InspectionTest::attributing_leaves_no_gradient_on_the_weights() {
    const Gpt2 model = golden::model();
    QVERIFY(attribute_loss(model, ids(), {7, AttributionMethod::IntegratedGradients}).has_value());
    for (const auto& [name, parameter] : model.parameters()) QVERIFY2(!parameter.grad().defined(), name.c_str());
}

void InspectionTest::another_token_at_the_place_may_be_the_target() {
    const Gpt2 model = golden::model();
    const auto inspection = inspect(model, ids(), 1);
    const auto last = static_cast<std::int64_t>(ids().size());
    const auto next = attribute_loss(model, ids(), {last});
    QVERIFY(inspection && next);
    QCOMPARE(next->target, inspection->next.front().id);
    QVERIFY(near(next->loss, -std::log(inspection->next.front().probability)));
    AttributionRequest request{last};
    request.target = 17;
    const auto other = attribute_loss(model, ids(), request);
    QVERIFY(other.has_value());
    QCOMPARE(other->target, 17);
    QVERIFY(other->loss > next->loss);
}

void InspectionTest::more_steps_close_the_gap_of_integrated_gradients() {
    AttributionRequest request{30, AttributionMethod::IntegratedGradients, 2};
    const auto few = attribute_loss(golden::model(), ids(), request);
    request.steps = 256;
    const auto many = attribute_loss(golden::model(), ids(), request);
    QVERIFY(few && many);
    QVERIFY(std::abs(*many->completeness_gap) < 1e-3);
    QVERIFY(std::abs(*many->completeness_gap) < std::abs(*few->completeness_gap));
}

void InspectionTest::two_models_differ_as_transformers_says() {
    const auto difference = inspect_difference(golden_pair(), ids(), 5);
    QVERIFY(difference.has_value());
    QVERIFY(!difference->tokens.front().base && !difference->tokens.front().tuned);
    for (std::size_t t = 1; t < ids().size(); ++t) {
        const auto at = static_cast<std::int64_t>(t) - 1;
        const TokenDifference& token = difference->tokens[t];
        compare_prediction("base", at, *token.base);
        compare_prediction("tuned", at, *token.tuned);
        compare_top("tuned", at, token.tuned->top);
        QVERIFY(near(token.divergence, number("divergence", at), 1e-5));
    }
    QVERIFY(near(difference->next_divergence, number("divergence", 30), 1e-5));
    compare_top("tuned", 30, difference->next_of_tuned);
}

void InspectionTest::a_model_does_not_differ_from_itself() {
    const auto difference = inspect_difference({golden::model(), golden::model(), gpt2_words()}, ids(), 1);
    QVERIFY(difference.has_value());
    for (const TokenDifference& token : difference->tokens) QCOMPARE(token.divergence, 0.0);
}

void InspectionTest::tokens_that_a_run_added_are_added_to_its_base_too() {
    const std::vector<std::string> added = {"<|problem|>", "<|solution|>"};
    Checkpoint grown = golden::model().to_checkpoint();
    QVERIFY(grow_vocabulary(grown, 514).has_value());
    const LoadedModel base{golden::model(), gpt2_words(), {}};
    const LoadedModel tuned{Gpt2::from_checkpoint(grown), gpt2_words()->with_added_tokens(added), {}};
    std::vector<TokenId> text = ids();
    text[4] = 513;
    for (const auto& pair : {pair_up(base, tuned), pair_up(tuned, base)}) {
        QVERIFY(pair.has_value());
        QCOMPARE(pair->tokenizer->size(), gpt2_words()->size() + 2);
        const auto difference = inspect_difference(*pair, text, 1);
        QVERIFY(difference.has_value());
        for (const TokenDifference& token : difference->tokens) QCOMPARE(token.divergence, 0.0);
    }
    QCOMPARE(base.model.config().vocab_size, std::int64_t{512});
}

void InspectionTest::models_of_different_vocabularies_are_not_compared() {
    const LoadedModel one{golden::model(), gpt2_words()->with_added_tokens(std::vector<std::string>{"<|problem|>"}), {}};
    const LoadedModel other{golden::model(), gpt2_words()->with_added_tokens(std::vector<std::string>{"<|question|>"}), {}};
    const auto pair = pair_up(one, other);
    QVERIFY(!pair && pair.error().kind == ErrorKind::BadInput);
    QVERIFY(pair.error().message.find("<|question|>") != std::string::npos);
}

void InspectionTest::each_filter_leaves_what_transformers_leaves() {
    PlaceRequest request{30, 512, sampling_with_every_filter(), {}};
    const auto place = inspect_place(golden::model(), *gpt2_words(), ids(), request);
    QVERIFY(place.has_value());
    const std::vector<std::string> names = {"repetition_penalty", "no_repeat_ngram_size", "temperature", "top_k", "top_p", "min_p",
                                            "typical_p"};
    QCOMPARE(place->filters.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        QCOMPARE(place->filters[i].name, names[i]);
        QCOMPARE(static_cast<double>(place->filters[i].kept), number("filters.kept", static_cast<std::int64_t>(i)));
        QVERIFY(near(place->filters[i].mass, number("filters.mass", static_cast<std::int64_t>(i)), 1e-5));
    }
    QCOMPARE(place->top.size(), std::size_t{512});
    for (const PlacedToken& token : place->top) QVERIFY(near(token.after, number("filters.after", token.id), 1e-5));
    QVERIFY(near(place->entropy, number("base.entropy", 29)));
    QVERIFY(near(place->log_sum_exp, place->top.front().logit - place->top.front().log_probability));
    QCOMPARE(place->largest_logit, place->top.front().logit);
    QCOMPARE(place->least_logit, place->top.back().logit);
}

void InspectionTest::what_remains_after_the_filters_is_what_generation_draws_from() {
    const Gpt2 model = golden::model();
    const auto words = gpt2_words();
    const auto text = ids();
    PlaceRequest request{static_cast<std::int64_t>(text.size()), 512, sampling_with_every_filter(), {}};
    request.sampling->top_k = 4;
    const auto place = inspect_place(model, *words, text, request);
    QVERIFY(place.has_value());
    GenerationRequest generation;
    generation.prompts.assign(400, text);
    generation.sampling = *request.sampling;
    generation.sampling.max_new_tokens = 1;
    const auto texts = generate(model, *words, generation);
    QVERIFY(texts.has_value());
    std::map<TokenId, int> drawn;
    for (const GeneratedText& one : *texts) ++drawn[one.ids.front()];
    for (const PlacedToken& token : place->top) {
        const double share = static_cast<double>(drawn[token.id]) / 400.0;
        // Five standard deviations of a binomial; what a filter hides is never drawn.
        QVERIFY(std::abs(share - token.after) <= 5.0 * std::sqrt(token.after * (1.0 - token.after) / 400.0));
    }
}

void InspectionTest::without_sampling_the_most_probable_alone_remains() {
    PlaceRequest request{30, 5, SamplingConfig{}, {}};
    request.sampling->temperature = 0.5;
    const auto place = inspect_place(golden::model(), *gpt2_words(), ids(), request);
    QVERIFY(place.has_value());
    QCOMPARE(place->filters.size(), std::size_t{1});
    QCOMPARE(place->filters.front().name, std::string("greedy"));
    QCOMPARE(place->top[0].after, 1.0);
    QCOMPARE(place->top[1].after, 0.0);
    request.sampling.reset();
    const auto plain = inspect_place(golden::model(), *gpt2_words(), ids(), request);
    QVERIFY(plain && plain->filters.empty());
    QCOMPARE(plain->top[1].after, plain->top[1].probability);
}

void InspectionTest::odds_are_of_the_mean_probability_over_the_labelled_places() {
    Example example;
    example.input_ids = ids();
    example.labels.assign(example.input_ids.begin(), example.input_ids.end());
    // The golden means are over all positions, so the last one needs a token after it.
    example.input_ids.push_back(3);
    example.labels.push_back(3);
    const auto odds = changed_odds(golden_pair(), {example}, {512, 0.0});
    QVERIFY(odds.has_value());
    QCOMPARE(odds->rows, std::int64_t{1});
    QCOMPARE(odds->places, std::int64_t{31});
    QCOMPARE(odds->risen.size() + odds->fallen.size(), std::size_t{512});
    double before = std::numeric_limits<double>::infinity();
    for (const TokenOdds& token : odds->risen) {
        const double base = number("mean.base", token.id);
        const double tuned = number("mean.tuned", token.id);
        QVERIFY(near(token.base_log_probability, std::log(base)));
        QVERIFY(near(token.tuned_log_probability, std::log(tuned)));
        QVERIFY(near(token.change, std::log(tuned / (1 - tuned)) - std::log(base / (1 - base))));
        QVERIFY(token.change > 0.0 && token.change <= before);
        before = token.change;
        QCOMPARE(token.count, std::count(example.labels.begin() + 1, example.labels.end(), token.id));
    }
    for (const TokenOdds& token : odds->fallen) QVERIFY(token.change < 0.0);
    const auto frequent = changed_odds(golden_pair(), {example, example}, {3, 0.004});
    QVERIFY(frequent && frequent->risen.size() == 3 && frequent->rows == 2);
    for (const TokenOdds& token : frequent->risen)
        QVERIFY(std::max(token.base_log_probability, token.tuned_log_probability) >= std::log(0.004));
}

void InspectionTest::odds_end_when_they_are_cancelled() {
    Example example;
    example.input_ids = ids();
    example.labels.assign(example.input_ids.begin(), example.input_ids.end());
    const CancellationToken cancelled;
    std::int64_t done = 0;
    const auto odds = changed_odds(
        golden_pair(), std::vector<Example>(40, example), {},
        [&](const Progress& progress) {
            done = progress.done;
            cancelled.cancel();
        },
        cancelled);
    QVERIFY(!odds && odds.error().kind == ErrorKind::Cancelled);
    QVERIFY(done > 0 && done < 40);
    const auto unlabelled = changed_odds(golden_pair(), {Example{ids(), std::vector<std::int64_t>(31, ignore_index)}}, {});
    QVERIFY(!unlabelled && unlabelled.error().kind == ErrorKind::BadInput);
}

void InspectionTest::texts_and_places_that_make_no_sense_are_refused() {
    const Gpt2 model = golden::model();
    const auto words = gpt2_words();
    const auto refused = [](const auto& result) { return !result.has_value() && result.error().kind == ErrorKind::BadInput; };
    QVERIFY(refused(inspect(model, {}, 5)));
    QVERIFY(refused(inspect(model, std::vector<TokenId>(129, 1), 5)));
    QVERIFY(refused(inspect(model, {1, 512}, 5)));
    QVERIFY(refused(inspect(model, {-1}, 5)));
    for (const std::int64_t place : {-1, 0, 32}) {
        QVERIFY(refused(inspect_place(model, *words, ids(), {place, 5, {}, {}})));
        QVERIFY(refused(attribute_loss(model, ids(), {place})));
    }
    QVERIFY(inspect_place(model, *words, ids(), {31, 5, {}, {}}).has_value());
    SamplingConfig frozen;
    frozen.temperature = 0.0;
    QVERIFY(refused(inspect_place(model, *words, ids(), {3, 5, frozen, {}})));
    QVERIFY(refused(attention_maps(model, ids(), 3)));
    QVERIFY(refused(attention_maps(model, ids(), -1)));
    QVERIFY(refused(attention_maps(model, ids(), 0, 4)));
    AttributionRequest outside{3};
    outside.target = 512;
    QVERIFY(refused(attribute_loss(model, ids(), outside)));
    const CancellationToken cancelled;
    cancelled.cancel();
    QVERIFY(logit_lens(model, ids(), 1, cancelled).error().kind == ErrorKind::Cancelled);
}

void InspectionTest::logits_that_are_no_numbers_are_told() {
    const Gpt2 model = golden::model();
    model.final_norm_bias().fill_(std::numeric_limits<float>::quiet_NaN());
    QVERIFY(inspect(model, ids(), 1).error().kind == ErrorKind::NotFinite);
    QVERIFY(attribute_loss(model, ids(), {3}).error().kind == ErrorKind::NotFinite);
}

#include "moc_InspectionTest.cpp"
