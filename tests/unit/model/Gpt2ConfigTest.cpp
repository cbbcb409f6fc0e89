#include "tests/unit/model/Gpt2ConfigTest.h"

#include <QtTest/QtTest>

#include "core/engine/model/Gpt2Config.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

void Gpt2ConfigTest::the_golden_config_is_read_field_by_field() {
    const auto config = gpt2_config_from_json(*read_json_file(golden("tiny-gpt2/config.json")));
    QVERIFY2(config, refusal(config));
    QCOMPARE(config->vocab_size, 512);
    QCOMPARE(config->n_positions, 128);
    QCOMPARE(config->n_embd, 64);
    QCOMPARE(config->n_layer, 3);
    QCOMPARE(config->n_head, 4);
    QCOMPARE(config->head_size(), 16);
    QVERIFY(!config->n_inner);
    QCOMPARE(config->inner_size(), 256);
    QCOMPARE(config->activation_function, std::string("gelu_new"));
    QCOMPARE(config->attn_pdrop, 0.0);
    QCOMPARE(config->initializer_range, 0.08);
    QCOMPARE(config->layer_norm_epsilon, 1e-5);
    QVERIFY(config->tie_word_embeddings);
    QCOMPARE(*config->bos_token_id, 509);
    QCOMPARE(*config->eos_token_id, 510);
    QCOMPARE(*config->pad_token_id, 511);
}

void Gpt2ConfigTest::absent_fields_have_the_defaults_of_transformers() {
    const auto config = gpt2_config_from_json({{"model_type", "gpt2"}});
    QVERIFY2(config, refusal(config));
    Gpt2Config defaults;
    QVERIFY(*config == defaults);
    QCOMPARE(config->eos_token_id.value(), 50256);
    QVERIFY(!config->pad_token_id);
}

void Gpt2ConfigTest::keys_of_no_meaning_here_are_written_back() {
    Json json = small_config();
    json["summary_type"] = "cls_index";
    json["task_specific_params"] = {{"text-generation", {{"max_length", 50}}}};
    const auto config = gpt2_config_from_json(json);
    QVERIFY2(config, refusal(config));
    const Json written = *config;
    QVERIFY(written.at("summary_type") == "cls_index");
    QVERIFY(written.at("task_specific_params") == json.at("task_specific_params"));
    QVERIFY(written.at("architectures") == Json::array({"GPT2LMHeadModel"}));
    QVERIFY(written.at("n_inner").is_null());
    QVERIFY(written.at("pad_token_id").is_null());
}

void Gpt2ConfigTest::what_is_written_is_read_as_the_same() {
    const Json json = *read_json_file(golden("tiny-gpt2/config.json"));
    const auto config = gpt2_config_from_json(json);
    QVERIFY2(config, refusal(config));
    QVERIFY(Json(*config) == json);
}

void Gpt2ConfigTest::token_ids_outside_the_vocabulary_are_absent() {
    Json json = small_config();
    json["pad_token_id"] = 8;
    json["eos_token_id"] = -1;
    const auto config = gpt2_config_from_json(json);
    QVERIFY2(config, refusal(config));
    QVERIFY(!config->pad_token_id);
    QVERIFY(!config->eos_token_id);
    QCOMPARE(config->bos_token_id.value(), 7);
}

void Gpt2ConfigTest::the_first_of_several_end_tokens_is_taken() {
    Json json = small_config();
    json["eos_token_id"] = {5, 6};
    const auto config = gpt2_config_from_json(json);
    QVERIFY2(config, refusal(config));
    QCOMPARE(config->eos_token_id.value(), 5);
}

void Gpt2ConfigTest::parameters_are_counted_as_gpt2_has_them() {
    QCOMPARE(Gpt2Config().parameter_count(), 124'439'808);
    Gpt2Config untied;
    untied.tie_word_embeddings = false;
    QCOMPARE(untied.parameter_count(), 124'439'808 + 50257 * 768);
}

void Gpt2ConfigTest::what_is_wrong_is_said_data() {
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const char* patch, const char* said) {
        QTest::newRow(name) << QByteArray(patch) << QByteArray(said);
    };
    row("another model", R"({"model_type": "llama"})", "type is \"llama\"; only gpt2");
    row("no model type", R"({"model_type": null})", "no model_type");
    row("text for a number", R"({"n_layer": "three"})", "n_layer is \"three\" where a whole number");
    row("a fraction for a number", R"({"n_layer": 3.5})", "n_layer is 3.5 where a whole number");
    row("beyond 64 bits", R"({"n_layer": 18446744073709551615})", "n_layer is 18446744073709551615 where a whole number");
    row("negative", R"({"n_layer": -1})", "n_layer is -1; it must lie between 1 and");
    row("zero heads", R"({"n_head": 0})", "n_head is 0");
    row("a huge vocabulary", R"({"vocab_size": 4611686018427387904})", "vocab_size is 4611686018427387904");
    row("a huge width", R"({"n_embd": 1000000000})", "n_embd is 1000000000");
    row("a huge inner width", R"({"n_inner": 1000000000000})", "n_inner is 1000000000000");
    row("heads that do not divide", R"({"n_head": 3})", "n_embd (4) is not a multiple of its n_head (3)");
    row("an unknown activation", R"({"activation_function": "swish"})", "activation_function \"swish\" is not supported");
    row("dropout of one", R"({"attn_pdrop": 1.0})", "attn_pdrop must be at least 0 and below 1");
    row("epsilon of zero", R"({"layer_norm_epsilon": 0})", "layer_norm_epsilon must lie between");
    row("a list for a flag", R"({"tie_word_embeddings": [true]})", "tie_word_embeddings is a JSON array where true or false");
    row("cross-attention", R"({"add_cross_attention": true})", "cross-attention");
    row("quantised", R"({"quantization_config": {"bits": 4}})", "quantised");
}

void Gpt2ConfigTest::what_is_wrong_is_said() {
    QFETCH(QByteArray, patch);
    QFETCH(QByteArray, said);
    Json json = small_config();
    json.merge_patch(Json::parse(patch.toStdString()));
    const QByteArray found = refusal(gpt2_config_from_json(json));
    QVERIFY2(found.contains(said), found);
}

void Gpt2ConfigTest::everything_wrong_is_said_at_once() {
    Gpt2Config config;
    config.n_head = 7;
    config.activation_function = "tanh";
    config.resid_pdrop = 2;
    QCOMPARE(config.validate().size(), std::size_t{3});
}

#include "moc_Gpt2ConfigTest.cpp"
