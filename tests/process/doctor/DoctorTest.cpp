// Real runs, each broken in one way, on three data sets: each gets that cause first, and healthy ones get none.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <fstream>

#include "core/base/Files.h"
#include "core/base/Resources.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/LoadedModel.h"
#include "core/project/Project.h"
#include "core/project/PromptStore.h"
#include "core/project/RunStore.h"

using namespace lossmith;
namespace fs = std::filesystem;

namespace {

template <typename T>
T must(Result<T> result) {
    if (!result) qFatal("%s", describe(result.error()).c_str());
    return std::move(*result);
}

struct Answered {
    int code = 0;
    std::string out, err;
};

Answered cli(const QStringList& words) {
    QProcess process;
    process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), words);
    if (!process.waitForFinished(400'000)) qFatal("lossmith-cli did not end");
    return {process.exitCode(), process.readAllStandardOutput().toStdString(), process.readAllStandardError().toStdString()};
}

QString text(const fs::path& path) {
    return QString::fromStdString(path.string());
}

std::vector<std::string> lines_of(const fs::path& path, std::size_t count) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; lines.size() < count && std::getline(file, line);) lines.push_back(line);
    return lines;
}

/// The causes by name that a run's end told.
using Causes = std::vector<std::string>;

std::string first_of(const Causes& causes) {
    return causes.empty() ? "none" : causes.front();
}

fs::path sample(const char* name) {
    return must(resource(std::string("samples/") + name));
}

}  // namespace

class DoctorTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path m_base = m_folder.path().toStdString();

    fs::path write(const std::string& name, const std::string& bytes) {
        std::ofstream(m_base / name, std::ios::binary) << bytes;
        return m_base / name;
    }

    /// A project of the first rows of a CSV without line ends in its cells.
    fs::path project(const std::string& name, const fs::path& csv, std::size_t rows) {
        std::string part;
        for (const std::string& line : lines_of(csv, rows + 1)) part += line + "\n";
        const fs::path path = m_base / (name + ".lossmith");
        const auto imported = cli({QStringLiteral("import"), text(path), text(write(name + ".csv", part)), QStringLiteral("--json")});
        if (imported.code != 0) qFatal("%s", imported.err.c_str());
        return path;
    }

    /// Trains, and gives what the Doctor said by itself at the end.
    Causes train(const fs::path& project, const QStringList& settings) {
        QStringList words = {QStringLiteral("train"), text(project), QStringLiteral("--json")};
        for (const char* usual : {"learning_rate=1e-3", "per_device_train_batch_size=8", "sample_prompts=1", "save_total_limit=1",
                                  "eval_steps=1000", "lr_scheduler_type=\"cosine\"", "warmup_steps=3", "dropout=0.0"})
            words << QStringLiteral("--set") << QString::fromLatin1(usual);
        for (const QString& setting : settings) words << QStringLiteral("--set") << setting;
        const auto trained = cli(words);
        const auto answer = parse_json(trained.out);
        if (!answer) qFatal("%s%s", trained.out.c_str(), trained.err.c_str());
        return answer->at("findings").get<Causes>();
    }

    Json doctor(const fs::path& project, int run) {
        const auto answered = cli({QStringLiteral("doctor"), text(project), QString::number(run), QStringLiteral("--json")});
        if (answered.code != 0) qFatal("%s", answered.err.c_str());
        return must(parse_json(answered.out));
    }

    static Causes causes_in(const Json& diagnosis) {
        Causes causes;
        for (const Json& finding : diagnosis.at("findings")) causes.push_back(finding.at("cause").get<std::string>());
        return causes;
    }

    /// The starter as GPT-2 proper is: every known token's logit lies near -100. The shift is along the mean of the last states, the same
    /// for all tokens, and taken from the positions again, so that what it says does not change.
    fs::path starter_with_low_logits() {
        const at::NoGradGuard no_graph;
        const auto loaded = must(engine::load_model(must(resource("starter-model"))));
        std::vector<std::int64_t> ids;
        for (const TokenId id : loaded.tokenizer->encode("Good morning. My new phone is so noisy that nobody can stay in the hallway."))
            ids.push_back(id);
        const at::Tensor mean = loaded.model.hidden(at::tensor(ids, at::kLong).unsqueeze(0))[0].slice(0, 1).mean(0);
        const at::Tensor shift = mean * (-100.0 / (mean * mean).sum());
        engine::Checkpoint checkpoint = loaded.model.to_checkpoint();
        at::Tensor& wte = checkpoint.tensors.at("transformer.wte.weight");
        at::Tensor& wpe = checkpoint.tensors.at("transformer.wpe.weight");
        wte = wte + shift;
        wpe = wpe - shift;
        const auto written = engine::write_checkpoint(m_base / "low-logits", checkpoint, engine::StoredType::Float32,
                                                      [&](const fs::path& part) { return loaded.tokenizer->save(part); });
        if (!written) qFatal("%s", describe(written.error()).c_str());
        return m_base / "low-logits";
    }

    /// The starter's weights beside a vocabulary in which every word has another's id.
    fs::path starter_with_another_vocabulary() {
        const fs::path folder = m_base / "other-words";
        const fs::path starter = must(resource("starter-model"));
        fs::create_directories(folder);
        for (const char* name : {"config.json", "generation_config.json", "model.safetensors", "merges.txt"})
            fs::copy_file(starter / name, folder / name);
        std::ifstream file(starter / "vocab.json");
        const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        Json vocabulary = must(parse_json(bytes));
        for (auto& [word, id] : vocabulary.items())
            if (id < 50'256) id = (id.get<int>() + 12'345) % 50'256;
        std::ofstream(folder / "vocab.json") << vocabulary.dump();
        return folder;
    }

