// Runs with LoRA and with frozen weights as processes: what they keep, how they go on, who reads what they wrote, what is refused.
#include <signal.h>

#include <cmath>
#include <map>

#include "core/base/Files.h"
#include "core/project/RunStore.h"
#include "tests/process/training/TrainingFolder.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

namespace fs = std::filesystem;

QString text(const fs::path& path) {
    return QString::fromStdString(path.string());
}

std::string bytes_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The bytes of each tensor of a safetensors file.
std::map<std::string, std::string> tensors_in(const fs::path& file) {
    const std::string bytes = bytes_of(file);
    std::uint64_t header = 0;
    std::copy_n(bytes.data(), sizeof header, reinterpret_cast<char*>(&header));
    std::map<std::string, std::string> tensors;
    const Json described = must(parse_json(bytes.substr(sizeof header, header)));
    for (const auto& [name, tensor] : described.items()) {
        if (name == "__metadata__") continue;
        const auto begin = tensor.at("data_offsets").at(0).get<std::size_t>();
        const auto end = tensor.at("data_offsets").at(1).get<std::size_t>();
        tensors[name] = bytes.substr(sizeof header + header + begin, end - begin);
    }
    return tensors;
}

std::vector<std::tuple<std::string, std::int64_t, double>> exact_metrics(Project& project, std::int64_t run) {
    std::vector<std::tuple<std::string, std::int64_t, double>> all;
    for (const Metric& metric : must(project.metrics().read(run)))
        if (metric.name == "train/loss" || metric.name == "validation/loss" || metric.name == "gradient_norm")
            all.emplace_back(metric.name, metric.step, metric.value);
    return all;
}

fs::path last_checkpoint(Project& project, std::int64_t run) {
    const auto checkpoints = must(project.runs().checkpoints(run));
    if (checkpoints.empty()) qFatal("run %lld has no checkpoint", static_cast<long long>(run));
    return project.folder() / checkpoints.back().path;
}

const std::vector<std::string> with_lora = {"lora.r=4", "lora.lora_alpha=8", "lora.lora_dropout=0.1",
                                            R"(lora.target_modules=["c_attn","c_proj","c_fc"])"};

}  // namespace

class LoraRunTest : public QObject {
    Q_OBJECT

    TrainingFolder m_folder;
    QString m_project;  ///< of the run that the others look at

    static std::string generated(const QString& model) {
        const Answer answer = run({QStringLiteral("generate"), QStringLiteral("--model"), model, QStringLiteral("--problem"),
                                   QStringLiteral("What is 7 and one?"), QStringLiteral("--max_new_tokens"), QStringLiteral("12")});
        if (answer.status != 0) qFatal("%s", answer.err.c_str());
        return answer.out;
    }

private Q_SLOTS:
    void initTestCase() {
        std::string csv = "problem,solution\n";
        for (int i = 0; i < 80; ++i) csv += "What is " + std::to_string(i) + " and one?,It is " + std::to_string(i + 1) + ".\n";
        m_folder.fill(csv, {"max_steps=40", "eval_steps=10", "save_steps=4", "per_device_train_batch_size=4", "learning_rate=0.02",
                            "sampling.max_new_tokens=4", "threads=1"});
        m_project = m_folder.new_project("tuned");
        const Answer trained = run(m_folder.train(m_project, with_lora));
        QVERIFY2(trained.status == 0, trained.err.c_str());
    }

