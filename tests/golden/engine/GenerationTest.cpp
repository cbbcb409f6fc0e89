// Generated tokens against transformers' generate().
#include "GenerationTest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTest>

#include "Golden.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/generation/KeyValueCache.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

std::shared_ptr<const Tokenizer> tokenizer() {
    return *Tokenizer::gpt2();
}

using Ids = std::vector<std::vector<TokenId>>;

GenerationRequest request_for(const Ids& prompts) {
    GenerationRequest request;
    request.prompts = prompts;
    request.sampling.max_new_tokens = 24;
    return request;
}

Ids ids_of(const std::vector<GeneratedText>& texts) {
    Ids ids;
    for (const auto& text : texts) ids.push_back(text.ids);
    return ids;
}

/// transformers fills rows that ended with the padding id.
Ids without_padding(Ids ids) {
    for (auto& row : ids)
        while (!row.empty() && row.back() == 511) row.pop_back();
    return ids;
}

}  // namespace

void GenerationTest::tokens_are_those_of_transformers_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("setting");
    QTest::newRow("greedy") << QStringLiteral("greedy") << QStringLiteral("{}");
    QTest::newRow("repetition penalty") << QStringLiteral("repetition_penalty_1.3") << QStringLiteral("{\"repetition_penalty\": 1.3}");
    QTest::newRow("no bigram twice") << QStringLiteral("no_repeat_ngram_2") << QStringLiteral("{\"no_repeat_ngram_size\": 2}");
    QTest::newRow("four beams") << QStringLiteral("beam_4") << QStringLiteral("{\"num_beams\": 4}");
}

void GenerationTest::tokens_are_those_of_transformers() {
    QFETCH(QString, name);
    QFETCH(QString, setting);
    const Json golden_ids = golden::json("generation.json");
    GenerationRequest request = request_for(golden_ids.at("prompt").get<Ids>());
    Json settings = request.sampling;
    settings.update(Json::parse(setting.toStdString()));
    request.sampling = *sampling_config_from_json(settings);
    const auto texts = generate(golden::model(), *tokenizer(), request);
    QVERIFY(texts.has_value());
    QCOMPARE(ids_of(*texts), without_padding(golden_ids.at(name.toStdString()).get<Ids>()));
}

void GenerationTest::prompts_of_different_lengths_in_one_batch_give_the_tokens_of_transformers() {
    const Json golden_ids = golden::json("generation.json");
    Ids prompts = golden_ids.at("left_padded_prompt").get<Ids>();
    for (auto& prompt : prompts) std::erase(prompt, 511);
    const auto texts = generate(golden::model(), *tokenizer(), request_for(prompts));
    QVERIFY(texts.has_value());
    QCOMPARE(ids_of(*texts), without_padding(golden_ids.at("left_padded_greedy").get<Ids>()));
}

void GenerationTest::a_text_does_not_depend_on_its_neighbours() {
    const Gpt2 model = golden::model();
    GenerationRequest request = request_for({{1, 2, 3}, {4, 5, 6, 7, 8}, {9}});
    request.sampling.do_sample = true;
    request.sampling.seed = 7;
    const auto together = generate(model, *tokenizer(), request);
    QVERIFY(together.has_value());
    GenerationRequest alone = request;
    alone.prompts = {request.prompts[0]};
    const auto first = generate(model, *tokenizer(), alone);
    QVERIFY(first.has_value());
    QCOMPARE((*first)[0].ids, (*together)[0].ids);
    QVERIFY((*together)[0].ids != (*together)[2].ids);
}

