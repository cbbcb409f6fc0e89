#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>

#include <QtTest/QtTest>
#include <algorithm>

#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Safetensors.h"
#include "tests/unit/model/CheckpointTest.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

namespace {

/// A small model's tensors, each its own numbers.
NamedTensors small_tensors(const Json& config_json = small_config()) {
    NamedTensors tensors;
    double start = 0;
    for (const auto& [name, shape] : expected_tensors(*gpt2_config_from_json(config_json))) {
        std::int64_t elements = 1;
        for (const std::int64_t size : shape) elements *= size;
        tensors.emplace_back(name, at::arange(start, start + static_cast<double>(elements), at::TensorOptions(at::kFloat)).reshape(shape));
        start += static_cast<double>(elements);
    }
    return tensors;
}

void write_model(const Folder& folder, const NamedTensors& tensors, const Json& config = small_config()) {
    folder.write("config.json", config.dump());
    QVERIFY(write_safetensors(folder.path() / "model.safetensors", tensors));
}

at::Tensor& tensor_of(NamedTensors& tensors, const std::string& name) {
    return std::find_if(tensors.begin(), tensors.end(), [&](const auto& item) { return item.first == name; })->second;
}

}  // namespace

void CheckpointTest::every_variant_gives_the_same_tensors_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("type");
    QTest::newRow("no prefix, mask buffers") << QByteArray("bare-prefix-with-masks") << QByteArray("float32");
    QTest::newRow("half") << QByteArray("half") << QByteArray("float16");
    QTest::newRow("bfloat16") << QByteArray("bfloat16") << QByteArray("bfloat16");
    QTest::newRow("two shards") << QByteArray("sharded") << QByteArray("float32");
    QTest::newRow("pickle") << QByteArray("pickle") << QByteArray("float32");
}

void CheckpointTest::every_variant_gives_the_same_tensors() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, type);
    const auto plain = read_checkpoint(golden("tiny-gpt2"));
    QVERIFY2(plain, refusal(plain));
    const auto variant = read_checkpoint(golden("variants/" + name.toStdString()));
    QVERIFY2(variant, refusal(variant));
    QCOMPARE(QByteArray::fromStdString(variant->dtype_on_disk), type);
    QVERIFY(variant->config == plain->config);
    QCOMPARE(variant->tensors.size(), std::size_t{40});
    QCOMPARE(plain->tensors.size(), std::size_t{40});
    QVERIFY(variant->unused.empty());
    for (const auto& [tensor_name, tensor] : plain->tensors) {
        const at::Tensor& other = variant->tensors.at(tensor_name);
        QVERIFY(other.scalar_type() == at::kFloat);
        QVERIFY(other.is_contiguous());
        const at::Tensor expected = type == "float16"    ? tensor.to(at::kHalf).to(at::kFloat)
                                    : type == "bfloat16" ? tensor.to(at::kBFloat16).to(at::kFloat)
                                                         : tensor;
        QVERIFY2(other.equal(expected), tensor_name.c_str());
    }
}

void CheckpointTest::shards_of_pickles_are_read() {
    const Folder folder;
    std::filesystem::copy_file(golden("variants/pickle/config.json"), folder.path() / "config.json");
    std::filesystem::copy_file(golden("variants/pickle/pytorch_model.bin"), folder.path() / "pytorch_model-00001-of-00001.bin");
    const auto plain = read_checkpoint(golden("tiny-gpt2"));
    QVERIFY2(plain, refusal(plain));
    Json index = {{"metadata", Json::object()}, {"weight_map", Json::object()}};
    for (const auto& [name, tensor] : plain->tensors) index["weight_map"][name] = "pytorch_model-00001-of-00001.bin";
    folder.write("pytorch_model.bin.index.json", index.dump());
    const auto sharded = read_checkpoint(folder.path());
    QVERIFY2(sharded, refusal(sharded));
    for (const auto& [name, tensor] : plain->tensors) QVERIFY2(sharded->tensors.at(name).equal(tensor), name.c_str());
}

void CheckpointTest::mask_buffers_leave_no_trace() {
    const auto checkpoint = read_checkpoint(golden("variants/bare-prefix-with-masks"));
    QVERIFY2(checkpoint, refusal(checkpoint));
    QVERIFY(!checkpoint->tensors.contains("transformer.h.0.attn.bias"));
    QVERIFY(checkpoint->tensors.contains("transformer.h.0.attn.c_attn.bias"));
}