    void a_checkpoint_is_an_adapter_and_the_base_stays_where_it_is() {
        const auto project = must(Project::open(m_project.toStdString()));
        const fs::path checkpoint = last_checkpoint(*project, 1);
        QVERIFY(!fs::exists(checkpoint / "model.safetensors"));
        const Json config = must(parse_json(bytes_of(checkpoint / "adapter_config.json")));
        QCOMPARE(config.at("peft_type").get<std::string>(), std::string("LORA"));
        QCOMPARE(config.at("base_model_name_or_path").get<std::string>(), m_folder.path("model").string());
        const auto tensors = tensors_in(checkpoint / "adapter_model.safetensors");
        QCOMPARE(tensors.size(), std::size_t{2 * 4 * 2});  // layers, matrices, A and B
        const std::string& b = tensors.at("base_model.model.transformer.h.1.mlp.c_proj.lora_B.weight");
        QCOMPARE(b.size(), std::size_t{32 * 4 * 4});
        QVERIFY(b != std::string(b.size(), '\0'));  // as which it began
        const auto losses = values(*project, 1, "validation/loss");
        // A state's length is sqrt(32) and a frozen embedding's about 0.02 sqrt(32), so that no logit and hence no fall can pass 0.64.
        QVERIFY2(losses.front() - losses.back() > 0.32, qPrintable(QString::number(losses.front() - losses.back())));
    }

    void killed_and_resumed_it_ends_with_the_same_adapter_and_metrics() {
        const auto undisturbed = must(Project::open(m_project.toStdString()));
        const QString killed = m_folder.new_project("killed");
        const auto watched = must(Project::open(killed.toStdString()));
        for (const std::int64_t wanted : {6, 17, 29}) {
            QProcess process;
            process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"),
                          wanted == 6 ? m_folder.train(killed, with_lora)
                                      : QStringList{QStringLiteral("train"), killed, QStringLiteral("--resume"), QStringLiteral("1")});
            QVERIFY(process.waitForStarted());
            const auto reached = [&] {
                const auto runs = must(watched->runs().runs());
                return process.state() == QProcess::NotRunning ||
                       (!runs.empty() && runs.front().step >= wanted && runs.front().process == process.processId());
            };
            QTRY_VERIFY_WITH_TIMEOUT(reached(), 60'000);
            QVERIFY2(process.state() == QProcess::Running, process.readAllStandardError().constData());
            ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
            QVERIFY(process.waitForFinished());
        }
        const Answer last = run({QStringLiteral("train"), killed, QStringLiteral("--resume"), QStringLiteral("1")});
        QVERIFY2(last.status == 0, last.err.c_str());
        QVERIFY(tensors_in(last_checkpoint(*watched, 1) / "adapter_model.safetensors") ==
                tensors_in(last_checkpoint(*undisturbed, 1) / "adapter_model.safetensors"));
        QVERIFY(exact_metrics(*watched, 1) == exact_metrics(*undisturbed, 1));
    }

    void what_was_trained_is_read_with_its_base_by_every_question() {
        const QString tuned = m_project + QStringLiteral(":1");
        const std::string of_tuned = generated(tuned);
        QVERIFY(of_tuned != generated(m_folder / "model"));
        const fs::path checkpoint = last_checkpoint(*must(Project::open(m_project.toStdString())), 1);
        QVERIFY(!generated(text(checkpoint)).empty());
        for (const char* precision : {"bf16", "int8"}) {
            const Answer lower = run({QStringLiteral("generate"), QStringLiteral("--model"), tuned, QStringLiteral("--problem"),
                                      QStringLiteral("What is 7 and one?"), QStringLiteral("--max_new_tokens"), QStringLiteral("3"),
                                      QStringLiteral("--precision"), QString::fromUtf8(precision)});
            QVERIFY2(lower.status == 0, lower.err.c_str());
            QVERIFY2(of_tuned.starts_with(lower.out.substr(0, lower.out.size() - 1)), lower.out.c_str());
        }
        const Answer difference = run({QStringLiteral("inspect"), QStringLiteral("--model"), tuned, QStringLiteral("--against"),
                                       m_folder / "model", QStringLiteral("--problem"), QStringLiteral("What is 7 and one?"),
                                       QStringLiteral("--solution"), QStringLiteral("It is 8."), QStringLiteral("--json")});
        QVERIFY2(difference.status == 0, difference.err.c_str());
        const Answer compared = run({QStringLiteral("compare"), m_project, QStringLiteral("1"), QStringLiteral("--json")});
        QVERIFY2(compared.status == 0, compared.err.c_str());
        const Answer doctor = run({QStringLiteral("doctor"), m_project, QStringLiteral("1"), QStringLiteral("--json")});
        QVERIFY2(doctor.status == 0, doctor.err.c_str());
    }

