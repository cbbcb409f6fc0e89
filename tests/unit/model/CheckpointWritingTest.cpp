#include <ATen/ops/randn.h>

#include <QtTest/QtTest>
#include <cmath>

#include "core/base/Files.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Safetensors.h"
#include "tests/unit/model/CheckpointTest.h"
#include "tests/unit/model/ModelFiles.h"

using namespace lossmith;
using namespace lossmith::engine;
using namespace lossmith::test;

namespace fs = std::filesystem;

namespace {

Checkpoint small_model(std::uint64_t seed = 1) {
    return *new_checkpoint(*gpt2_config_from_json(small_config()), seed);
}

bool same_tensors(const Checkpoint& left, const Checkpoint& right) {
    if (left.tensors.size() != right.tensors.size()) return false;
    return std::all_of(left.tensors.begin(), left.tensors.end(), [&](const auto& item) {
        return right.tensors.contains(item.first) && right.tensors.at(item.first).equal(item.second);
    });
}

}  // namespace

void CheckpointTest::what_is_written_is_read_as_the_same() {
    const Folder folder;
    Json config = small_config();
    config["tie_word_embeddings"] = false;
    config["n_inner"] = 6;
    const Checkpoint model = *new_checkpoint(*gpt2_config_from_json(config), 3);
    const Status written = write_checkpoint(folder.path() / "deep" / "model", model);
    QVERIFY2(written, refusal(written));
    const auto read = read_checkpoint(folder.path() / "deep" / "model");
    QVERIFY2(read, refusal(read));
    QVERIFY(same_tensors(*read, model));
    QVERIFY(!read->config.tie_word_embeddings);
    QVERIFY(read->config.n_inner == 6);
    QVERIFY(read->generation_config.at("eos_token_id") == 7);
    QVERIFY(!fs::exists(folder.path() / "deep" / "model.part"));
}

void CheckpointTest::every_bit_of_a_golden_folder_survives_reading_and_writing() {
    const Folder folder;
    const auto model = read_checkpoint(golden("tiny-gpt2"));
    QVERIFY2(model, refusal(model));
    const Status written = write_checkpoint(folder.path() / "copy", *model);
    QVERIFY2(written, refusal(written));
    for (const char* name : {"config.json", "generation_config.json"})
        QVERIFY2(*read_json_file(folder.path() / "copy" / name) == *read_json_file(golden("tiny-gpt2") / name), name);
    const auto ours = SafetensorsFile::open(folder.path() / "copy" / "model.safetensors");
    const auto theirs = SafetensorsFile::open(golden("tiny-gpt2/model.safetensors"));
    QVERIFY2(ours, refusal(ours));
    QCOMPARE(ours->names().size(), theirs->names().size());
    QCOMPARE(ours->metadata(), theirs->metadata());
    for (const std::string& name : theirs->names()) QVERIFY2(ours->tensor(name)->equal(*theirs->tensor(name)), name.c_str());
}

void CheckpointTest::sixteen_bits_are_rounded_and_said_in_the_config() {
    const Folder folder;
    const auto model = read_checkpoint(golden("tiny-gpt2"));
    QVERIFY2(model, refusal(model));
    for (const auto& [type, variant] : {std::pair(StoredType::Float16, "half"), std::pair(StoredType::BFloat16, "bfloat16")}) {
        const Status written = write_checkpoint(folder.path() / "small", *model, type);
        QVERIFY2(written, refusal(written));
        const auto ours = read_checkpoint(folder.path() / "small");
        const auto theirs = read_checkpoint(golden(std::string("variants/") + variant));
        QVERIFY2(ours, refusal(ours));
        QVERIFY(same_tensors(*ours, *theirs));
        QVERIFY(read_json_file(folder.path() / "small" / "config.json")->at("dtype") == name_of(type));
    }
}

void CheckpointTest::other_files_are_written_into_the_same_folder() {
    const Folder folder;
    const Status written = write_checkpoint(folder.path() / "model", small_model(), StoredType::Float32, [](const fs::path& part) {
        return write_file_atomically(part / "merges.txt", "#version: 0.2\n");
    });
    QVERIFY2(written, refusal(written));
    QCOMPARE(bytes_of(folder.path() / "model" / "merges.txt"), std::string("#version: 0.2\n"));
}

