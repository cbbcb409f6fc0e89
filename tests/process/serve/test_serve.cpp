// The engine itself, lossmith-cli serve, as the window drives it.
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "core/protocol/EngineClient.h"
#include "core/protocol/Framing.h"
#include "core/protocol/JsonRpc.h"
#include "tests/process/serve/Asking.h"

using namespace lossmith;
using namespace lossmith::test;

namespace {

const QString program = QStringLiteral(LOSSMITH_BIN "/lossmith-cli");

// Loading LibTorch on a busy machine takes a while.
#define EVENTUALLY(condition) QTRY_VERIFY_WITH_TIMEOUT(condition, 60'000)

bool run(const QStringList& arguments) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(program, arguments);
    return process.waitForFinished(120'000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
}

/// Runs lossmith-cli serve with this input and gives what it said.
std::vector<Json> answers_to(const std::string& input, int& exit_code, QByteArray& errors) {
    QProcess process;
    process.start(program, {QStringLiteral("serve")});
    process.write(input.data(), static_cast<qint64>(input.size()));
    process.closeWriteChannel();
    if (!process.waitForFinished(60'000)) return {};
    exit_code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    errors = process.readAllStandardError();
    const QByteArray output = process.readAllStandardOutput();
    std::vector<Json> messages;
    protocol::FrameReader reader;
    const Status status = reader.feed({output.constData(), static_cast<std::size_t>(output.size())},
                                      [&messages](const std::string& text) { messages.push_back(Json::parse(text)); });
    if (!status) messages.emplace_back(status.error().message);
    return messages;
}

}  // namespace

class ServeTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string m_model;    ///< one small block over GPT-2's vocabulary, with random weights
    std::string m_project;  ///< forty rows
    std::unique_ptr<EngineClient> m_client = std::make_unique<EngineClient>(program);

private Q_SLOTS:
    void initTestCase();
    void initialize_tells_the_versions_and_threads();
    void another_protocol_version_is_refused();
    void devices_lists_the_processor();
    void an_unknown_method_is_an_error_and_the_engine_goes_on();
    void generated_tokens_are_told_one_by_one_and_then_together();
    void a_text_goes_on_from_the_very_tokens_given();
    void a_text_written_alone_is_the_same_in_any_company();
    void a_true_solution_costs_what_its_tokens_cost();
    void a_problem_is_put_through_the_projects_template();
    void a_long_generation_ends_when_it_is_cancelled();
    void an_inspected_text_has_a_probability_for_each_token_but_the_first();
    void a_place_a_layer_and_a_head_are_looked_into();
    void two_models_are_compared_token_by_token();
    void changed_odds_tell_their_progress_and_end_when_cancelled();
    void a_run_is_estimated_from_the_projects_rows();
    void params_that_make_no_sense_are_refused_data();
    void params_that_make_no_sense_are_refused();
    void a_killed_engine_is_started_again_and_answers();
    void two_windows_have_an_engine_each();
    void garbage_on_the_input_ends_it_with_an_error();
    void cleanupTestCase() { m_client.reset(); }
};

void ServeTest::initTestCase() {
    m_model = m_folder.filePath(QStringLiteral("model")).toStdString();
    m_project = m_folder.filePath(QStringLiteral("test.lossmith")).toStdString();
    QVERIFY(run({QStringLiteral("new-model"), QString::fromStdString(m_model), QStringLiteral("--n_embd=32"), QStringLiteral("--n_layer=1"),
                 QStringLiteral("--n_head=2")}));
    QFile table(m_folder.filePath(QStringLiteral("rows.csv")));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("problem,solution\n");
    for (int i = 0; i < 40; ++i) table.write(QByteArray("problem ") + QByteArray::number(i) + ",solution " + QByteArray::number(i) + "\n");
    table.close();
    QVERIFY(run({QStringLiteral("import"), QString::fromStdString(m_project), table.fileName()}));
}

void ServeTest::initialize_tells_the_versions_and_threads() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("initialize"), {{"protocol", 1}, {"client", "test"}});
    EVENTUALLY(reply->succeeded());
    const Json& answer = **reply->result;
    QCOMPARE(answer.at("protocol").get<int>(), 1);
    QVERIFY(!answer.at("version").get<std::string>().empty());
    QVERIFY(answer.at("torch").get<std::string>().find('.') != std::string::npos);
    QVERIFY(answer.at("threads").get<int>() >= 1);
}

