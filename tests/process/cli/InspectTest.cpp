// `lossmith-cli inspect`, its options as a script calls them.
#include <cmath>

#include "core/project/Project.h"
#include "tests/support/Calling.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

const char* const sentence = "Hello world, hello there";

double sum_of(const Json& numbers) {
    double sum = 0.0;
    for (const Json& one : numbers) sum += one.get<double>();
    return sum;
}

}  // namespace

class InspectTest : public QObject {
    Q_OBJECT

    Folder m_folder;
    QString m_model = m_folder / "model";         ///< two blocks over GPT-2's vocabulary, with random weights
    QString m_other = m_folder / "other";         ///< the same with another seed
    QString m_project = m_folder / "p.lossmith";  ///< forty rows

    Json m_tokens;  ///< what is told of the sentence, token by token

    Answer inspect(QStringList more) { return run(QStringList{QStringLiteral("inspect"), QStringLiteral("--model"), m_model} + more); }
    Answer inspect_sentence(const QStringList& more) {
        return inspect(QStringList{QStringLiteral("--text"), QString::fromUtf8(sentence)} + more);
    }
    Json told(const QStringList& more) {
        const Answer answer = inspect_sentence(more + words({"--json"}));
        if (answer.status != 0) qFatal("%s", answer.err.c_str());
        return answer.json();
    }

private Q_SLOTS:
    void initTestCase();
    void a_text_is_told_token_by_token();
    void a_problem_goes_through_the_template();
    void all_logits_can_be_written();
    void a_place_tells_its_distribution_and_what_the_filters_leave();
    void a_token_is_found_wherever_it_ranks();
    void the_lens_ends_with_the_models_own_output();
    void attention_rows_sum_to_one();
    void an_attribution_scores_each_token_before_the_place();
    void two_models_are_told_apart();
    void odds_are_told_over_a_projects_rows();
    void every_answer_has_a_table();
    void a_wrong_question_is_an_error_of_status_2_data();
    void a_wrong_question_is_an_error_of_status_2();
};

void InspectTest::initTestCase() {
    for (const auto& [folder, seed] : {std::pair{m_model, "1"}, std::pair{m_other, "2"}}) {
        const Answer made =
            run(QStringList{QStringLiteral("new-model"), folder} + words({"--n_embd=32", "--n_layer=2", "--n_head=2", "--seed", seed}));
        QVERIFY2(made.status == 0, made.err.c_str());
    }
    std::string rows = "problem,solution\n";
    for (int i = 0; i < 40; ++i) rows += "problem " + std::to_string(i) + ",solution " + std::to_string(i) + "\n";
    const Answer imported = run({QStringLiteral("import"), m_project, m_folder.write("rows.csv", rows)});
    QVERIFY2(imported.status == 0, imported.err.c_str());
    m_tokens = told({}).at("tokens");
    QCOMPARE(m_tokens.size(), std::size_t{5});
}

void InspectTest::a_text_is_told_token_by_token() {
    const Json answer = told(words({"--top-k", "3"}));
    std::string text;
    for (const Json& token : answer.at("tokens")) text += token.at("text").get<std::string>();
    QCOMPARE(text, std::string(sentence));
    for (const char* name : {"probability", "log_probability", "logit", "rank", "entropy", "loss"})
        QVERIFY2(answer.at("tokens").at(0).at(name).is_null(), name);
    for (std::size_t t = 1; t < answer.at("tokens").size(); ++t) {
        const Json& token = answer.at("tokens")[t];
        QVERIFY(std::abs(std::exp(token.at("log_probability").get<double>()) - token.at("probability").get<double>()) < 1e-9);
        QCOMPARE(token.at("loss").get<double>(), -token.at("log_probability").get<double>());
        QCOMPARE(token.at("top").size(), std::size_t{3});
        QVERIFY(token.at("entropy").get<double>() < std::log(50257.0) + 1e-6);
    }
    QCOMPARE(answer.at("next").size(), std::size_t{3});
}

void InspectTest::a_problem_goes_through_the_template() {
    const Answer answer = inspect(words({"--problem", "Is it 3?", "--solution", "Yes", "--json"}));
    QVERIFY2(answer.status == 0, answer.err.c_str());
    std::string labelled;
    std::string whole;
    const Json example = answer.json();
    for (const Json& token : example.at("tokens")) {
        whole += token.at("text").get<std::string>();
        if (token.at("labelled").get<bool>()) labelled += token.at("text").get<std::string>();
    }
    QCOMPARE(whole, std::string("Problem: Is it 3?\nSolution: Yes<|endoftext|>"));
    QCOMPARE(labelled, std::string(" Yes<|endoftext|>"));
    const auto project = must(Project::open(m_folder.path("p.lossmith")));
    const Answer other = run({QStringLiteral("template"), m_project, QStringLiteral("--set"),
                              QStringLiteral("{\"prompt\": \"Q {problem} A\", \"end_token\": \"\"}")});
    QVERIFY2(other.status == 0, other.err.c_str());
    const Answer in_project = inspect(words({"--problem", "Is it 3?", "--json"}) + QStringList{QStringLiteral("--project"), m_project});
    std::string prompt;
    const Json asked = in_project.json();
    for (const Json& token : asked.at("tokens")) prompt += token.at("text").get<std::string>();
    QCOMPARE(prompt, std::string("Q Is it 3? A"));
}

