// The program as a script calls it: what it prints, where, and with which exit status.
#include <signal.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>

#include "core/base/Json.h"
#include "core/project/DataStore.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"
#include "tests/support/Calling.h"

using namespace lossmith;
using namespace lossmith::test;
namespace fs = std::filesystem;

namespace {

QString nasty(const char* name) {
    return QStringLiteral(LOSSMITH_TEST_DATA "/csv-nasty/encodings/") + QString::fromUtf8(name);
}

/// A project with a finished run of three metrics.
void make_run(const fs::path& path) {
    const auto project = must(Project::create(path));
    const std::int64_t run = must(project->runs().create({})).id;
    const std::vector<Metric> metrics = {{1, "train/loss", 2.5}, {2, "train/loss", 0.1}, {2, "validation/loss", 1.25}};
    if (!project->metrics().write(run, metrics)) qFatal("metrics");
    if (!project->runs().add_event(run, 2, "validation", "The validation loss is 1.25, \"better\".")) qFatal("event");
    if (!project->runs().set_best(run, 2, 1.25)) qFatal("best");
    if (!project->runs().set_status(run, RunStatus::Finished)) qFatal("status");
}

/// A project of two rows and a tiny model beside it.
QString small_project(const Folder& folder) {
    const QString project = folder / "p.lossmith";
    const QString csv = folder.write("a.csv", "problem,solution\nThe door,Push it.\nThe lamp,Turn it.\n");
    if (run({QStringLiteral("import"), project, csv}).status != 0) qFatal("import");
    if (run(QStringList{QStringLiteral("new-model"), folder / "tiny"} +
            words({"--n_embd", "8", "--n_layer", "1", "--n_head", "1", "--n_positions", "32"}))
            .status != 0)
        qFatal("new-model");
    return project;
}

}  // namespace

class CliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tokens_are_shown_as_they_are_fed_and_labelled_by_hand() {
        const Folder folder;
        const QString project = folder / "p.lossmith";
        const QString csv = folder.write("rows.csv", "problem,solution\nask 3,give 12 of 7.\nask 4,give 13 of 8.\n");
        QCOMPARE(run({QStringLiteral("import"), project, csv}).status, 0);
        const auto tokens = [&](QStringList more) {
            more = QStringList{QStringLiteral("tokens"), project, QStringLiteral("--json")} + more;
            return run(more);
        };
        const auto labelled = [](const Json& answer) {
            std::string text;
            for (const Json& token : answer.at("tokens"))
                if (token.at("labelled").get<bool>()) text += token.at("text").get<std::string>();
            return text;
        };
        const QStringList row = {QStringLiteral("--row"), QStringLiteral("1")};
        QCOMPARE(labelled(tokens(row).json()), std::string(" give 12 of 7.<|endoftext|>"));
        QCOMPARE(labelled(tokens(row + QStringList{QStringLiteral("--set"), QStringLiteral("template.labels=last_tokens"),
                                                   QStringLiteral("--set"), QStringLiteral("template.label_tokens=2")})
                              .json()),
                 std::string(".<|endoftext|>"));
        QCOMPARE(labelled(tokens(row + QStringList{QStringLiteral("--unlabel"), QStringLiteral("solution:0-4"), QStringLiteral("--unlabel"),
                                                   QStringLiteral("end")})
                              .json()),
                 std::string(" 12 of 7."));
        QCOMPARE(labelled(tokens(row).json()), std::string(" 12 of 7."));
        QCOMPARE(labelled(tokens(row + QStringList{QStringLiteral("--by-rule")}).json()), std::string(" give 12 of 7.<|endoftext|>"));
        QVERIFY(tokens({QStringLiteral("--shares")}).json().at("rows").get<int>() >= 1);
        const Answer wrong = tokens(row + QStringList{QStringLiteral("--label"), QStringLiteral("somewhere")});
        QCOMPARE(wrong.status, 2);
        QVERIFY(wrong.err.find("names no part of a row") != std::string::npos);
        QCOMPARE(tokens({QStringLiteral("--row"), QStringLiteral("99")}).status, 2);
        QCOMPARE(tokens({}).status, 2);
    }

    void bench_tells_speed_and_what_each_part_of_a_step_takes() {
        const Folder folder;
        QCOMPARE(run(QStringList{QStringLiteral("new-model"), folder / "tiny"} +
                     words({"--n_embd=32", "--n_layer=2", "--n_head=2", "--n_positions=64"}))
                     .status,
                 0);
        const auto bench = [&](std::initializer_list<const char*> more) {
            return run(QStringList{QStringLiteral("bench"), QStringLiteral("--model"), folder / "tiny"} + words(more));
        };
        const Answer told = bench({"--tokens=40", "--batch=2", "--steps=3", "--json"});
        QVERIFY2(told.status == 0, told.err.c_str());
        const Json answer = told.json();
        const double step = answer.at("step_seconds").get<double>();
        QVERIFY(std::abs(answer.at("tokens_per_second").get<double>() * step - 80.0) < 1e-6);
        // 6 · 2 layers · 12 · 32² for each of 80 tokens, 12 · 32 for each of 2 · 820 pairs, 6 · 32 · 50257 for each of 40 labels.
        const double operations = 2 * (6.0 * 12 * 32 * 32 * 80 + 12.0 * 32 * 2 * 820) + 6.0 * 32 * 50257 * 40;
        QVERIFY(std::abs(answer.at("gflops").get<double>() * step * 1e9 / operations - 1.0) < 1e-9);
        QVERIFY(answer.at("peak_gflops").get<double>() > answer.at("gflops").get<double>());
        QVERIFY(answer.at("peak_bytes").get<double>() > 50e6);
        // The step's parts are the step: medians of few steps do not add up exactly.
        double sum = 0.0;
        for (const Json& part : answer.at("parts"))
            if (part.at("of_the_step").get<bool>()) sum += part.at("seconds").get<double>();
        QCOMPARE(answer.at("parts").size(), std::size_t{8});
        QVERIFY(sum > 0.2 * step && sum < 3.0 * step);
        const Answer table = bench({"--tokens=8", "--steps=1"});
        QCOMPARE(table.status, 0);
        QVERIFY(table.out.find("blocks, backward") != std::string::npos);
        const Answer wrong = bench({"--tokens=65"});
        QCOMPARE(wrong.status, 2);
        QVERIFY(wrong.err.find("This model takes 2 to 64.") != std::string::npos);
    }

    void special_tokens_are_told_with_their_neighbours_and_what_they_take() {
        const Folder folder;
        const QString project = folder / "p.lossmith";
        const QString csv = folder.write("rows.csv", "problem,solution\nask 3,give 12 of 7.\nask 4,give 13 of 8.\n");
        QCOMPARE(run({QStringLiteral("import"), project, csv}).status, 0);
        QCOMPARE(run(QStringList{QStringLiteral("new-model"), folder / "tiny"} +
                     words({"--n_embd=8", "--n_layer=1", "--n_head=1", "--n_positions=64"}))
                     .status,
                 0);
        const auto special = [&](const QStringList& more) {
            return run(QStringList{QStringLiteral("special"), project, QStringLiteral("--model"), folder / "tiny"} + more);
        };
        const Answer alone = special(words({"--json"}));
        QVERIFY2(alone.status == 0, alone.err.c_str());
        QCOMPARE(alone.json().at("tokens").size(), std::size_t{1});
        QCOMPARE(alone.json().at("vocabulary").get<int>(), 50'257);

        const QStringList with = words({"--template", R"({"added_tokens": ["<|go|>", "<|pad|>"], "start_token": "<|go|>",
                                                          "pad_token": "<|pad|>", "added_tokens_init": "random"})"});
        const Json answer = special(with + words({"--json"})).json();
        QCOMPARE(answer.at("vocabulary").get<int>(), 50'259);
        const std::vector<std::tuple<int, std::string, std::string>> expected = {
            {50'256, "<|endoftext|>", "end"}, {50'257, "<|go|>", "start"}, {50'258, "<|pad|>", "padding"}};
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const Json& token = answer.at("tokens").at(i);
            QCOMPARE(token.at("id").get<int>(), std::get<0>(expected[i]));
            QCOMPARE(token.at("name").get<std::string>(), std::get<1>(expected[i]));
            QCOMPARE(token.at("role").get<std::string>(), std::get<2>(expected[i]));
            QCOMPARE(token.at("neighbours").size(), std::size_t{5});
            for (const char* begun : {"mean", "random"}) {
                const double probability = token.at(begun).at("probability").get<double>();
                QVERIFY(probability > 0.0 && probability < 1.0);
            }
        }
        const Answer table = special(with);
        QVERIFY2(table.out.find("50258") != std::string::npos && table.out.find("All other tokens' logits: ") != std::string::npos,
                 table.out.c_str());
        // The project's own template stays as it was.
        QCOMPARE(run({QStringLiteral("template"), project, QStringLiteral("--json")}).json().at("added_tokens").size(), std::size_t{0});
        expect_error(special(words({"--template", R"({"start_token": "<|nowhere|>"})"})), 2);
    }

    void every_label_rule_is_set_in_the_template_by_json() {
        const Folder folder;
        const QString project = folder / "p.lossmith";
        const QString csv = folder.write("rows.csv", "problem,solution\nask 3,give 12 of 7.\nask 4,give 13 of 8.\n");
        QCOMPARE(run({QStringLiteral("import"), project, csv}).status, 0);
        const auto set = [&](const char* json) {
            return run({QStringLiteral("template"), project, QStringLiteral("--json"), QStringLiteral("--set"), QString::fromUtf8(json)});
        };
        const Json spec = set(R"({"labels": "pattern", "label_pattern": "\\d+", "label_marker": "Solution:", "label_tokens": 4,
                                  "added_tokens": ["<|pad|>"], "added_tokens_init": "random", "pad_token": "<|pad|>",
                                  "label_padding": true})")
                              .json();
        QCOMPARE(spec.at("labels").get<std::string>(), std::string("pattern"));
        QCOMPARE(spec.at("label_pattern").get<std::string>(), std::string("\\d+"));
        QCOMPARE(spec.at("label_marker").get<std::string>(), std::string("Solution:"));
        QCOMPARE(spec.at("label_tokens").get<int>(), 4);
        QCOMPARE(spec.at("pad_token").get<std::string>(), std::string("<|pad|>"));
        QVERIFY(spec.at("label_padding").get<bool>());
        QCOMPARE(spec.at("added_tokens_init").get<std::string>(), std::string("random"));
        QCOMPARE(run({QStringLiteral("template"), project, QStringLiteral("--json")}).json(), spec);
        for (const char* wrong : {"{\"label_pattern\": \"(\"}", "{\"added_tokens_init\": \"zero\"}"}) expect_error(set(wrong), 2);
        QCOMPARE(run({QStringLiteral("template"), project, QStringLiteral("--json")}).json(), spec);
    }

    void the_version_and_the_help_are_answers();
    void a_wrong_call_is_an_error_of_status_2_data();
    void a_wrong_call_is_an_error_of_status_2();
    void unusable_input_is_an_error_of_status_2();
    void an_answer_that_cannot_be_written_is_a_failure();
    void importing_a_nasty_file_says_what_was_read_guessed_and_set_aside();
    void every_guess_can_be_overruled();
    void a_file_without_a_usable_row_is_unusable_but_says_why();
    void a_failed_import_leaves_no_project();
    void an_import_is_split_as_asked();
    void the_same_file_again_adds_nothing_and_is_no_error();
    void progress_is_shown_when_asked_for_and_else_not();
    void an_interrupted_import_ends_with_130_and_leaves_nothing();
    void a_terminal_is_not_spoilt_by_what_is_in_a_cell();
    void data_lists_sources_and_rows();
    void the_template_is_shown_and_changed_field_by_field();
    void runs_are_listed_as_table_csv_and_json();
    void one_run_is_shown_in_full();
    void runs_are_noted_filtered_sorted_and_told_apart();
    void a_run_is_made_again_with_one_thing_changed();
    void a_base_and_several_checkpoints_are_compared();
    void metrics_are_read_as_table_csv_and_json();
};

void CliTest::the_version_and_the_help_are_answers() {
    const Answer version = run(words({"--version"}));
    QCOMPARE(version.status, 0);
    QVERIFY(version.out.starts_with("lossmith-cli "));
    for (const QStringList& call : {words({"--help"}), words({"import", "--help"}), words({"metrics", "--help"})}) {
        const Answer help = run(call);
        QCOMPARE(help.status, 0);
        QVERIFY(help.out.find("Usage") != std::string::npos);
        QCOMPARE(help.err, std::string());
    }
}

void CliTest::a_wrong_call_is_an_error_of_status_2_data() {
    QTest::addColumn<QStringList>("call");
    QTest::newRow("no verb") << QStringList();
    QTest::newRow("unknown verb") << words({"improt"});
    QTest::newRow("unknown option before the verb") << words({"--jsn"});
    QTest::newRow("unknown option") << words({"runs", "p.lossmith", "--jsn"});
    QTest::newRow("missing operand") << words({"import", "p.lossmith"});
    QTest::newRow("too many operands") << words({"runs", "p.lossmith", "q.lossmith"});
    QTest::newRow("not a number") << words({"metrics", "p.lossmith", "first"});
    QTest::newRow("two forms at once") << words({"runs", "p.lossmith", "--json", "--csv"});
    QTest::newRow("header and no header") << words({"import", "p.lossmith", "a.csv", "--header", "--no-header"});
    QTest::newRow("unknown split") << words({"import", "p.lossmith", "a.csv", "--split", "held-out"});
    QTest::newRow("two characters as delimiter") << words({"import", "p.lossmith", "a.csv", "--delimiter", "||"});
}

void CliTest::a_wrong_call_is_an_error_of_status_2() {
    QFETCH(QStringList, call);
    expect_error(run(call), 2);
}

void CliTest::unusable_input_is_an_error_of_status_2() {
    const Folder folder;
    expect_error(run({QStringLiteral("runs"), folder / "none.lossmith"}), 2);
    expect_error(run({QStringLiteral("runs"), folder.write("letter.lossmith", "Dear all,\n")}), 2);
    expect_error(run({QStringLiteral("import"), folder / "p.lossmith", folder / "none.csv"}), 2);
    expect_error(run({QStringLiteral("import"), folder / "nowhere/p.lossmith", folder.write("a.csv", "problem,solution\na,b\n")}), 2);
    make_run(folder.path("r.lossmith"));
    expect_error(run({QStringLiteral("metrics"), folder / "r.lossmith", QStringLiteral("7")}), 2);
    expect_error(
        run({QStringLiteral("metrics"), folder / "r.lossmith", QStringLiteral("1"), QStringLiteral("--name"), QStringLiteral("loss")}), 2);
    expect_error(
        run({QStringLiteral("runs"), folder / "r.lossmith", QStringLiteral("--run"), QStringLiteral("7"), QStringLiteral("--json")}), 2);
}

void CliTest::an_answer_that_cannot_be_written_is_a_failure() {
    const Folder folder;
    make_run(folder.path("r.lossmith"));
    const Answer answer = run({QStringLiteral("runs"), folder / "r.lossmith"}, QStringLiteral("/dev/full"));
    expect_error(answer, 1);
}

void CliTest::importing_a_nasty_file_says_what_was_read_guessed_and_set_aside() {
    const Folder folder;
    const Answer answer = run({QStringLiteral("import"), folder / "p.lossmith", nasty("gnome_help_ragged.csv"), QStringLiteral("--json")});
    QCOMPARE(answer.status, 0);
    QCOMPARE(answer.err, std::string());
    const Json json = answer.json();
    QVERIFY(json.at("rows").get<int>() > 0);
    QVERIFY(!json.at("set_aside").empty());
    for (const Json& row : json.at("set_aside")) {
        QVERIFY(row.at("line").get<int>() > 1);
        QVERIFY(!row.at("reason").get<std::string>().empty());
        QVERIFY(row.at("message").get<std::string>().ends_with('.'));
    }
    const Json& guessed = json.at("guessed");
    QCOMPARE(guessed.at("encoding").get<std::string>(), std::string("UTF-8"));
    QCOMPARE(guessed.at("delimiter").get<std::string>(), std::string(","));
    QVERIFY(guessed.at("header").get<bool>());
    QCOMPARE(guessed.at("problem").get<std::string>(), std::string("Problem"));
    QCOMPARE(guessed.at("solution").get<std::string>(), std::string("Solution"));
    const Json& splits = json.at("splits");
    QCOMPARE(splits.at("train").get<int>() + splits.at("validation").get<int>() + splits.at("test").get<int>(), json.at("rows").get<int>());

    const Answer words_of_it = run({QStringLiteral("import"), folder / "q.lossmith", nasty("gnome_help_ragged.csv")});
    QCOMPARE(words_of_it.status, 0);
    QVERIFY(words_of_it.out.find("ragged") != std::string::npos);
    QVERIFY(words_of_it.out.find("set aside") != std::string::npos);
}

void CliTest::every_guess_can_be_overruled() {
    const Folder folder;
    const QString csv = folder.write("a.txt", "one|'two|2'|three\nfour|five|six\n");
    const Answer answer = run({QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--json"), QStringLiteral("--format"),
                               QStringLiteral("csv"), QStringLiteral("--delimiter"), QStringLiteral("|"), QStringLiteral("--quote"),
                               QStringLiteral("'"), QStringLiteral("--no-header"), QStringLiteral("--problem"), QStringLiteral("column 3"),
                               QStringLiteral("--solution"), QStringLiteral("column 2"), QStringLiteral("--encoding"),
                               QStringLiteral("UTF-8"), QStringLiteral("--split"), QStringLiteral("train")});
    QCOMPARE(answer.status, 0);
    QCOMPARE(answer.json().at("rows").get<int>(), 2);
    const auto rows = must(must(Project::open(folder.path("p.lossmith")))->data().rows());
    QCOMPARE(rows.front().problem, std::string("three"));
    QCOMPARE(rows.front().solution, std::string("two|2"));
}

void CliTest::a_file_without_a_usable_row_is_unusable_but_says_why() {
    const Folder folder;
    const Answer answer =
        run({QStringLiteral("import"), folder / "p.lossmith", folder.write("a.csv", "problem,solution\nonly one\nand one\n"),
             QStringLiteral("--json"), QStringLiteral("--delimiter"), QStringLiteral(","), QStringLiteral("--header")});
    QCOMPARE(answer.status, 2);
    QCOMPARE(answer.json().at("set_aside").size(), std::size_t{2});
    QVERIFY(answer.err.find("lossmith-cli: error: ") != std::string::npos);
}

void CliTest::a_failed_import_leaves_no_project() {
    const Folder folder;
    const QString csv = folder.write("a.csv", "problem,solution\na,b\n");
    expect_error(run({QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--problem"), QStringLiteral("question")}), 2);
    expect_error(run({QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--validation"), QStringLiteral("1.5")}), 2);
    QVERIFY(!fs::exists(folder.path("p.lossmith")));
    QVERIFY(!fs::exists(folder.path("p.files")));
}

void CliTest::an_import_is_split_as_asked() {
    const Folder folder;
    std::string text = "problem,solution\n";
    for (int i = 0; i < 400; ++i) text += "It is broken " + std::to_string(i) + ",Mend it\n";
    const Answer answer = run({QStringLiteral("import"), folder / "p.lossmith", folder.write("a.csv", text), QStringLiteral("--json"),
                               QStringLiteral("--validation"), QStringLiteral("0.25"), QStringLiteral("--test"), QStringLiteral("0.25"),
                               QStringLiteral("--split-seed"), QStringLiteral("3")});
    QCOMPARE(answer.status, 0);
    const Json splits = answer.json().at("splits");
    QVERIFY(splits.at("validation").get<int>() > 60 && splits.at("test").get<int>() > 60);
    const Answer held_out = run({QStringLiteral("import"), folder / "p.lossmith", folder.write("b.csv", "problem,solution\nnew,row\n"),
                                 QStringLiteral("--json"), QStringLiteral("--split"), QStringLiteral("test")});
    QCOMPARE(held_out.json().at("splits").at("test").get<int>(), splits.at("test").get<int>() + 1);
}

void CliTest::the_same_file_again_adds_nothing_and_is_no_error() {
    const Folder folder;
    const QString csv = folder.write("a.csv", "problem,solution\na,b\nc,d\n");
    QCOMPARE(run({QStringLiteral("import"), folder / "p.lossmith", csv}).status, 0);
    const Answer again = run({QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--json")});
    QCOMPARE(again.status, 0);
    QCOMPARE(again.json().at("rows").get<int>(), 0);
    QCOMPARE(again.json().at("set_aside").at(0).at("reason").get<std::string>(), std::string("duplicate"));
    const Answer kept =
        run({QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--json"), QStringLiteral("--keep-duplicates")});
    QCOMPARE(kept.json().at("rows").get<int>(), 2);
}

void CliTest::progress_is_shown_when_asked_for_and_else_not() {
    const Folder folder;
    const QString csv = folder.write("a.csv", "problem,solution\na,b\n");
    QCOMPARE(run({QStringLiteral("import"), folder / "p.lossmith", csv}).err, std::string());
    const Answer shown =
        run({QStringLiteral("import"), folder / "q.lossmith", csv, QStringLiteral("--progress"), QStringLiteral("--json")});
    QVERIFY(shown.err.find('%') != std::string::npos);
    QCOMPARE(shown.json().at("rows").get<int>(), 1);
}

void CliTest::an_interrupted_import_ends_with_130_and_leaves_nothing() {
    const Folder folder;
    std::string text = "problem,solution\n";
    for (int i = 0; i < 1'500'000; ++i) text += "It is broken " + std::to_string(i) + ",Mend it\n";
    const QString csv = folder.write("a.csv", text);
    QProcess process;
    process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"),
                  {QStringLiteral("import"), folder / "p.lossmith", csv, QStringLiteral("--progress")});
    process.setReadChannel(QProcess::StandardError);
    QByteArray said;
    while (!said.contains("reading")) {
        QVERIFY2(process.waitForReadyRead(60'000), said.constData());
        said += process.readAll();
    }
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QVERIFY(process.exitStatus() == QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 130);
    QVERIFY(!fs::exists(folder.path("p.lossmith")));
    QVERIFY(!fs::exists(folder.path("p.lossmith-wal")));
}

void CliTest::a_terminal_is_not_spoilt_by_what_is_in_a_cell() {
    const Folder folder;
    QCOMPARE(
        run({QStringLiteral("import"), folder / "p.lossmith", folder.write("a.csv", "problem,solution\nred \x1b[31m alarm,b\n")}).status,
        0);
    const Answer rows = run({QStringLiteral("data"), folder / "p.lossmith", QStringLiteral("--rows"), QStringLiteral("5")});
    QCOMPARE(rows.status, 0);
    QVERIFY(rows.out.find("alarm") != std::string::npos);
    QVERIFY(rows.out.find('\x1b') == std::string::npos);
}

void CliTest::data_lists_sources_and_rows() {
    const Folder folder;
    QCOMPARE(run({QStringLiteral("import"), folder / "p.lossmith", folder.write("a.csv", "problem,solution,item\na,b,lamp\nc,d,chair\n")})
                 .status,
             0);
    const Json json =
        run({QStringLiteral("data"), folder / "p.lossmith", QStringLiteral("--json"), QStringLiteral("--rows"), QStringLiteral("-1")})
            .json();
    QCOMPARE(json.at("rows").get<int>(), 2);
    QCOMPARE(json.at("sources").size(), std::size_t{1});
    QCOMPARE(json.at("listed").at(1).at("others").at("item").get<std::string>(), std::string("chair"));
    const Json removed = run({QStringLiteral("data"), folder / "p.lossmith", QStringLiteral("--json"), QStringLiteral("--remove-source"),
                              QStringLiteral("1")})
                             .json();
    QCOMPARE(removed.at("rows").get<int>(), 0);
}

void CliTest::the_template_is_shown_and_changed_field_by_field() {
    const Folder folder;
    QCOMPARE(run({QStringLiteral("import"), folder / "p.lossmith", folder.write("a.csv", "problem,solution\na,b\n")}).status, 0);
    const Json before = run({QStringLiteral("template"), folder / "p.lossmith", QStringLiteral("--json")}).json();
    const Json after = run({QStringLiteral("template"), folder / "p.lossmith", QStringLiteral("--json"), QStringLiteral("--set"),
                            QStringLiteral("{\"prompt\": \"Q: {problem}\\nA:\"}")})
                           .json();
    QCOMPARE(after.at("prompt").get<std::string>(), std::string("Q: {problem}\nA:"));
    QVERIFY(after.at("completion") == before.at("completion"));
    expect_error(
        run({QStringLiteral("template"), folder / "p.lossmith", QStringLiteral("--set"), QStringLiteral("{\"promt\": \"{problem}\"}")}), 2);
    expect_error(run({QStringLiteral("template"), folder / "p.lossmith", QStringLiteral("--set"), QStringLiteral("{\"prompt\": ")}), 2);
    QVERIFY(run({QStringLiteral("template"), folder / "p.lossmith", QStringLiteral("--json")}).json() == after);
}

void CliTest::runs_are_listed_as_table_csv_and_json() {
    const Folder folder;
    make_run(folder.path("p.lossmith"));
    const Answer table = run({QStringLiteral("runs"), folder / "p.lossmith"});
    QCOMPARE(table.status, 0);
    QVERIFY(table.out.find("finished") != std::string::npos);
    const Answer csv = run({QStringLiteral("runs"), folder / "p.lossmith", QStringLiteral("--csv")});
    QCOMPARE(lines_of(csv.out).size(), std::size_t{2});
    QVERIFY(lines_of(csv.out)[0].starts_with("run,name,status,"));
    QVERIFY(lines_of(csv.out)[1].starts_with("1,run 1,finished,"));
    const Json json = run({QStringLiteral("runs"), folder / "p.lossmith", QStringLiteral("--json")}).json();
    QCOMPARE(json.size(), std::size_t{1});
    QCOMPARE(json.at(0).at("run").get<int>(), 1);
    QCOMPARE(json.at(0).at("best").at("validation_loss").get<double>(), 1.25);
    QVERIFY(json.at(0).at("config").at("template").is_object());
}

void CliTest::one_run_is_shown_in_full() {
    const Folder folder;
    make_run(folder.path("p.lossmith"));
    const QStringList call = {QStringLiteral("runs"), folder / "p.lossmith", QStringLiteral("--run"), QStringLiteral("1")};
    const Answer text = run(call);
    QCOMPARE(text.status, 0);
    QVERIFY(text.out.find("The validation loss is 1.25, \"better\".") != std::string::npos);
    const Json json = run(call + QStringList{QStringLiteral("--json")}).json();
    QCOMPARE(json.at("events").at(0).at("kind").get<std::string>(), std::string("validation"));
    QCOMPARE(json.at("metrics").size(), std::size_t{2});
    expect_error(run(call + QStringList{QStringLiteral("--mark-lost")}), 2);
}

void CliTest::runs_are_noted_filtered_sorted_and_told_apart() {
    const Folder folder;
    make_run(folder.path("p.lossmith"));
    {
        const auto project = must(Project::open(folder.path("p.lossmith")));
        RunConfig config;
        config.learning_rate = 1e-3;
        const std::int64_t second = must(project->runs().create(config)).id;
        QVERIFY(project->runs().set_best(second, 3, 0.5).has_value());
    }
    const auto runs = [&](std::initializer_list<const char*> more) {
        return run(QStringList{QStringLiteral("runs"), folder / "p.lossmith"} + words(more));
    };
    const Json noted = runs({"--run", "2", "--tags", "good, lamp", "--note", "the one to beat", "--json"}).json();
    QCOMPARE(noted.at("tags").get<std::string>(), std::string("good, lamp"));
    QCOMPARE(noted.at("name").get<std::string>(), std::string("run 2"));
    QVERIFY(noted.at("began_from").is_null());
    const Json filtered = runs({"--words", "LAMP queued", "--json"}).json();
    QCOMPARE(filtered.size(), std::size_t{1});
    QCOMPARE(filtered.at(0).at("run").get<int>(), 2);
    QCOMPARE(runs({"--sort", "validation_loss", "--json"}).json().at(0).at("run").get<int>(), 2);
    QCOMPARE(runs({"--sort", "name", "--json"}).json().at(0).at("run").get<int>(), 1);
    const Json differing = runs({"--difference", "1", "--difference", "2", "--json"}).json();
    QCOMPARE(differing.at("fields").size(), std::size_t{1});
    QCOMPARE(differing.at("fields").at(0).at("field").get<std::string>(), std::string("learning_rate"));
    QVERIFY(differing.at("fields").at(0).at("values") == Json({5e-5, 1e-3}));
    QVERIFY(runs({"--difference", "1", "--difference", "2"}).out.find("5e-5") != std::string::npos);
    expect_error(runs({"--difference", "1"}), 2);
    expect_error(runs({"--difference", "1", "--difference", "9"}), 2);
    expect_error(runs({"--sort", "colour"}), 2);
    expect_error(runs({"--tags", "x"}), 2);
}

void CliTest::a_run_is_made_again_with_one_thing_changed() {
    const Folder folder;
    const QString project = small_project(folder);
    const auto train = [&](const QStringList& more) {
        return run(QStringList{QStringLiteral("train"), project, QStringLiteral("--json")} + more);
    };
    const Answer first = train({QStringLiteral("--set"), QStringLiteral("model=") + folder / "tiny", QStringLiteral("--set"),
                                QStringLiteral("max_steps=2"), QStringLiteral("--set"), QStringLiteral("learning_rate=3e-4")});
    QVERIFY2(first.status == 0, first.err.c_str());
    QCOMPARE(train(words({"--again", "1", "--set", "seed=7"})).json().at("run").get<int>(), 2);
    const Json differing =
        run(QStringList{QStringLiteral("runs"), project} + words({"--difference", "1", "--difference", "2", "--json"})).json();
    QCOMPARE(differing.at("fields").size(), std::size_t{1});
    QCOMPARE(differing.at("fields").at(0).at("field").get<std::string>(), std::string("seed"));
    // Its config as a file makes it once more, now from the checkpoint of the first.
    QCOMPARE(run({QStringLiteral("runs"), project, QStringLiteral("--run"), QStringLiteral("2"), QStringLiteral("--save-config"),
                  folder / "c.json"})
                 .status,
             0);
    const Answer third = train({QStringLiteral("--config"), folder / "c.json", QStringLiteral("--set"),
                                QStringLiteral("model=") + project + QStringLiteral(":1")});
    QVERIFY2(third.status == 0, third.err.c_str());
    const Json shown = run(QStringList{QStringLiteral("runs"), project} + words({"--run", "3", "--json"})).json();
    QVERIFY(shown.at("began_from") == Json({{"run", 1}, {"step", 2}}));
    QVERIFY(shown.at("provenance").contains("lossmith"));
    expect_error(train(words({"--again", "9"})), 2);
    expect_error(train(words({"--again", "1", "--resume", "1"})), 2);
}

void CliTest::a_base_and_several_checkpoints_are_compared() {
    const Folder folder;
    const QString project = small_project(folder);
    const auto train = [&](const char* steps) {
        return run({QStringLiteral("train"), project, QStringLiteral("--set"), QStringLiteral("model=") + folder / "tiny",
                    QStringLiteral("--set"), QStringLiteral("max_steps=") + QString::fromLatin1(steps)});
    };
    QCOMPARE(train("2").status, 0);
    QCOMPARE(train("3").status, 0);
    const QString prompts = folder.write(
        "prompts.json", R"([{"problem": "The door", "solution": "Push it."}, {"problem": "The lamp", "solution": "Turn it."}])");
    const QStringList call{QStringLiteral("compare"),
                           project,
                           QStringLiteral("1"),
                           QStringLiteral("2@3"),
                           QStringLiteral("--prompts"),
                           prompts,
                           QStringLiteral("--max_new_tokens"),
                           QStringLiteral("4"),
                           QStringLiteral("--do_sample"),
                           QStringLiteral("--seed"),
                           QStringLiteral("5"),
                           QStringLiteral("--html"),
                           folder / "page.html",
                           QStringLiteral("--csv"),
                           folder / "table.csv",
                           QStringLiteral("--json")};
    const Answer answer = run(call);
    QVERIFY2(answer.status == 0, answer.err.c_str());
    const Json comparison = answer.json();
    QVERIFY(comparison.at("models") == Json({(folder / "tiny").toStdString(), "run 1", "run 2, step 3"}));
    QCOMPARE(comparison.at("prompts").at(1).at("texts").size(), std::size_t{3});
    QCOMPARE(comparison.at("summary").at(1).at("model").get<std::string>(), std::string("run 2, step 3"));
    const Json& perplexity = comparison.at("summary").at(0).at("scores").at("perplexity");
    QCOMPARE(perplexity.at("rows").get<int>(), 2);
    QVERIFY(perplexity.at("base").at("mean").get<double>() > 1000.0);  // next to nothing was learnt of 50,257 tokens
    QVERIFY(fs::file_size(folder.path("page.html")) > 4000U);
    QVERIFY(fs::file_size(folder.path("table.csv")) > 400U);
    // The same seed gives a prompt the same tokens, wherever it stands and in any company.
    const Answer alone =
        run({QStringLiteral("generate"), QStringLiteral("--model"), project + QStringLiteral(":1"), QStringLiteral("--problem"),
             QStringLiteral("The lamp"), QStringLiteral("--max_new_tokens"), QStringLiteral("4"), QStringLiteral("--do_sample"),
             QStringLiteral("--seed"), QStringLiteral("5"), QStringLiteral("--json")});
    QCOMPARE(alone.json().at(0).at("text").get<std::string>(),
             comparison.at("prompts").at(1).at("texts").at(1).at("text").get<std::string>());
    // Any line of the history comes again to the token.
    const Json kept =
        run({QStringLiteral("history"), project, QStringLiteral("--source"), QStringLiteral("compare"), QStringLiteral("--json")}).json();
    QCOMPARE(kept.size(), std::size_t{6});
    const QString line = QString::number(kept.at(0).at("id").get<int>());
    const Json again = run({QStringLiteral("history"), project, QStringLiteral("--again"), line, QStringLiteral("--json")}).json();
    QVERIFY(again.at("same").get<bool>());
    QVERIFY(again.at("text") == kept.at(0).at("text"));
    expect_error(run({QStringLiteral("history"), project, QStringLiteral("--again"), QStringLiteral("99")}), 2);
    expect_error(run({QStringLiteral("compare"), project, QStringLiteral("1@9"), QStringLiteral("--prompts"), prompts}), 2);
    expect_error(run({QStringLiteral("compare"), project, QStringLiteral("7"), QStringLiteral("--prompts"), prompts}), 2);
    expect_error(run({QStringLiteral("compare"), project, QStringLiteral("1"), QStringLiteral("--sort"), QStringLiteral("colour")}), 2);
}

void CliTest::metrics_are_read_as_table_csv_and_json() {
    const Folder folder;
    make_run(folder.path("p.lossmith"));
    const QStringList call = {QStringLiteral("metrics"), folder / "p.lossmith", QStringLiteral("1")};
    const Json json = run(call + QStringList{QStringLiteral("--json")}).json();
    QCOMPARE(json.size(), std::size_t{3});
    QVERIFY(json.at(0) == (Json{{"step", 1}, {"name", "train/loss"}, {"value", 2.5}}));
    const Answer csv = run(call + QStringList{QStringLiteral("--csv"), QStringLiteral("--name"), QStringLiteral("train/loss")});
    QCOMPARE(csv.out, std::string("step,name,value\n1,train/loss,2.5\n2,train/loss,0.1\n"));
    const Answer table = run(call);
    QCOMPARE(lines_of(table.out).size(), std::size_t{3});
    QCOMPARE(run(call + QStringList{QStringLiteral("--json"), QStringLiteral("--after"), QStringLiteral("1")}).json().size(),
             std::size_t{2});
}

QTEST_GUILESS_MAIN(CliTest)

#include "CliTest.moc"