void CheckpointTest::tensors_without_a_place_are_listed() {
    const Folder folder;
    NamedTensors tensors = small_tensors();
    tensors.emplace_back("multiple_choice_head.summary.weight", at::ones({3}, at::kFloat));
    tensors.emplace_back("transformer.h.1.ln_1.weight", at::ones({4}, at::kFloat));
    write_model(folder, tensors);
    auto checkpoint = read_checkpoint(folder.path());
    QVERIFY2(checkpoint, refusal(checkpoint));
    std::sort(checkpoint->unused.begin(), checkpoint->unused.end());
    QCOMPARE(checkpoint->unused, (std::vector<std::string>{"multiple_choice_head.summary.weight", "transformer.h.1.ln_1.weight"}));
}

void CheckpointTest::a_tied_head_that_equals_the_embedding_is_dropped() {
    const Folder folder;
    NamedTensors tensors = small_tensors();
    tensors.emplace_back("lm_head.weight", tensor_of(tensors, "transformer.wte.weight").clone());
    write_model(folder, tensors);
    const auto checkpoint = read_checkpoint(folder.path());
    QVERIFY2(checkpoint, refusal(checkpoint));
    QVERIFY(checkpoint->config.tie_word_embeddings);
    QVERIFY(!checkpoint->tensors.contains("lm_head.weight"));
}

void CheckpointTest::a_tied_head_that_differs_is_kept_and_untied() {
    const Folder folder;
    NamedTensors tensors = small_tensors();
    tensors.emplace_back("lm_head.weight", tensor_of(tensors, "transformer.wte.weight").add(1));
    write_model(folder, tensors);
    const auto checkpoint = read_checkpoint(folder.path());
    QVERIFY2(checkpoint, refusal(checkpoint));
    QVERIFY(!checkpoint->config.tie_word_embeddings);
    QVERIFY(checkpoint->tensors.at("lm_head.weight").equal(tensors.back().second));
}

void CheckpointTest::a_tied_head_stands_in_for_a_missing_embedding() {
    const Folder folder;
    NamedTensors tensors = small_tensors();
    std::find_if(tensors.begin(), tensors.end(), [](const auto& item) { return item.first == "transformer.wte.weight"; })->first =
        "lm_head.weight";
    write_model(folder, tensors);
    const auto checkpoint = read_checkpoint(folder.path());
    QVERIFY2(checkpoint, refusal(checkpoint));
    QVERIFY(checkpoint->tensors.at("transformer.wte.weight").equal(tensor_of(tensors, "lm_head.weight")));
    QVERIFY(!checkpoint->tensors.contains("lm_head.weight"));
}

void CheckpointTest::an_untied_head_is_kept() {
    const Folder folder;
    Json config = small_config();
    config["tie_word_embeddings"] = false;
    NamedTensors tensors = small_tensors(config);
    tensor_of(tensors, "lm_head.weight") = tensor_of(tensors, "transformer.wte.weight").clone();
    write_model(folder, tensors, config);
    const auto checkpoint = read_checkpoint(folder.path());
    QVERIFY2(checkpoint, refusal(checkpoint));
    QVERIFY(checkpoint->tensors.contains("lm_head.weight"));
    QVERIFY(!checkpoint->config.tie_word_embeddings);
}

void CheckpointTest::what_is_wrong_with_a_folder_is_said_data() {
    QTest::addColumn<QByteArray>("fault");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* fault, const char* said) { QTest::newRow(fault) << QByteArray(fault) << QByteArray(said); };
    row("no folder", "There is no such model folder");
    row("no config", "no config.json");
    row("no weights", "neither model.safetensors nor pytorch_model.bin");
    row("a missing tensor", "\"transformer.h.0.mlp.c_fc.bias\" of shape [16] is missing");
    row("another shape", "\"transformer.ln_f.bias\" has the shape [5] where config.json asks for [4]");
    row("a transposed weight", "has the shape [12, 4] where config.json asks for [4, 12]");
    row("whole numbers", "\"transformer.ln_f.bias\" holds Long");
    row("both spellings of a name", "\"transformer.ln_f.bias\" is in the model's files twice");
    row("a config of another kind", "does not hold a JSON object");
    row("a config nested too deep", "nested more than 200");
    row("a number beyond all floats", "a number beyond all bounds");
    row("a generation config of another kind", "generation_config.json does not hold");
    row("an untied model without its head", "\"lm_head.weight\" of shape [8, 4] is missing");
}