void InspectTest::all_logits_can_be_written() {
    const QString file = m_folder / "logits.safetensors";
    QCOMPARE(inspect_sentence({QStringLiteral("--logits"), file}).status, 0);
    // A header and five rows of fp32 logits over GPT-2's vocabulary.
    const auto size = std::filesystem::file_size(file.toStdString());
    QVERIFY(size > 5U * 50257U * 4U && size < 5U * 50257U * 4U + 1000U);
}

void InspectTest::a_place_tells_its_distribution_and_what_the_filters_leave() {
    const Json answer = told(words({"--place", "2", "--top-k", "40", "--set", "do_sample=true", "--set", "temperature=0.5", "--set",
                                    "top_k=20", "--set", "top_p=0.5"}));
    std::vector<std::string> names;
    for (const Json& step : answer.at("filters")) names.push_back(step.at("name").get<std::string>());
    QCOMPARE(names, (std::vector<std::string>{"temperature", "top_k", "top_p"}));
    QCOMPARE(answer.at("filters")[0].at("kept").get<int>(), 50257);
    QVERIFY(std::abs(answer.at("filters")[0].at("mass").get<double>() - 1.0) < 1e-6);
    QCOMPARE(answer.at("filters")[1].at("kept").get<int>(), 20);
    const int kept = answer.at("filters")[2].at("kept").get<int>();
    QVERIFY(kept > 0 && kept < 20);
    double after = 0.0;
    for (int i = 0; i < 40; ++i) {
        const Json& token = answer.at("top")[static_cast<std::size_t>(i)];
        QCOMPARE(token.at("rank").get<int>(), i + 1);
        QCOMPARE(token.at("after").get<double>() > 0.0, i < kept);
        QVERIFY(std::abs(std::log(token.at("probability").get<double>()) - token.at("log_probability").get<double>()) < 1e-6);
        after += token.at("after").get<double>();
    }
    QVERIFY(std::abs(after - 1.0) < 1e-5);
    const Json& logits = answer.at("logits");
    QVERIFY(logits.at("min") < logits.at("mean") && logits.at("mean") < logits.at("max") && logits.at("max") < logits.at("log_sum_exp"));
}

void InspectTest::a_token_is_found_wherever_it_ranks() {
    const Json found = told(words({"--place", "5", "--find", " refund"})).at("found");
    QCOMPARE(found.at(0).at("text").get<std::string>(), std::string(" refund"));
    bool beginning = true;
    for (const Json& token : found) {
        const auto text = token.at("text").get<std::string>();
        QVERIFY(text.find(" refund") != std::string::npos);
        QVERIFY(beginning || !text.starts_with(" refund"));
        beginning = text.starts_with(" refund");
    }
    QCOMPARE(told(words({"--place", "1", "--find", "e"})).at("found").size(), std::size_t{50});
}

void InspectTest::the_lens_ends_with_the_models_own_output() {
    const Json layers = told(words({"--lens"})).at("layers");
    const Json& tokens = m_tokens;
    QCOMPARE(layers.size(), std::size_t{3});
    QCOMPARE(layers[0].at("name").get<std::string>(), std::string("embeddings"));
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const Json& last = layers[2].at("tokens").at(t);
        if (t + 1 == tokens.size())
            QVERIFY(last.at("probability").is_null() && last.at("rank").is_null());
        else
            QCOMPARE(last.at("probability"), tokens[t + 1].at("probability"));
    }
}

void InspectTest::attention_rows_sum_to_one() {
    const Json answer = told(words({"--attention", "1"}));
    QCOMPARE(answer.at("heads").size(), std::size_t{2});
    for (const Json& head : answer.at("heads"))
        for (std::size_t query = 0; query < head.size(); ++query) {
            QVERIFY(std::abs(sum_of(head[query]) - 1.0) < 1e-4);
            for (std::size_t key = query + 1; key < head.size(); ++key) QCOMPARE(head[query][key].get<double>(), 0.0);
        }
    const Json one = told(words({"--attention", "1:1"}));
    QCOMPARE(one.at("head").get<int>(), 1);
    QCOMPARE(one.at("heads").at(0), answer.at("heads").at(1));
}