void CheckpointTest::a_model_is_replaced_whole() {
    const Folder folder;
    const auto path = folder.path() / "model";
    QVERIFY(write_checkpoint(path, small_model(1), StoredType::Float32,
                             [](const fs::path& part) { return write_file_atomically(part / "vocab.json", "{}"); }));
    const Status written = write_checkpoint(path, small_model(2));
    QVERIFY2(written, refusal(written));
    QVERIFY(same_tensors(*read_checkpoint(path), small_model(2)));
    QVERIFY2(!fs::exists(path / "vocab.json"), "a file of the old model is left in the new one");
    QVERIFY(!fs::exists(path.string() + ".part"));
    QVERIFY(!fs::exists(path.string() + ".old"));
}

void CheckpointTest::a_failure_half_way_leaves_the_old_model() {
    const Folder folder;
    const auto path = folder.path() / "model";
    QVERIFY(write_checkpoint(path, small_model(1)));
    bool old_was_whole = false;
    const Status written = write_checkpoint(path, small_model(2), StoredType::Float32, [&](const fs::path& part) -> Status {
        old_was_whole = fs::exists(part / "config.json") && same_tensors(*read_checkpoint(path), small_model(1));
        return failure(Error::io("The disk is full."));
    });
    QVERIFY(old_was_whole);
    QVERIFY2(refusal(written).contains("The disk is full"), refusal(written));
    QVERIFY(same_tensors(*read_checkpoint(path), small_model(1)));
    QVERIFY(!fs::exists(path.string() + ".part"));
}

void CheckpointTest::leftovers_of_a_crash_are_swept_away() {
    const Folder folder;
    const auto path = folder.path() / "model";
    fs::create_directory(path.string() + ".part");
    folder.write("model.part/model.safetensors.part", "half a file");
    folder.write("model.part/stale.json", "{}");
    const Status written = write_checkpoint(path, small_model());
    QVERIFY2(written, refusal(written));
    QVERIFY(!fs::exists(path / "stale.json"));
    QVERIFY(!fs::exists(path.string() + ".part"));
}

void CheckpointTest::a_folder_with_files_of_ones_own_is_not_replaced() {
    const Folder folder;
    const auto path = folder.path() / "model";
    fs::create_directory(path);
    folder.write("model/notes.txt", "mine");
    QVERIFY(refusal(write_checkpoint(path, small_model())).contains("holds files and is not a model"));
    QVERIFY(fs::exists(path / "notes.txt"));
    fs::remove(path / "notes.txt");
    QVERIFY(write_checkpoint(path, small_model()));

    folder.write("model/holiday.jpg", "mine");
    QVERIFY(refusal(write_checkpoint(path, small_model())).contains("\"holiday.jpg\", which is not part of a model"));
    QVERIFY(fs::exists(path / "holiday.jpg"));
    fs::remove(path / "holiday.jpg");
    fs::create_directory(path / "more");
    QVERIFY(refusal(write_checkpoint(path, small_model())).contains("\"more\", which is not part of a model"));
    const auto file = folder.write("file", "mine");
    QVERIFY(refusal(write_checkpoint(file, small_model())).contains("There is a file of this name"));
}

void CheckpointTest::a_link_to_a_folder_stays_a_link() {
    const Folder folder;
    QVERIFY(write_checkpoint(folder.path() / "real", small_model(1)));
    fs::create_directory_symlink("real", folder.path() / "link");
    const Status written = write_checkpoint(folder.path() / "link" / "", small_model(2));
    QVERIFY2(written, refusal(written));
    QVERIFY(fs::is_symlink(folder.path() / "link"));
    QVERIFY(same_tensors(*read_checkpoint(folder.path() / "real"), small_model(2)));
}

void CheckpointTest::new_vocabulary_rows_are_the_mean_of_the_old() {
    Json config = small_config();
    config["tie_word_embeddings"] = false;
    Checkpoint model = *new_checkpoint(*gpt2_config_from_json(config), 3);
    const auto before = model.tensors;
    const Status grown = grow_vocabulary(model, 11);
    QVERIFY2(grown, refusal(grown));
    QCOMPARE(model.config.vocab_size, 11);
    for (const char* name : {"transformer.wte.weight", "lm_head.weight"}) {
        const at::Tensor& rows = model.tensors.at(name);
        QVERIFY(rows.sizes() == at::IntArrayRef({11, 4}));
        QVERIFY(rows.slice(0, 0, 8).equal(before.at(name)));
        for (std::int64_t row = 8; row < 11; ++row) QVERIFY(rows.select(0, row).allclose(before.at(name).mean(0), 1e-6, 1e-8));
    }
    QVERIFY(model.tensors.at("transformer.wpe.weight").equal(before.at("transformer.wpe.weight")));
    // A logit of the new token is the mean of the others' logits for any hidden state, so never above the largest of them.
    const at::Tensor logits = at::randn({20, 4}).matmul(model.tensors.at("lm_head.weight").t());
    QVERIFY(logits.slice(1, 8, 11).allclose(logits.slice(1, 0, 8).mean(1, true).expand({20, 3}), 1e-4, 1e-6));
}