void GenerationTest::probabilities_are_those_of_the_whole_forward_pass() {
    const Gpt2 model = golden::model();
    GenerationRequest request = request_for({{17, 4, 99}});
    request.top_k = 3;
    const auto texts = generate(model, *tokenizer(), request);
    QVERIFY(texts.has_value());
    const GeneratedText& text = texts->front();
    std::vector<std::int64_t> ids = {17, 4, 99};
    ids.insert(ids.end(), text.ids.begin(), text.ids.end());
    const at::NoGradGuard no_graph;
    const at::Tensor probabilities = at::softmax(model.logits(model.hidden(at::tensor(ids, at::kLong).unsqueeze(0))).cpu(), -1)[0];
    for (std::size_t i = 0; i < text.ids.size(); ++i) {
        const double whole = probabilities[static_cast<std::int64_t>(i) + 2][text.ids[i]].item<double>();
        QVERIFY(std::abs(text.probabilities[i] - whole) < 1e-5);
        QCOMPARE(text.top[i].size(), 3U);
        QCOMPARE(text.top[i][0].id, text.ids[i]);  // greedy: the chosen one is the most probable
    }
}

void GenerationTest::fewer_bits_move_probabilities_no_further_than_said_data() {
    QTest::addColumn<QString>("precision");
    QTest::addColumn<double>("distance");  // half the sum of a distribution's differences, the worst of all steps
    QTest::newRow("bf16") << QStringLiteral("bf16") << 0.02;
    QTest::newRow("int8") << QStringLiteral("int8") << 0.04;
}

void GenerationTest::fewer_bits_move_probabilities_no_further_than_said() {
    QFETCH(QString, precision);
    QFETCH(double, distance);
    const at::NoGradGuard no_graph;
    const Gpt2 model = golden::model();
    const Ids prompts = {{17, 4, 99}, {4, 5, 6, 7, 8, 9, 10}, {9}, {170, 188}, {99, 3, 40, 41}};
    const std::vector<std::vector<TokenId>> steps = {{1, 2, 3, 4, 5}, {200, 30, 11, 7, 400}, {9, 8, 7, 6, 5}};
    double worst = 0.0;
    for (const std::size_t texts : {std::size_t{1}, prompts.size()}) {  // for few texts and for many the products are computed differently
        const auto probabilities = [&](const char* name) {
            const StepWeights weights(model, precision_named(name));
            KeyValueCache cache(weights, static_cast<std::int64_t>(texts), 16);
            std::vector<at::Tensor> all = {cache.read_prompts(std::span(prompts).first(texts))};
            for (const auto& tokens : steps) all.push_back(cache.step(std::span(tokens).first(texts)));
            return at::softmax(at::cat(all), -1);
        };
        const at::Tensor whole = probabilities("fp32");
        const at::Tensor fewer = probabilities(precision.toUtf8().constData());
        worst = std::max(worst, (whole - fewer).abs().sum(-1).max().item<double>() / 2.0);
    }
    QVERIFY2(worst < distance, qPrintable(QString::number(worst)));
    QVERIFY2(worst > 1e-5, "the same numbers came out, so that the precision was not used");
}

void GenerationTest::a_stop_string_is_cut_off_and_never_told() {
    const Gpt2 model = golden::model();
    const auto words = tokenizer();
    GenerationRequest request = request_for({{170, 188, 474}});
    const auto whole = generate(model, *words, request);
    QVERIFY(whole.has_value());
    QVERIFY(whole->front().text.size() > 8);
    request.sampling.stop_strings = {whole->front().text.substr(4, 3)};
    std::string told;
    const auto cut = generate(model, *words, request, [&told](const TokenNews& news) { told += news.text; });
    QVERIFY(cut.has_value());
    const std::string expected = whole->front().text.substr(0, whole->front().text.find(request.sampling.stop_strings[0]));
    QCOMPARE(cut->front().text, expected);
    QCOMPARE(told, expected);
    QCOMPARE(cut->front().stopped_by, std::string("stop_string"));
}

