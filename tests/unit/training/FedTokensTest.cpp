// What the page Tokens and the command line show is what the trainer feeds, to the last id, label and padding.
#include <ATen/core/Tensor.h>

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "core/base/Resources.h"
#include "core/data/ExampleView.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/MicroBatch.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

template <typename T>
T must(Result<T> result) {
    if (!result) qFatal("%s", describe(result.error()).c_str());
    return std::move(*result);
}

std::unique_ptr<Project> project_of_complaints(const QTemporaryDir& folder) {
    const std::filesystem::path csv = folder.filePath(QStringLiteral("complaints.csv")).toStdString();
    std::ifstream shipped(must(resource("samples/complaints.csv")));
    std::ofstream file(csv);
    std::string line;
    for (int i = 0; i <= 60 && std::getline(shipped, line); ++i) file << line << "\n";
    file.close();
    auto project = must(Project::create(folder.filePath(QStringLiteral("p.lossmith")).toStdString()));
    must(project->data().import_file(csv, must(guess_import(csv))));
    return project;
}

}  // namespace

class FedTokensTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void what_is_shown_is_what_is_fed_data() {
        QTest::addColumn<QString>("spec");
        QTest::addColumn<bool>("to_full_length");
        QTest::newRow("solution only") << QStringLiteral("{}") << false;
        QTest::newRow("problem too") << QStringLiteral(R"({"labels": "problem_too"})") << false;
        QTest::newRow("after a marker") << QStringLiteral(R"({"labels": "after_marker", "label_marker": "please"})") << false;
        QTest::newRow("last tokens") << QStringLiteral(R"({"labels": "last_tokens", "label_tokens": 5})") << false;
        QTest::newRow("pattern") << QStringLiteral(R"({"labels": "pattern", "label_pattern": "[A-Z]\\w+"})") << false;
        QTest::newRow("as in the forum thread") << QStringLiteral(R"({"labels": "problem_too", "label_padding": true, "prompt": "{problem}",
            "added_tokens": ["<|startoftext|>", "<|pad|>"], "start_token": "<|startoftext|>", "pad_token": "<|pad|>"})")
                                                << true;
        QTest::newRow("cut from the left") << QStringLiteral(R"({"truncation_side": "left"})") << false;
    }

    void what_is_shown_is_what_is_fed() {
        QFETCH(QString, spec);
        QFETCH(bool, to_full_length);
        const QTemporaryDir folder;
        const auto project = project_of_complaints(folder);
        QVERIFY(
            project->data().set_labels(3, {{LabelledRange::Cell::Problem, 0, 12, true}, {LabelledRange::Cell::Solution, 4, 20, false}}));
        RunConfig config;
        config.template_spec = must(template_spec_from_json(must(parse_json(spec.toStdString()))));
        config.max_length = 48;
        if (to_full_length) config.padding = "max_length";
        QVERIFY(config.validate().empty());
        const auto tokenizer = must(Tokenizer::gpt2())->with_added_tokens(config.template_spec->added_tokens);
        const PreparedData data = must(prepare_data(*project, config, *tokenizer, 1'024));
        const auto by_hand = must(project->data().labels_by_hand());
        std::vector<std::size_t> lengths;
        for (const Example& example : data.set.train) lengths.push_back(example.input_ids.size());
        BatchPlan plan(lengths, config);
        constexpr std::int64_t padding_id = 50'256;

        for (std::int64_t step = 0; step < plan.steps_per_epoch(); ++step)
            for (const std::vector<std::size_t>& rows : plan.step(step)) {
                const MicroBatch batch = make_micro_batch(data.set.train, rows, padding_id);
                const std::int64_t width = batch.input_ids.size(1);
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    const Row row = must(project->data().row(data.train_rows[rows[i]]));
                    const auto labels = by_hand.find(row.id);
                    const ExampleView view =
                        must(view_example(*config.template_spec, *tokenizer, row.problem, row.solution, longest_example(config, 1'024),
                                          static_cast<std::size_t>(width), labels == by_hand.end() ? RowLabels{} : labels->second));
                    const std::int64_t* ids = batch.input_ids.data_ptr<std::int64_t>() + static_cast<std::int64_t>(i) * width;
                    const std::int64_t* fed_labels = batch.row_labels.data_ptr<std::int64_t>() + static_cast<std::int64_t>(i) * width;
                    const std::int64_t* attended = batch.attention_mask.data_ptr<std::int64_t>() + static_cast<std::int64_t>(i) * width;
                    std::int64_t place = 0;
                    for (const ExampleToken& token : view.tokens) {
                        if (token.truncated) continue;
                        QVERIFY(place < width);
                        QCOMPARE(ids[place], std::int64_t{token.id});
                        QCOMPARE(attended[place], std::int64_t{token.attended()});
                        // The trainer has a label where it is predicted: one place before.
                        if (place > 0) QCOMPARE(fed_labels[place - 1], token.labelled ? std::int64_t{token.id} : ignore_index);
                        ++place;
                    }
                    QCOMPARE(place, width);
                }
            }
    }
};

QTEST_GUILESS_MAIN(FedTokensTest)
#include "FedTokensTest.moc"