void CheckpointTest::new_vocabulary_rows_may_be_random_and_are_the_same_for_a_seed() {
    Checkpoint model = small_model();
    Checkpoint again = small_model();
    Checkpoint other = small_model();
    QVERIFY(grow_vocabulary(model, 11, {true, 5}));
    QVERIFY(grow_vocabulary(again, 11, {true, 5}));
    QVERIFY(grow_vocabulary(other, 11, {true, 6}));
    const at::Tensor rows = model.tensors.at("transformer.wte.weight");
    QVERIFY(rows.equal(again.tensors.at("transformer.wte.weight")));
    QVERIFY(!rows.equal(other.tensors.at("transformer.wte.weight")));
    QVERIFY(rows.slice(0, 0, 8).equal(small_model().tensors.at("transformer.wte.weight")));
    QVERIFY(!rows.select(0, 8).equal(rows.select(0, 9)));
    QVERIFY(rows.slice(0, 8).abs().max().item<double>() < 6 * model.config.initializer_range);
}

void CheckpointTest::a_vocabulary_cannot_shrink_or_grow_without_bounds() {
    Checkpoint model = small_model();
    QVERIFY(refusal(grow_vocabulary(model, 7)).contains("cannot shrink to 7"));
    QVERIFY(refusal(grow_vocabulary(model, std::int64_t{1} << 60)).contains("vocab_size"));
    QVERIFY(grow_vocabulary(model, 8));
    QVERIFY(same_tensors(model, small_model()));
}

void CheckpointTest::a_new_model_has_gpt2s_initial_weights() {
    Gpt2Config config;
    config.vocab_size = 3000;
    config.n_embd = 128;
    config.n_layer = 2;
    config.n_head = 4;
    config.n_positions = 256;
    config.bos_token_id = config.eos_token_id = 2999;
    const auto model = new_checkpoint(config, 11);
    QVERIFY2(model, refusal(model));
    QCOMPARE(model->tensors.size(), std::size_t{2 + 2 * 12 + 2});
    std::int64_t parameters = 0;
    for (const auto& [name, tensor] : model->tensors) {
        parameters += tensor.numel();
        const double mean = tensor.mean().item<double>();
        const double deviation = tensor.std().item<double>();
        if (name.ends_with(".bias")) {
            QVERIFY2(tensor.count_nonzero().item<std::int64_t>() == 0, name.c_str());
        } else if (name.find(".ln_") != std::string::npos) {
            QVERIFY2(mean == 1.0 && deviation == 0.0, name.c_str());
        } else {
            const double expected = name.ends_with("c_proj.weight") ? 0.02 / std::sqrt(4.0) : 0.02;
            QVERIFY2(std::abs(mean) < 0.02 * expected, name.c_str());
            QVERIFY2(std::abs(deviation / expected - 1.0) < 0.02, name.c_str());
        }
    }
    QCOMPARE(parameters, config.parameter_count());
}

void CheckpointTest::the_same_seed_gives_the_same_model() {
    QVERIFY(same_tensors(small_model(5), small_model(5)));
    QVERIFY(!same_tensors(small_model(5), small_model(6)));
}

void CheckpointTest::a_model_too_large_for_the_machine_is_refused() {
    Gpt2Config config;
    config.n_embd = 98304;
    config.n_layer = 1000;
    config.n_head = 96;
    const auto model = new_checkpoint(config, 1);
    QVERIFY(!model);
    QVERIFY(model.error().kind == ErrorKind::OutOfMemory);
    QVERIFY2(refusal(model).contains("more than this machine has"), refusal(model));
    config.n_head = 5;
    QVERIFY(refusal(new_checkpoint(config, 1)).contains("not a multiple"));
}