void GenerationTest::texts_that_end_early_leave_the_others_as_they_were() {
    const Gpt2 model = golden::model();
    const auto words = tokenizer();
    // Of different lengths, the longest in the middle, so that they lie in the cache in another order than they came.
    GenerationRequest request = request_for({{170, 188}, {4, 5, 6, 7, 8, 9, 10}, {9}, {99, 3, 40, 41}});
    request.sampling.repetition_penalty = 1.3;
    const auto whole = generate(model, *words, request);
    QVERIFY(whole.has_value());
    request.sampling.stop_strings = {(*whole)[2].text.substr(3, 3), (*whole)[1].text.substr(12, 3)};
    const auto together = generate(model, *words, request);
    QVERIFY(together.has_value());
    std::set<std::size_t> lengths;
    for (std::size_t i = 0; i < request.prompts.size(); ++i) {
        GenerationRequest alone = request;
        alone.prompts = {request.prompts[i]};
        const auto text = generate(model, *words, alone);
        QVERIFY(text.has_value());
        QCOMPARE((*together)[i].ids, (*text)[0].ids);
        lengths.insert((*together)[i].ids.size());
    }
    QVERIFY(lengths.size() > 1);
}

void GenerationTest::more_texts_than_places_are_those_of_each_alone() {
    const Gpt2 model = golden::model();
    GenerationRequest request = request_for({});
    for (int i = 0; i < 150; ++i) request.prompts.emplace_back(static_cast<std::size_t>(1 + i % 5), (i * 37 + 11) % 500);
    request.sampling.do_sample = true;
    request.sampling.max_new_tokens = 6;
    request.sampling.stop_strings = {"a", "e"};  // so that texts end at different steps and others take their places
    request.each_alone = true;
    const auto words = tokenizer();
    const auto together = generate(model, *words, request);
    QVERIFY(together.has_value());
    QCOMPARE(together->size(), request.prompts.size());
    std::set<std::size_t> lengths;
    for (const std::size_t i : {0U, 7U, 99U, 127U, 128U, 140U, 149U}) {
        GenerationRequest alone = request;
        alone.prompts = {request.prompts[i]};
        const auto text = generate(model, *words, alone);
        QVERIFY(text.has_value());
        QCOMPARE((*together)[i].ids, text->front().ids);
        lengths.insert(text->front().ids.size());
    }
    QVERIFY(lengths.size() > 1);
}

void GenerationTest::what_prompts_share_is_read_once_and_changes_nothing() {
    const Gpt2 model = golden::model();
    const std::vector<TokenId> shared = {5, 99, 230, 17, 4, 301, 77, 8, 9, 10, 11};
    GenerationRequest request = request_for({});
    for (const std::vector<TokenId>& own : Ids{{1}, {2, 3, 4, 5}, {6, 7}, {2, 3, 4, 5}}) {
        request.prompts.push_back(shared);
        request.prompts.back().insert(request.prompts.back().end(), own.begin(), own.end());
    }
    request.sampling.repetition_penalty = 1.3;
    const auto words = tokenizer();
    const auto together = generate(model, *words, request);
    QVERIFY(together.has_value());
    for (std::size_t i = 0; i < request.prompts.size(); ++i) {
        GenerationRequest alone = request;
        alone.prompts = {request.prompts[i]};
        const auto text = generate(model, *words, alone);
        QVERIFY(text.has_value());
        QCOMPARE((*together)[i].ids, text->front().ids);
        for (std::size_t token = 0; token < text->front().probabilities.size(); ++token)
            QVERIFY(std::abs((*together)[i].probabilities[token] - text->front().probabilities[token]) < 1e-5);
    }
    QCOMPARE((*together)[1].ids, (*together)[3].ids);
}

void GenerationTest::an_empty_prompt_is_refused() {
    const auto texts = generate(golden::model(), *tokenizer(), request_for({{1}, {}}));
    QVERIFY(!texts.has_value());
    QVERIFY(texts.error().kind == ErrorKind::BadInput);
}

void GenerationTest::cancelling_ends_it() {
    const CancellationToken cancelled;
    int told = 0;
    const auto texts = generate(
        golden::model(), *tokenizer(), request_for({{1, 2}}),
        [&](const TokenNews&) {
            if (++told == 3) cancelled.cancel();
        },
        cancelled);
    QVERIFY(!texts.has_value());
    QVERIFY(texts.error().kind == ErrorKind::Cancelled);
    QCOMPARE(told, 3);
}

#include "moc_GenerationTest.cpp"