void ServeTest::another_protocol_version_is_refused() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("initialize"), {{"protocol", 2}});
    EVENTUALLY(reply->failed_with(ErrorKind::Unsupported));
}

void ServeTest::devices_lists_the_processor() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("devices"));
    EVENTUALLY(reply->succeeded());
    const Json& first = (**reply->result).at(0);
    QCOMPARE(first.at("id").get<std::string>(), std::string("cpu"));
    QVERIFY(first.at("memory_bytes").get<std::int64_t>() >= first.at("free_bytes").get<std::int64_t>());
}

void ServeTest::an_unknown_method_is_an_error_and_the_engine_goes_on() {
    EngineClient client(program);
    const auto unknown = ask(client, QStringLiteral("make_tea"));
    const auto after = ask(client, QStringLiteral("devices"));
    EVENTUALLY(after->succeeded());
    QVERIFY(unknown->failed_with(ErrorKind::Unsupported));
}

void ServeTest::generated_tokens_are_told_one_by_one_and_then_together() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("generate"),
                           {{"model", m_model}, {"prompts", {"Once upon", "a"}}, {"top_k", 3}, {"sampling", {{"max_new_tokens", 5}}}});
    EVENTUALLY(reply->result.has_value());
    QVERIFY2(reply->succeeded(), reply->succeeded() ? "" : reply->result->error().message.c_str());
    const Json& answer = **reply->result;
    QCOMPARE(answer.size(), std::size_t{2});
    for (std::size_t prompt = 0; prompt < 2; ++prompt) {
        Json ids = Json::array();
        std::string text;
        for (const Json& token : reply->progress) {
            if (token.at("prompt") != prompt) continue;
            ids.push_back(token.at("id"));
            text += token.at("text").get<std::string>();
            QCOMPARE(token.at("top").size(), std::size_t{3});
            // Greedy: the token taken is the most probable one.
            QVERIFY(token.at("top").at(0).at("id") == token.at("id"));
            QCOMPARE(token.at("top").at(0).at("probability").get<double>(), token.at("probability").get<double>());
        }
        QVERIFY(answer[prompt].at("ids") == ids);
        QVERIFY(ids.size() == 5 || answer[prompt].at("stopped_by") == "end_token");
        QCOMPARE(answer[prompt].at("probabilities").size(), ids.size());
        QCOMPARE(answer[prompt].at("top").size(), ids.size());
        QCOMPARE(answer[prompt].at("text").get<std::string>(), text);
    }
    QVERIFY(answer[0].at("prompt") == "Once upon");
}

void ServeTest::a_text_goes_on_from_the_very_tokens_given() {
    const Json whole = {{"model", m_model}, {"prompts", {"Once upon"}}, {"sampling", {{"max_new_tokens", 6}}}};
    const auto first = ask(*m_client, QStringLiteral("generate"), whole);
    EVENTUALLY(first->succeeded());
    const auto ids = (**first->result).at(0).at("ids").get<std::vector<std::int64_t>>();
    QCOMPARE(ids.size(), std::size_t{6});
    Json rest = whole;
    rest["continue_ids"] = std::vector<std::int64_t>(ids.begin(), ids.begin() + 2);
    rest["sampling"]["max_new_tokens"] = 4;
    const auto second = ask(*m_client, QStringLiteral("generate"), rest);
    EVENTUALLY(second->succeeded());
    QVERIFY((**second->result).at(0).at("ids") == Json(std::vector<std::int64_t>(ids.begin() + 2, ids.end())));
}

void ServeTest::a_text_written_alone_is_the_same_in_any_company() {
    const auto written = [this](const std::vector<std::string>& prompts) {
        return ask(*m_client, QStringLiteral("generate"),
                   {{"model", m_model},
                    {"prompts", prompts},
                    {"each_alone", true},
                    {"sampling", {{"max_new_tokens", 8}, {"do_sample", true}, {"seed", 9}}}});
    };
    const auto together = written({"A door", "Once upon", "The lamp"});
    const auto alone = written({"The lamp"});
    EVENTUALLY(together->succeeded() && alone->succeeded());
    QVERIFY((**together->result).at(2).at("ids") == (**alone->result).at(0).at("ids"));
}