void InspectTest::an_attribution_scores_each_token_before_the_place() {
    const Json& tokens = m_tokens;
    const Json gradient = told(words({"--attribution", "3"}));
    QCOMPARE(gradient.at("scores").size(), std::size_t{3});
    QCOMPARE(gradient.at("target").at("id"), tokens[3].at("id"));
    QVERIFY(std::abs(gradient.at("loss").get<double>() - tokens[3].at("loss").get<double>()) < 1e-4);
    const Json integrated = told(words({"--attribution", "3", "--method", "integrated_gradients", "--steps", "64"}));
    const double explained = integrated.at("loss").get<double>() - integrated.at("baseline_loss").get<double>();
    QVERIFY(std::abs(sum_of(integrated.at("scores")) - explained - integrated.at("completeness_gap").get<double>()) < 1e-6);
    QVERIFY(std::abs(integrated.at("completeness_gap").get<double>()) < 0.01);
}

void InspectTest::two_models_are_told_apart() {
    const Json answer = told({QStringLiteral("--against"), m_other});
    const Json& tuned = m_tokens;
    for (std::size_t t = 1; t < tuned.size(); ++t) {
        const Json& token = answer.at("tokens")[t];
        QCOMPARE(token.at("tuned").at("rank"), tuned[t].at("rank"));
        QVERIFY(token.at("kl").get<double>() > 0.0);
        QCOMPARE(token.at("rank_change").get<int>(), token.at("tuned").at("rank").get<int>() - token.at("base").at("rank").get<int>());
    }
}

void InspectTest::odds_are_told_over_a_projects_rows() {
    const Answer answer = inspect({QStringLiteral("--against"), m_other, QStringLiteral("--odds"), m_project, QStringLiteral("--split"),
                                   QStringLiteral("train"), QStringLiteral("--rows"), QStringLiteral("6"), QStringLiteral("--top-k"),
                                   QStringLiteral("4"), QStringLiteral("--json")});
    QVERIFY2(answer.status == 0, answer.err.c_str());
    const Json odds = answer.json();
    QCOMPARE(odds.at("rows").get<int>(), 6);
    QVERIFY(odds.at("places").get<int>() >= 12 && odds.at("tokens_seen").get<int>() > odds.at("places").get<int>());
    QCOMPARE(odds.at("risen").size(), std::size_t{4});
    QVERIFY(odds.at("risen")[0].at("change") >= odds.at("risen")[3].at("change"));
    for (const Json& token : odds.at("fallen")) QVERIFY(token.at("change").get<double>() < 0.0);
}

void InspectTest::every_answer_has_a_table() {
    const std::vector<std::pair<QStringList, std::string>> calls = {
        {{}, "next:"},
        {words({"--place", "2", "--set", "do_sample=true", "--set", "top_k=5"}), "tokens left"},
        {words({"--lens"}), "block 2"},
        {words({"--attention", "0:1"}), "attends to"},
        {words({"--attribution", "2", "--method", "integrated_gradients"}), "baseline"},
        {{QStringLiteral("--against"), m_other}, "next before:"}};
    for (const auto& [call, expected] : calls) {
        const Answer answer = inspect_sentence(call);
        QVERIFY2(answer.status == 0, answer.err.c_str());
        QVERIFY2(answer.out.find(expected) != std::string::npos, answer.out.c_str());
        QVERIFY2(answer.out.find("\" world\"") != std::string::npos || call.contains(QStringLiteral("--place")), answer.out.c_str());
    }
}

void InspectTest::a_wrong_question_is_an_error_of_status_2_data() {
    QTest::addColumn<QStringList>("call");
    QTest::newRow("no text") << QStringList();
    QTest::newRow("ids that are words") << words({"--ids", "one"});
    QTest::newRow("two questions") << words({"--text", "a b", "--lens", "--place", "1"});
    QTest::newRow("a place outside the text") << words({"--text", "a b", "--place", "7"});
    QTest::newRow("a setting that does not exist") << words({"--text", "a b", "--place", "1", "--set", "temprature=1"});
    QTest::newRow("a layer that is a word") << words({"--text", "a b", "--attention", "first"});
    QTest::newRow("odds without a second model") << words({"--odds", "p.lossmith"});
    QTest::newRow("a solution without a problem") << words({"--text", "a b", "--solution", "c"});
}

void InspectTest::a_wrong_question_is_an_error_of_status_2() {
    QFETCH(QStringList, call);
    expect_error(inspect(call), 2);
}

QTEST_GUILESS_MAIN(InspectTest)

#include "InspectTest.moc"