    void exported_it_is_one_model_that_needs_no_base() {
        const QString whole = m_folder / "whole";
        const Answer exported = run({QStringLiteral("export"), m_project + QStringLiteral(":1"), whole, QStringLiteral("--json")});
        QVERIFY2(exported.status == 0, exported.err.c_str());
        QVERIFY(!fs::exists(m_folder.path("whole/adapter_config.json")));
        QCOMPARE(generated(whole), generated(m_project + QStringLiteral(":1")));
        const auto before = tensors_in(m_folder.path("model/model.safetensors"));
        const auto after = tensors_in(m_folder.path("whole/model.safetensors"));
        QCOMPARE(after.size(), before.size());
        for (const auto& [name, bytes] : before) {
            const bool changed = name.ends_with("c_attn.weight") || name.ends_with("c_proj.weight") || name.ends_with("c_fc.weight");
            QVERIFY2((after.at(name) != bytes) == changed, name.c_str());
        }
    }

    void exported_as_an_adapter_it_is_what_peft_reads_and_nothing_else() {
        const QString adapter = m_folder / "adapter";
        const Answer exported = run(
            {QStringLiteral("export"), m_project + QStringLiteral(":1"), adapter, QStringLiteral("--adapter"), QStringLiteral("--json")});
        QVERIFY2(exported.status == 0, exported.err.c_str());
        QVERIFY(fs::exists(m_folder.path("adapter/adapter_model.safetensors")));
        QVERIFY(!fs::exists(m_folder.path("adapter/optimizer.safetensors")));
        QCOMPARE(generated(adapter), generated(m_project + QStringLiteral(":1")));
        expect_error(run({QStringLiteral("export"), m_folder / "model", m_folder / "none", QStringLiteral("--adapter")}), 2);
    }

    void a_further_run_goes_on_from_both_together() {
        const QString path = m_folder.new_project("further");
        const Answer trained = run(m_folder.train(path, {"model=" + m_project.toStdString() + ":1", "max_steps=4", "lora.r=2"}));
        QVERIFY2(trained.status == 0, trained.err.c_str());
        const auto first = must(Project::open(m_project.toStdString()));
        const auto further = must(Project::open(path.toStdString()));
        const auto best = must(first->runs().run(1)).best_validation_loss;
        QVERIFY(best.has_value());
        QVERIFY(std::abs(values(*further, 1, "validation/loss").front() - *best) < 1e-4);
        QVERIFY(!generated(path + QStringLiteral(":1")).empty());
    }

    void two_processes_take_the_steps_of_one() {
        const QString path = m_folder.new_project("together");
        const auto project = must(Project::open(path.toStdString()));
        auto config = with_lora;
        config.insert(config.end(), {"max_steps=8", "dropout=0", "lora.lora_dropout=0", "freeze_layers=1"});
        auto alone = config;
        alone.emplace_back("gradient_accumulation_steps=2");
        auto together = config;
        together.emplace_back("nproc_per_node=2");
        for (const auto& each : {alone, together}) {
            const Answer trained = run(m_folder.train(path, each));
            QVERIFY2(trained.status == 0, trained.err.c_str());
        }
        const auto one = values(*project, 1, "train/loss");
        const auto two = values(*project, 2, "train/loss");
        QCOMPARE(two.size(), std::size_t{8});
        for (std::size_t i = 0; i < one.size(); ++i) QVERIFY(std::abs(one[i] - two[i]) <= 1e-5 * one[i]);
        QCOMPARE(tensors_in(last_checkpoint(*project, 2) / "adapter_model.safetensors").size(), std::size_t{4 * 2});
    }