void CheckpointTest::what_is_wrong_with_a_folder_is_said() {
    QFETCH(QByteArray, fault);
    QFETCH(QByteArray, said);
    const Folder folder;
    NamedTensors tensors = small_tensors();
    Json config = small_config();
    auto path = folder.path();
    if (fault == "a missing tensor") std::erase_if(tensors, [](const auto& item) { return item.first == "transformer.h.0.mlp.c_fc.bias"; });
    if (fault == "another shape") tensor_of(tensors, "transformer.ln_f.bias") = at::ones({5}, at::kFloat);
    if (fault == "a transposed weight") {
        auto& weight = tensor_of(tensors, "transformer.h.0.attn.c_attn.weight");
        weight = weight.t().contiguous();
    }
    if (fault == "whole numbers") tensor_of(tensors, "transformer.ln_f.bias") = at::ones({4}, at::kLong);
    if (fault == "both spellings of a name") tensors.emplace_back("ln_f.bias", at::ones({4}, at::kFloat));
    if (fault == "an untied model without its head") config["tie_word_embeddings"] = false;
    write_model(folder, tensors, config);
    if (fault == "no folder") path /= "none";
    if (fault == "no config") std::filesystem::remove(path / "config.json");
    if (fault == "no weights") std::filesystem::remove(path / "model.safetensors");
    if (fault == "a config of another kind") folder.write("config.json", "[1]");
    if (fault == "a config nested too deep") folder.write("config.json", std::string(100'000, '['));
    if (fault == "a number beyond all floats") folder.write("config.json", R"({"model_type": "gpt2", "n_layer": 1e999})");
    if (fault == "a generation config of another kind") folder.write("generation_config.json", "7");
    const QByteArray found = refusal(read_checkpoint(path));
    QVERIFY2(found.contains(said), found);
}

void CheckpointTest::an_index_cannot_reach_outside_its_folder_data() {
    QTest::addColumn<QByteArray>("index");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* name, const char* index, const char* said) {
        QTest::newRow(name) << QByteArray(index) << QByteArray(said);
    };
    row("up and away", R"({"weight_map": {"wte.weight": "../../etc/passwd"}})", "not a plain .safetensors file name");
    row("up", R"({"weight_map": {"wte.weight": "../model.safetensors"}})", "not a plain .safetensors file name");
    row("from the root", R"({"weight_map": {"wte.weight": "/etc/model.safetensors"}})", "not a plain .safetensors file name");
    row("down", R"({"weight_map": {"wte.weight": "a/model.safetensors"}})", "not a plain .safetensors file name");
    row("another kind", R"({"weight_map": {"wte.weight": "pytorch_model.bin"}})", "not a plain .safetensors file name");
    row("no name", R"({"weight_map": {"wte.weight": ""}})", "not a plain .safetensors file name");
    row("dots", R"({"weight_map": {"wte.weight": ".."}})", "not a plain .safetensors file name");
    row("a number", R"({"weight_map": {"wte.weight": 3}})", "does not name a file");
    row("no map", R"({"metadata": {}})", "has no weight_map");
    row("an empty map", R"({"weight_map": {}})", "names no tensor");
    row("a missing shard", R"({"weight_map": {"wte.weight": "model-00001-of-00001.safetensors"}})", "no such file");
    row("a false promise", R"({"weight_map": {"other.weight": "part.safetensors"}})", "not in the file where the index says");
}

void CheckpointTest::an_index_cannot_reach_outside_its_folder() {
    QFETCH(QByteArray, index);
    QFETCH(QByteArray, said);
    const Folder folder;
    folder.write("config.json", small_config().dump());
    folder.write("model.safetensors.index.json", index.toStdString());
    QVERIFY(write_safetensors(folder.path() / "part.safetensors", {{"ln_f.bias", at::ones({4}, at::kFloat)}}));
    const QByteArray found = refusal(read_checkpoint(folder.path()));
    QVERIFY2(found.contains(said), found);
}

#include "moc_CheckpointTest.cpp"