private Q_SLOTS:
    void a_healthy_run_gets_none_data() {
        QTest::addColumn<QString>("csv");
        QTest::addColumn<int>("rows");
        QTest::addColumn<QStringList>("settings");
        QTest::newRow("complaints") << text(sample("complaints.csv")) << 240
                                    << QStringList{QStringLiteral("num_train_epochs=3"), QStringLiteral("eval_steps=0")};
        QTest::newRow("gsm8k") << QStringLiteral(LOSSMITH_TEST_DATA "/doctor/gsm8k.csv") << 160
                               << QStringList{QStringLiteral("num_train_epochs=3"), QStringLiteral("eval_steps=0"),
                                              QStringLiteral("early_stopping_patience=2"), QStringLiteral("sampling.max_new_tokens=240")};
        QTest::newRow("gnome_help") << QStringLiteral(LOSSMITH_TEST_DATA "/doctor/gnome_help.csv") << 50
                                    << QStringList{QStringLiteral("num_train_epochs=3"), QStringLiteral("eval_steps=0"),
                                                   QStringLiteral("early_stopping_patience=2"),
                                                   QStringLiteral("sampling.max_new_tokens=240"), QStringLiteral("learning_rate=5e-4")};
    }
    void a_healthy_run_gets_none() {
        QFETCH(QString, csv);
        QFETCH(int, rows);
        QFETCH(QStringList, settings);
        const fs::path path = project(std::string("healthy-") + QTest::currentDataTag(), csv.toStdString(), static_cast<std::size_t>(rows));
        const Causes causes = train(path, settings);
        const Json diagnosis = doctor(path, 1);
        QVERIFY2(causes_in(diagnosis).empty(), diagnosis.dump(2).c_str());
        QVERIFY(causes.empty());
        QVERIFY(diagnosis.at("looked").size() >= 5);
    }

    void asked_with_another_template_it_says_so() {
        const fs::path path = m_base / "healthy-complaints.lossmith";
        QCOMPARE(
            cli({QStringLiteral("template"), text(path), QStringLiteral("--set"), QStringLiteral(R"({"prompt": "{problem} =>"})")}).code,
            0);
        QCOMPARE(first_of(causes_in(doctor(path, 1))), std::string("prompt_mismatch"));
        QCOMPARE(cli({QStringLiteral("template"), text(path), QStringLiteral("--set"),
                      QStringLiteral(R"({"prompt": "Problem: {problem}\nSolution:"})")})
                     .code,
                 0);
        QVERIFY(causes_in(doctor(path, 1)).empty());
    }

    void texts_had_from_a_prompt_with_a_space_at_its_end_are_told() {
        const auto opened = must(Project::open(m_base / "healthy-complaints.lossmith"));
        Generation generation;
        generation.weights = must(opened->runs().checkpoints(1)).back().sha256;
        generation.model = "run 1";
        generation.text = "We are sorry.";
        generation.details = {{"source", "playground"}};
        for (const char* problem : {"My chair is late.", "My lamp is broken.", "My phone is noisy."}) {
            generation.prompt = std::string("Problem: ") + problem + "\nSolution: ";
            QVERIFY(opened->prompts().add_generation(generation));
        }
        const Json diagnosis = doctor(opened->path(), 1);
        QCOMPARE(first_of(causes_in(diagnosis)), std::string("prompt_mismatch"));
        QVERIFY(diagnosis.at("findings")[0].at("evidence").get<std::string>().find("space at its end") != std::string::npos);
    }

    void texts_had_with_settings_that_undo_the_training_are_told() {
        const auto opened = must(Project::open(m_base / "healthy-complaints.lossmith"));
        Generation generation;
        generation.weights = must(opened->runs().checkpoints(1)).back().sha256;
        generation.details = {{"source", "playground"}};
        generation.settings.repetition_penalty = 2.0;
        for (const char* problem : {"a", "b", "c", "d", "e"}) {
            generation.prompt = std::string("Problem: ") + problem + "\nSolution:";
            QVERIFY(opened->prompts().add_generation(generation));
        }
        QCOMPARE(first_of(causes_in(doctor(opened->path(), 1))), std::string("sampling_undoes_training"));
    }

    void a_run_broken_in_one_way_gets_that_cause_first_data() {
        QTest::addColumn<QString>("cause");
        QTest::addColumn<int>("rows");
        QTest::addColumn<QStringList>("settings");
        const auto list = [](std::initializer_list<const char*> settings) {
            QStringList all;
            for (const char* setting : settings) all << QString::fromUtf8(setting);
            return all;
        };
        QTest::newRow("padding") << QStringLiteral("padding_labelled") << 60
                                 << list({"padding=max_length", "max_length=96", "template.label_padding=true", "max_steps=4"});
        QTest::newRow("problem") << QStringLiteral("problem_labelled") << 60 << list({"template.labels=problem_too", "max_steps=4"});
        QTest::newRow("end") << QStringLiteral("end_not_labelled") << 60 << list({"template.end_token=", "max_steps=4"});
        QTest::newRow("truncation") << QStringLiteral("solutions_truncated") << 60 << list({"max_length=40", "max_steps=4"});
        QTest::newRow("no gradient")
            << QStringLiteral("no_gradient") << 40
            << list({"loss.name=agreement",
                     "loss.source=def loss(logits, labels):\n    return (logits.argmax(-1) == labels).float().mean()\n", "max_steps=4"});
        QTest::newRow("not finite") << QStringLiteral("not_finite") << 40
                                    << list(
                                           {"loss.name=root",
                                            "loss.source=def loss(logits, labels, step):\n    return F.cross_entropy(logits.flatten(0, 1), "
                                            "labels.flatten()) + torch.log(torch.tensor(2.0 - step))\n",
                                            "max_steps=6"});
        QTest::newRow("too high") << QStringLiteral("rate_too_high") << 60 << list({"learning_rate=0.3", "max_steps=16"});
        QTest::newRow("too low") << QStringLiteral("rate_too_low") << 60 << list({"learning_rate=1e-6", "num_train_epochs=2"});
        QTest::newRow("too few") << QStringLiteral("too_few_steps") << 160 << list({"max_steps=12", "warmup_steps=1"});
    }
    void a_run_broken_in_one_way_gets_that_cause_first() {
        QFETCH(QString, cause);
        QFETCH(int, rows);
        QFETCH(QStringList, settings);
        std::string name = QTest::currentDataTag();
        std::ranges::replace(name, ' ', '-');
        const fs::path path = project(name, sample("complaints.csv"), static_cast<std::size_t>(rows));
        const Causes causes = train(path, settings);
        if (first_of(causes) != cause.toStdString()) QFAIL(doctor(path, 1).dump(2).c_str());
    }

    void tokens_added_at_random_take_the_probability_of_a_model_like_gpt2() {
        const fs::path path = project("added", sample("complaints.csv"), 60);
        const QString model = QStringLiteral("model=") + text(starter_with_low_logits());
        const QStringList tokens = {model, QStringLiteral(R"(template.added_tokens=["<|startoftext|>", "<|pad|>"])"),
                                    QStringLiteral("template.start_token=<|startoftext|>"), QStringLiteral("max_steps=4")};
        QCOMPARE(first_of(train(path, tokens + QStringList{QStringLiteral("template.added_tokens_init=random")})),
                 std::string("new_tokens_random"));
        const Json finding = doctor(path, 1).at("findings")[0];
        QVERIFY(finding.at("figures").at("probability").get<double>() > 0.9);
        QVERIFY(finding.at("figures").at("others_logit").get<double>() < -50.0);
        // The mean of the known embeddings is what the button puts in its place.
        const Causes put_right = train(path, tokens);
        QVERIFY(std::ranges::find(put_right, "new_tokens_random") == put_right.end());
    }

    void a_tokenizer_of_another_model_is_told() {
        const fs::path path = project("tokenizer", sample("complaints.csv"), 60);
        QCOMPARE(first_of(train(path, {QStringLiteral("model=") + text(starter_with_another_vocabulary()), QStringLiteral("max_steps=3")})),
                 std::string("wrong_tokenizer"));
    }

    void pairs_that_do_not_belong_together_are_told() {
        const fs::path path = project("pairs", LOSSMITH_TEST_DATA "/doctor/it_support_tickets.csv", 128);
        QCOMPARE(first_of(train(path, {QStringLiteral("num_train_epochs=3")})), std::string("pairs_unrelated"));
    }

    void held_out_rows_that_stand_in_training_are_told() {
        const fs::path path = project("leak", sample("complaints.csv"), 60);
        std::string shouted;
        for (const std::string& line : lines_of(sample("complaints.csv"), 31)) shouted += line + "\n";
        std::ranges::transform(shouted.begin() + static_cast<std::ptrdiff_t>(shouted.find('\n')), shouted.end(),
                               shouted.begin() + static_cast<std::ptrdiff_t>(shouted.find('\n')),
                               [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
        QCOMPARE(cli({QStringLiteral("import"), text(path), text(write("shouted.csv", shouted)), QStringLiteral("--split"),
                      QStringLiteral("test")})
                     .code,
                 0);
        QCOMPARE(first_of(train(path, {QStringLiteral("max_steps=4")})), std::string("rows_leak"));
    }

    void rows_learnt_by_heart_are_told() {
        const fs::path path = project("heart", LOSSMITH_TEST_DATA "/doctor/gsm8k.csv", 24);
        QCOMPARE(first_of(train(path, {QStringLiteral("max_steps=36"), QStringLiteral("eval_steps=9"),
                                       QStringLiteral("lr_scheduler_type=constant"), QStringLiteral("learning_rate=2e-3")})),
                 std::string("memorised"));
    }

    void a_base_that_cannot_do_it_is_told() {
        const fs::path model = m_base / "dwarf";
        QCOMPARE(cli({QStringLiteral("new-model"), text(model), QStringLiteral("--n_embd"), QStringLiteral("4"),
                      QStringLiteral("--n_layer"), QStringLiteral("1"), QStringLiteral("--n_head"), QStringLiteral("1"),
                      QStringLiteral("--n_positions"), QStringLiteral("128")})
                     .code,
                 0);
        const fs::path path = project("dwarf", sample("complaints.csv"), 60);
        QCOMPARE(first_of(train(path, {QStringLiteral("model=") + text(model), QStringLiteral("num_train_epochs=30"),
                                       QStringLiteral("learning_rate=0.02"), QStringLiteral("lr_scheduler_type=linear")})),
                 std::string("base_too_small"));
    }

    void the_cure_is_a_config_that_trains_without_the_fault() {
        const fs::path path = m_base / "padding.lossmith";
        const fs::path config = m_base / "cure.json";
        QCOMPARE(cli({QStringLiteral("doctor"), text(path), QStringLiteral("1"), QStringLiteral("--cure"), text(config)}).code, 0);
        const auto trained = cli({QStringLiteral("train"), text(path), QStringLiteral("--config"), text(config), QStringLiteral("--json")});
        QCOMPARE(trained.code, 0);
        const Causes causes = must(parse_json(trained.out)).at("findings").get<Causes>();
        QVERIFY(std::ranges::find(causes, "padding_labelled") == causes.end());
    }

    void a_run_that_is_not_there_and_a_cause_that_was_not_found_are_refused() {
        const QString path = text(m_base / "padding.lossmith");
        const auto no_run = cli({QStringLiteral("doctor"), path, QStringLiteral("99")});
        QVERIFY(no_run.code == 2 || no_run.code == 1);
        QVERIFY(no_run.err.find("There is no run 99") != std::string::npos);
        const auto no_cause = cli({QStringLiteral("doctor"), path, QStringLiteral("1"), QStringLiteral("--kept"), QStringLiteral("--cure"),
                                   text(m_base / "x.json"), QStringLiteral("--cause"), QStringLiteral("rows_leak")});
        QCOMPARE(no_cause.code, 2);
        QVERIFY(no_cause.err.find("is not among what was found") != std::string::npos);
    }
};

int main(int count, char** values) {
    // Qt's own limit of five minutes for a test is one for all rows of its data together.
    qputenv("QTEST_FUNCTION_TIMEOUT", "900000");
    const QCoreApplication application(count, values);
    DoctorTest test;
    return QTest::qExec(&test, count, values);
}

#include "DoctorTest.moc"