void ServeTest::a_true_solution_costs_what_its_tokens_cost() {
    const auto reply = ask(*m_client, QStringLiteral("solution_loss"),
                           {{"model", m_model},
                            {"project", m_project},
                            {"rows", {{{"problem", "problem 1"}, {"solution", "solution 1"}}, {{"problem", "a"}, {"solution", "b c d"}}}}});
    EVENTUALLY(reply->succeeded());
    QCOMPARE((**reply->result).size(), std::size_t{2});
    // Random weights know nothing: about log 50,257 nats a token.
    for (const Json& loss : **reply->result) QVERIFY(std::abs(loss.get<double>() - std::log(50'257.0)) < 1.0);
}

void ServeTest::a_problem_is_put_through_the_projects_template() {
    EngineClient client(program);
    const auto reply =
        ask(client, QStringLiteral("generate"),
            {{"model", m_model}, {"project", m_project}, {"problems", {"problem 3"}}, {"sampling", {{"max_new_tokens", 1}}}});
    EVENTUALLY(reply->succeeded());
    const auto prompt = (**reply->result).at(0).at("prompt").get<std::string>();
    QVERIFY(prompt.find("problem 3") != std::string::npos && prompt != "problem 3");
}

void ServeTest::a_long_generation_ends_when_it_is_cancelled() {
    EngineClient client(program);
    QSignalSpy notices(&client, &EngineClient::notice);
    const Json params = {{"model", m_model}, {"prompts", std::vector<std::string>(64, "Once")}, {"sampling", {{"max_new_tokens", 1'000}}}};
    const auto reply = ask(client, QStringLiteral("generate"), params);
    const auto after = ask(client, QStringLiteral("devices"));
    EVENTUALLY(!reply->progress.empty());
    client.cancel(reply->id);
    EVENTUALLY(reply->failed_with(ErrorKind::Cancelled) && after->succeeded());
    QVERIFY(reply->progress.size() < 64 * 1'000);
    QCOMPARE(notices.count(), 0);
}

void ServeTest::an_inspected_text_has_a_probability_for_each_token_but_the_first() {
    EngineClient client(program);
    const auto reply = ask(client, QStringLiteral("inspect"), {{"model", m_model}, {"text", "Hello world, hello"}, {"top_k", 4}});
    EVENTUALLY(reply->succeeded());
    const Json& tokens = (**reply->result).at("tokens");
    QCOMPARE(tokens.size(), std::size_t{4});
    std::string text;
    for (const Json& token : tokens) text += token.at("text").get<std::string>();
    QCOMPARE(text, std::string("Hello world, hello"));
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const double probability = tokens[i].at("probability");
        QVERIFY(probability > 0.0 && probability < 1.0);
        QVERIFY(std::abs(tokens[i].at("loss").get<double>() + std::log(probability)) < 1e-4);
        QVERIFY(tokens[i].at("rank").get<std::int64_t>() >= 1);
        QCOMPARE(tokens[i].at("top").size(), std::size_t{4});
    }
}

void ServeTest::a_place_a_layer_and_a_head_are_looked_into() {
    EngineClient client(program);
    const Json text = {{"model", m_model}, {"text", "Hello world, hello"}};
    const auto asked = [&](const char* method, Json more) {
        more.update(text);
        return ask(client, QString::fromUtf8(method), more);
    };
    const auto place = asked("inspect/place", {{"place", 4}, {"find", " refund"}, {"sampling", {{"do_sample", true}, {"top_k", 3}}}});
    const auto lens = asked("inspect/lens", {{"top_k", 2}});
    const auto attention = asked("inspect/attention", {{"layer", 0}, {"head", 1}});
    const auto attribution = asked("inspect/attribution", {{"place", 3}, {"method", "integrated_gradients"}, {"steps", 4}});
    EVENTUALLY(attribution->result.has_value());
    QVERIFY(place->succeeded() && lens->succeeded() && attention->succeeded() && attribution->succeeded());
    QCOMPARE((**place->result).at("filters").at(0).at("kept").get<int>(), 3);
    QCOMPARE((**place->result).at("found").at(0).at("text").get<std::string>(), std::string(" refund"));
    QCOMPARE((**lens->result).at("layers").size(), std::size_t{2});
    QCOMPARE((**attention->result).at("heads").size(), std::size_t{1});
    QCOMPARE((**attribution->result).at("scores").size(), std::size_t{3});
}

void ServeTest::two_models_are_compared_token_by_token() {
    EngineClient client(program);
    const Json params = {{"base", "starter"}, {"tuned", m_model}, {"project", m_project}, {"problem", "one"}, {"solution", "two"}};
    const auto reply = ask(client, QStringLiteral("inspect/difference"), params);
    EVENTUALLY(reply->result.has_value());
    QVERIFY2(reply->succeeded(), reply->succeeded() ? "" : reply->result->error().message.c_str());
    const Json& tokens = (**reply->result).at("tokens");
    QVERIFY(tokens.at(0).at("kl").is_null() && tokens.at(0).at("base").at("rank").is_null());
    for (std::size_t t = 1; t < tokens.size(); ++t) QVERIFY(tokens[t].at("kl").get<double>() > 0.0);
    QVERIFY(tokens.back().at("labelled").get<bool>());

    // The same weights with two words of the vocabulary exchanged are another vocabulary.
    const std::filesystem::path other = std::filesystem::path(m_folder.path().toStdString()) / "other-words";
    std::filesystem::copy(m_model, other, std::filesystem::copy_options::recursive);
    Json words = Json::parse(std::ifstream(other / "tokenizer.json"));
    std::swap(words["model"]["vocab"]["Hello"], words["model"]["vocab"]["hello"]);
    std::ofstream(other / "tokenizer.json") << words.dump();
    const auto refused = ask(client, QStringLiteral("inspect/difference"), {{"base", m_model}, {"tuned", other.string()}, {"text", "a b"}});
    EVENTUALLY(refused->failed_with(ErrorKind::BadInput));
    QVERIFY2(refused->result->error().message.find("different vocabularies") != std::string::npos,
             refused->result->error().message.c_str());
}

void ServeTest::changed_odds_tell_their_progress_and_end_when_cancelled() {
    QFile table(m_folder.filePath(QStringLiteral("many.csv")));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("problem,solution\n");
    for (int i = 0; i < 4'000; ++i)
        table.write(QByteArray("problem ") + QByteArray::number(i) + ",solution " + QByteArray::number(i) + "\n");
    table.close();
    const QString project = m_folder.filePath(QStringLiteral("many.lossmith"));
    QVERIFY(run({QStringLiteral("import"), project, table.fileName(), QStringLiteral("--split"), QStringLiteral("train")}));
    EngineClient client(program);
    Json params = {{"base", m_model}, {"tuned", m_model}, {"project", project.toStdString()}, {"split", "train"}, {"rows", 8}};
    const auto few = ask(client, QStringLiteral("inspect/odds"), params);
    EVENTUALLY(few->result.has_value());
    QVERIFY2(few->succeeded(), few->succeeded() ? "" : few->result->error().message.c_str());
    QVERIFY((**few->result).at("risen").empty() && (**few->result).at("places").get<int>() > 8);  // a model beside itself
    QVERIFY(few->progress.back() == Json({{"done", 8}, {"total", 8}}));
    params["rows"] = 4'000;
    const auto many = ask(client, QStringLiteral("inspect/odds"), params);
    EVENTUALLY(!many->progress.empty());
    client.cancel(many->id);
    EVENTUALLY(many->failed_with(ErrorKind::Cancelled));
    QVERIFY(many->progress.back().at("done").get<int>() < 4'000);
}

void ServeTest::a_run_is_estimated_from_the_projects_rows() {
    EngineClient client(program);
    const auto reply =
        ask(client, QStringLiteral("estimate"),
            {{"project", m_project}, {"config", {{"model", m_model}, {"max_steps", 7}, {"per_device_train_batch_size", 2}}}});
    EVENTUALLY(reply->result.has_value());
    QVERIFY2(reply->succeeded(), reply->succeeded() ? "" : reply->result->error().message.c_str());
    const Json& answer = **reply->result;
    QCOMPARE(answer.at("steps").get<int>(), 7);
    QVERIFY(answer.at("examples").get<int>() > 0 && answer.at("examples").get<int>() <= 40);
    QVERIFY(answer.at("seconds").get<double>() > 0.0);
    for (const char* name : {"tokens", "labelled_tokens", "prompt_tokens", "memory_bytes", "disk_bytes", "trainable_parameters"})
        QVERIFY2(answer.at(name).get<std::int64_t>() > 0, name);
}

void ServeTest::params_that_make_no_sense_are_refused_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QByteArray>("params");
    const auto row = [](const char* name, const char* method, const char* params) {
        QTest::newRow(name) << QString::fromUtf8(method) << QByteArray(params);
    };
    row("a model that is a number", "generate", R"({"model": 5, "prompts": ["a"]})");
    row("a model that is not there", "generate", R"({"model": "/nowhere", "prompts": ["a"]})");
    row("a prompt that is not a list", "generate", R"({"model": "MODEL", "prompts": "a"})");
    row("no prompt", "generate", R"({"model": "MODEL"})");
    row("a setting that does not exist", "generate", R"({"model": "MODEL", "prompts": ["a"], "sampling": {"temprature": 1}})");
    row("a setting of the wrong type", "generate", R"({"model": "MODEL", "prompts": ["a"], "sampling": {"temperature": "hot"}})");
    row("a temperature of zero", "generate", R"({"model": "MODEL", "prompts": ["a"], "sampling": {"do_sample": true, "temperature": 0}})");
    row("a negative count", "generate", R"({"model": "MODEL", "prompts": ["a"], "top_k": -1})");
    row("a count above any sense", "inspect", R"({"model": "MODEL", "text": "a", "top_k": 1000000000})");
    row("a project that is not there", "generate", R"({"model": "MODEL", "project": "/nowhere.lossmith", "problems": ["a"]})");
    row("tokens to go on from that are not there", "generate", R"({"model": "MODEL", "prompts": ["a"], "continue_ids": [50257]})");
    row("tokens to go on from that are texts", "generate", R"({"model": "MODEL", "prompts": ["a"], "continue_ids": ["a"]})");
    row("alone as a word", "generate", R"({"model": "MODEL", "prompts": ["a"], "each_alone": "yes"})");
    row("solutions that are no list", "solution_loss", R"({"model": "MODEL", "rows": "a"})");
    row("a solution that is a number", "solution_loss", R"({"model": "MODEL", "rows": [{"problem": "a", "solution": 4}]})");
    row("nothing to inspect", "inspect", R"({"model": "MODEL"})");
    row("ids outside the vocabulary", "inspect", R"({"model": "MODEL", "ids": [1, 50257]})");
    row("negative ids", "inspect", R"({"model": "MODEL", "ids": [-1]})");
    row("ids that are texts", "inspect", R"({"model": "MODEL", "ids": ["1"]})");
    row("ids that would wrap", "inspect", R"({"model": "MODEL", "ids": [4294967297, 2]})");
    row("ids that are fractions", "inspect", R"({"model": "MODEL", "ids": [1.5, 2]})");
    row("a text of more tokens than the model reads", "inspect", R"({"model": "MODEL", "ids": [LONG]})");
    row("a place that is missing", "inspect/place", R"({"model": "MODEL", "text": "a b"})");
    row("a place that is a text", "inspect/place", R"({"model": "MODEL", "text": "a b", "place": "1"})");
    row("a place that nothing predicts", "inspect/place", R"({"model": "MODEL", "text": "a b", "place": 0})");
    row("a place beyond the text", "inspect/place", R"({"model": "MODEL", "text": "a b", "place": 3})");
    row("a place's sampling that is a list", "inspect/place", R"({"model": "MODEL", "text": "a b", "place": 1, "sampling": []})");
    row("a place's sampling out of range", "inspect/place", R"({"model": "MODEL", "text": "a b", "place": 1, "sampling": {"top_p": 3}})");
    row("more alternatives than a lens has", "inspect/lens", R"({"model": "MODEL", "text": "a b", "top_k": 21})");
    row("attention without a layer", "inspect/attention", R"({"model": "MODEL", "text": "a b"})");
    row("a layer that is not there", "inspect/attention", R"({"model": "MODEL", "text": "a b", "layer": 1})");
    row("a head that is not there", "inspect/attention", R"({"model": "MODEL", "text": "a b", "layer": 0, "head": 2})");
    row("attention over a long text", "inspect/attention", R"({"model": "MODEL", "layer": 0, "ids": [MEDIUM]})");
    row("an unknown method", "inspect/attribution", R"({"model": "MODEL", "text": "a b", "place": 1, "method": "saliency"})");
    row("no step", "inspect/attribution", R"({"model": "MODEL", "text": "a b", "place": 1, "steps": 0})");
    row("a target outside the vocabulary", "inspect/attribution", R"({"model": "MODEL", "text": "a b", "place": 1, "target": 50257})");
    row("a difference without a second model", "inspect/difference", R"({"base": "MODEL", "text": "a b"})");
    row("a solution that is a number", "inspect/difference", R"({"base": "MODEL", "tuned": "MODEL", "problem": "a", "solution": 5})");
    row("odds without a project", "inspect/odds", R"({"base": "MODEL", "tuned": "MODEL"})");
    row("odds over an unknown split", "inspect/odds", R"({"base": "MODEL", "tuned": "MODEL", "project": "PROJECT", "split": "all"})");
    row("odds over a split without rows", "inspect/odds", R"({"base": "MODEL", "tuned": "MODEL", "project": "PROJECT", "split": "test"})");
    row("odds of a negative probability", "inspect/odds",
        R"({"base": "MODEL", "tuned": "MODEL", "project": "PROJECT", "least_probability": -1})");
    row("an estimate without project", "estimate", R"({"config": {}})");
    row("an estimate without config", "estimate", R"({"project": "PROJECT"})");
    row("a config that is a text", "estimate", R"({"project": "PROJECT", "config": "fast"})");
    row("a config with an unknown field", "estimate", R"({"project": "PROJECT", "config": {"learning_rat": 1}})");
    row("a batch of nothing", "estimate", R"({"project": "PROJECT", "config": {"per_device_train_batch_size": 0}})");
}

void ServeTest::params_that_make_no_sense_are_refused() {
    QFETCH(QString, method);
    QFETCH(QByteArray, params);
    params.replace("MODEL", QByteArray::fromStdString(m_model)).replace("PROJECT", QByteArray::fromStdString(m_project));
    const auto ones = [](int count) -> QByteArray { return QByteArray("1,").repeated(count - 1) + "1"; };
    params.replace("LONG", ones(1025)).replace("MEDIUM", ones(257));
    const auto reply = ask(*m_client, method, Json::parse(params.toStdString()));
    EVENTUALLY(reply->result.has_value());
    QVERIFY(!reply->succeeded());
    const Error& error = reply->result->error();
    QVERIFY2(error.kind == ErrorKind::BadInput || error.kind == ErrorKind::NotFound,
             (std::string(name_of(error.kind)) + ": " + error.message).c_str());
}

void ServeTest::a_killed_engine_is_started_again_and_answers() {
    m_client.reset();  // so that there is one child only
    EngineClient client(program);
    QSignalSpy notices(&client, &EngineClient::notice);
    const auto before = ask(client, QStringLiteral("devices"));
    EVENTUALLY(before->succeeded());
    QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(QCoreApplication::applicationPid()));
    QVERIFY(children.open(QIODevice::ReadOnly));
    const int process = children.readAll().trimmed().toInt();
    QVERIFY(process > 0);
    const auto under_way = ask(client, QStringLiteral("devices"));
    QCOMPARE(::kill(process, SIGKILL), 0);
    EVENTUALLY(under_way->failed_with(ErrorKind::Internal));
    QVERIFY(under_way->result->error().message.find("signal 9") != std::string::npos);
    const auto after = ask(client, QStringLiteral("devices"));
    EVENTUALLY(after->succeeded());
    QCOMPARE(notices.count(), 1);
}

void ServeTest::two_windows_have_an_engine_each() {
    EngineClient one(program);
    EngineClient two(program);
    const auto first = ask(one, QStringLiteral("devices"));
    const auto second = ask(two, QStringLiteral("devices"));
    EVENTUALLY(first->succeeded() && second->succeeded());
}

void ServeTest::garbage_on_the_input_ends_it_with_an_error() {
    int code = 0;
    QByteArray errors;
    const auto messages = answers_to("rm -rf everything\n", code, errors);
    QCOMPARE(messages.size(), std::size_t{1});
    QCOMPARE(messages[0].at("error").at("code").get<int>(), -32700);
    QCOMPARE(code, 2);
    QVERIFY(errors.contains("lossmith-cli: error: "));
}

QTEST_GUILESS_MAIN(ServeTest)
#include "test_serve.moc"