    void it_learns_by_reward_beside_the_base_that_it_is_pulled_to() {
        const QString path = m_folder.new_project("rewarded");
        auto config = with_lora;
        config.insert(config.end(), {"max_steps=6", "reward.beta=0.5", "reward.max_completion_length=6", "reward.eval_prompts=4",
                                     "reward.source=def reward(generated):\n    return generated.count('e') / max(1, len(generated))\n"});
        const Answer trained = run(m_folder.train(path, config));
        QVERIFY2(trained.status == 0, trained.err.c_str());
        const auto project = must(Project::open(path.toStdString()));
        const auto pull = values(*project, 1, "kl");
        QCOMPARE(pull.size(), std::size_t{6});
        QVERIFY(std::abs(pull.front()) < 1e-6);  // a new adapter changes nothing
        QVERIFY(pull.back() > 1e-6);
        QVERIFY(fs::exists(last_checkpoint(*project, 1) / "adapter_model.safetensors"));
    }

    void early_stopping_keeps_the_best_adapter() {
        const QString path = m_folder.new_project("tired");
        auto config = with_lora;
        config.insert(config.end(), {"max_steps=200", "eval_steps=2", "save_steps=0", "early_stopping_patience=2", "learning_rate=0.9",
                                     "max_grad_norm=0"});
        const Answer trained = run(m_folder.train(path, config));
        QVERIFY2(trained.status == 0, trained.err.c_str());
        QVERIFY(trained.json().at("steps").get<int>() < 200);
        const auto project = must(Project::open(path.toStdString()));
        const auto best = trained.json().at("best").at("step").get<std::int64_t>();
        QVERIFY(fs::exists(project->run_folder(1) / ("checkpoint-" + std::to_string(best)) / "adapter_model.safetensors"));
    }

    void frozen_layers_and_embeddings_are_written_as_they_were() {
        const QString path = m_folder.new_project("frozen");
        const Answer trained = run(m_folder.train(path, {"max_steps=4", "freeze_layers=1", "freeze_embeddings=true"}));
        QVERIFY2(trained.status == 0, trained.err.c_str());
        const auto project = must(Project::open(path.toStdString()));
        const auto before = tensors_in(m_folder.path("model/model.safetensors"));
        const auto after = tensors_in(last_checkpoint(*project, 1) / "model.safetensors");
        QCOMPARE(after.size(), before.size());
        for (const auto& [name, bytes] : before) {
            const bool frozen = name.find(".h.0.") != std::string::npos || name.find(".wte.") != std::string::npos ||
                                name.find(".wpe.") != std::string::npos;
            QVERIFY2((after.at(name) == bytes) == frozen, name.c_str());
        }
    }

    void an_estimate_tells_how_little_an_adapter_takes() {
        const auto estimated = [this](const std::vector<std::string>& more) {
            const Answer answer =
                run(QStringList{QStringLiteral("estimate"), m_project, QStringLiteral("--json")} + m_folder.settings() + sets(more));
            if (answer.status != 0) qFatal("%s", answer.err.c_str());
            return answer.json();
        };
        const Json whole = estimated({});
        const Json adapter = estimated({"lora.r=4"});
        QCOMPARE(adapter.at("trainable_parameters").get<std::int64_t>(), std::int64_t{2 * 4 * (32 + 96)});
        QVERIFY(adapter.at("disk_bytes").get<double>() < 0.01 * whole.at("disk_bytes").get<double>());
        QVERIFY(adapter.at("memory_bytes").get<std::int64_t>() < whole.at("memory_bytes").get<std::int64_t>());
        const Json half = estimated({"freeze_layers=2", "freeze_embeddings=true"});
        QCOMPARE(half.at("trainable_parameters").get<std::int64_t>(), std::int64_t{2 * 32});  // the last norm alone
    }

    void added_tokens_are_told_that_their_embeddings_stay() {
        const QString path = m_folder.new_project("grown");
        auto config = with_lora;
        config.insert(config.end(), {"max_steps=4", R"(template.added_tokens=["<think>"])", "template.prompt=<think>{problem}"});
        const Answer trained = run(m_folder.train(path, config));
        QVERIFY2(trained.status == 0, trained.err.c_str());
        const auto project = must(Project::open(path.toStdString()));
        const auto events = must(project->runs().events(1));
        QVERIFY(std::any_of(events.begin(), events.end(), [](const RunEvent& event) { return event.kind == "added_tokens"; }));
        QVERIFY(!generated(path + QStringLiteral(":1")).empty());
        const Answer resumed = run({QStringLiteral("train"), path, QStringLiteral("--resume"), QStringLiteral("1")});
        QVERIFY2(resumed.err.find("vocab") == std::string::npos, resumed.err.c_str());
    }

    void a_wrong_setting_is_refused_before_a_run_is_recorded_data() {
        QTest::addColumn<QByteArray>("assignment");
        QTest::addColumn<QByteArray>("named");
        for (const auto& [assignment, named] : {std::pair{"lora.r=0", "`r` is 0"},
                                                {"lora.r=1000000", "`r` is 1000000"},
                                                {"lora.r=NaN", "lora.r"},
                                                {"lora.r=2.5", "lora.r"},
                                                {"lora.lora_alpha=0", "`lora_alpha` is 0"},
                                                {"lora.lora_dropout=1", "`lora_dropout` is 1"},
                                                {R"(lora.target_modules=["q_proj"])", "q_proj"},
                                                {R"(lora.target_modules=["c_fc","c_fc"])", "twice"},
                                                {"lora.target_modules=[]", "nothing would be trained"},
                                                {"lora.rank=4", "rank"},
                                                {"freeze_layers=-1", "`freeze_layers` is -1"}})
            QTest::newRow(assignment) << QByteArray(assignment) << QByteArray(named);
    }
    void a_wrong_setting_is_refused_before_a_run_is_recorded() {
        QFETCH(QByteArray, assignment);
        QFETCH(QByteArray, named);
        const auto project = must(Project::open(m_project.toStdString()));
        const std::size_t runs = must(project->runs().runs()).size();
        const Answer refused = run(m_folder.train(m_project, {assignment.toStdString()}));
        expect_error(refused, 2);
        QVERIFY2(refused.err.find(named.toStdString()) != std::string::npos, refused.err.c_str());
        QCOMPARE(must(project->runs().runs()).size(), runs);
    }

    void more_frozen_layers_than_there_are_end_the_run_with_a_sentence() {
        const Answer refused = run(m_folder.train(m_folder.new_project("all frozen"), {"lora.r=2", "freeze_layers=2"}));
        expect_error(refused, 2);
        QVERIFY2(refused.err.find("of which LoRA needs one") != std::string::npos, refused.err.c_str());
        const Answer nothing = run(m_folder.train(m_folder.new_project("nothing left"), {"freeze_layers=3"}));
        expect_error(nothing, 2);
    }

    /// Last, since it changes the base.
    void beside_other_weights_it_is_refused() {
        const fs::path base = m_folder.path("model/model.safetensors");
        std::string bytes = bytes_of(base);
        bytes.back() ^= 1;
        std::ofstream(base, std::ios::binary) << bytes;
        const Answer refused = run({QStringLiteral("generate"), QStringLiteral("--model"), m_project + QStringLiteral(":1"),
                                    QStringLiteral("--prompt"), QStringLiteral("What")});
        expect_error(refused, 2);
        QVERIFY2(refused.err.find("not those that the adapter was trained beside") != std::string::npos, refused.err.c_str());
        fs::remove_all(m_folder.path("model"));
        const Answer gone = run({QStringLiteral("generate"), QStringLiteral("--model"), m_project + QStringLiteral(":1"),
                                 QStringLiteral("--prompt"), QStringLiteral("What")});
        QVERIFY(gone.status != 0);
        QVERIFY2(gone.err.find("not a model's folder here") != std::string::npos, gone.err.c_str());
    }
};

QTEST_GUILESS_MAIN(LoraRunTest)
#include "LoraRunTest.moc"
