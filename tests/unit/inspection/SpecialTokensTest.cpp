// What special tokens are said to do equals sums written out by hand: the angles between embeddings, logits and probabilities.
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include "core/engine/inspection/SpecialTokens.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

constexpr std::int64_t width = 8;
constexpr TokenId first_added = 50'257;

template <typename T>
T must(Result<T> result) {
    if (!result) qFatal("%s", describe(result.error()).c_str());
    return std::move(*result);
}
void must(const Status& status) {
    if (!status) qFatal("%s", describe(status.error()).c_str());
}

std::vector<std::vector<double>> rows_of(const at::Tensor& tensor) {
    const at::Tensor whole = tensor.detach().contiguous();
    const auto* at = whole.data_ptr<float>();
    std::vector<std::vector<double>> rows;
    for (std::int64_t i = 0; i < whole.size(0); ++i) rows.emplace_back(at + i * whole.size(1), at + (i + 1) * whole.size(1));
    return rows;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

bool near(double a, double b, double tolerance = 1e-4) {
    return std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

/// Means over places, as TokenShares has them.
struct ByHand {
    std::vector<double> logits, probabilities;
    double others = 0.0, lowest = 0.0, highest = 0.0;
    int places = 0;
};

ByHand by_hand(const LoadedModel& loaded, const TemplateSpec& spec, const std::vector<Row>& rows, const std::vector<TokenId>& special) {
    const std::set<TokenId> chosen(special.begin(), special.end());
    const auto head = rows_of(loaded.model.head());
    ByHand mean{std::vector<double>(special.size()), std::vector<double>(special.size())};
    for (const Row& row : rows) {
        const Example example = must(encode_example(spec, *loaded.tokenizer, row.problem, row.solution, 0));
        at::Tensor ids = at::zeros({1, static_cast<std::int64_t>(example.input_ids.size())}, at::kLong);
        std::copy(example.input_ids.begin(), example.input_ids.end(), ids.data_ptr<std::int64_t>());
        const auto states = rows_of(loaded.model.hidden(ids)[0]);
        // From the prompt's last token, which predicts the first of the completion.
        for (std::size_t place = example.prompt_tokens - 1; place < states.size(); ++place, ++mean.places) {
            std::vector<double> logits;
            for (const auto& token : head) logits.push_back(dot(states[place], token));
            const double most = *std::ranges::max_element(logits);
            double total = 0.0, others = 0.0;
            double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
            for (std::size_t id = 0; id < logits.size(); ++id) {
                total += std::exp(logits[id] - most);
                if (chosen.contains(static_cast<TokenId>(id))) continue;
                others += logits[id];
                lowest = std::min(lowest, logits[id]);
                highest = std::max(highest, logits[id]);
            }
            for (std::size_t i = 0; i < special.size(); ++i) {
                const double logit = logits[static_cast<std::size_t>(special[i])];
                mean.logits[i] += logit;
                mean.probabilities[i] += std::exp(logit - most) / total;
            }
            mean.others += others / static_cast<double>(logits.size() - chosen.size());
            mean.lowest += lowest;
            mean.highest += highest;
        }
    }
    for (auto* figures : {&mean.logits, &mean.probabilities})
        for (double& figure : *figures) figure /= mean.places;
    for (double* figure : {&mean.others, &mean.lowest, &mean.highest}) *figure /= mean.places;
    return mean;
}

}  // namespace

class SpecialTokensTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<Project> m_project;
    TemplateSpec m_spec;

    std::filesystem::path path(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)).toStdString(); }

    /// A model whose known tokens' logits all lie near -100, as GPT-2's do; one of a small width with random weights else.
    std::string model(bool low_logits) const {
        Gpt2Config config;
        config.n_embd = width;
        config.n_layer = 1;
        config.n_head = 2;
        config.n_positions = 64;
        engine::Checkpoint checkpoint = must(new_checkpoint(config, 7));
        if (low_logits) {
            // The last state is its bias alone, so every known logit is about -100 * 1.
            checkpoint.tensors.at("transformer.ln_f.weight").fill_(0.01);
            checkpoint.tensors.at("transformer.ln_f.bias").select(0, 0).fill_(-100.0);
            checkpoint.tensors.at("transformer.wte.weight").select(1, 0).add_(1.0);
        }
        const auto folder = path(low_logits ? "low" : "random");
        must(write_checkpoint(folder, checkpoint));
        return folder.string();
    }

    SpecialTokensRequest request(bool low_logits, AddedTokensInit init = AddedTokensInit::Mean) const {
        SpecialTokensRequest asked;
        asked.model = model(low_logits);
        asked.spec = m_spec;
        asked.spec.added_tokens_init = init;
        asked.rows = 100;
        return asked;
    }

    LoadedModel begun(const SpecialTokensRequest& asked, AddedTokensInit init) const {
        RunConfig config;
        config.model = asked.model;
        config.seed = asked.seed;
        config.template_spec = asked.spec;
        config.template_spec->added_tokens_init = init;
        return must(model_for(*m_project, config));
    }

private Q_SLOTS:
    void initTestCase() {
        const auto csv = path("rows.csv");
        std::ofstream(csv) << "problem,solution\nThe door is stuck.,Push it.\nThe lamp is dark.,Turn it once.\nNo ink,Fill up\nLost,Ask\n";
        m_project = must(Project::create(path("p.lossmith")));
        must(m_project->data().import_file(csv, must(guess_import(csv))));
        m_spec.added_tokens = {"<|startoftext|>", "<|pad|>"};
        m_spec.start_token = "<|startoftext|>";
        m_spec.pad_token = "<|pad|>";
    }

    void logits_and_probabilities_are_those_of_the_whole_distribution() {
        const SpecialTokensRequest asked = request(false);
        const Json answer = must(look_at_special_tokens(*m_project, asked));
        const std::vector<Row> rows = must(m_project->data().rows(Split::Train));
        const std::vector<TokenId> special = {first_added - 1, first_added, first_added + 1};
        QCOMPARE(answer.at("rows").get<std::size_t>(), rows.size());
        QCOMPARE(answer.at("vocabulary").get<int>(), first_added + 2);
        QCOMPARE(answer.at("tokens").size(), special.size());
        for (const auto& [name, init] : {std::pair{"mean", AddedTokensInit::Mean}, std::pair{"random", AddedTokensInit::Random}}) {
            const ByHand expected = by_hand(begun(asked, init), asked.spec, rows, special);
            QCOMPARE(answer.at("places").get<int>(), expected.places);
            for (std::size_t i = 0; i < special.size(); ++i) {
                const Json& token = answer.at("tokens")[i];
                QCOMPARE(token.at("id").get<TokenId>(), special[i]);
                QCOMPARE(token.at("added").get<bool>(), special[i] >= first_added);
                QVERIFY(near(token.at(name).at("logit").get<double>(), expected.logits[i]));
                const double probability = token.at(name).at("probability").get<double>();
                QVERIFY(std::abs(probability / expected.probabilities[i] - 1.0) < 1e-3);
            }
            if (init == AddedTokensInit::Random) {
                QVERIFY(near(answer.at("others").at("mean").get<double>(), expected.others));
                QVERIFY(near(answer.at("others").at("lowest").get<double>(), expected.lowest));
                QVERIFY(near(answer.at("others").at("highest").get<double>(), expected.highest));
            }
        }
        QCOMPARE(answer.at("tokens")[0].at("role").get<std::string>(), std::string("end"));
        QCOMPARE(answer.at("tokens")[1].at("role").get<std::string>(), std::string("start"));
        QCOMPARE(answer.at("tokens")[2].at("role").get<std::string>(), std::string("padding"));
    }

    void neighbours_are_the_nearest_by_the_angle_data() {
        QTest::addColumn<bool>("random");
        QTest::newRow("begun as the mean") << false;
        QTest::newRow("begun at random") << true;
    }
    void neighbours_are_the_nearest_by_the_angle() {
        QFETCH(bool, random);
        const SpecialTokensRequest asked = request(false, random ? AddedTokensInit::Random : AddedTokensInit::Mean);
        const Json answer = must(look_at_special_tokens(*m_project, asked));
        const LoadedModel loaded = begun(asked, asked.spec.added_tokens_init);
        const auto embeddings = rows_of(loaded.model.token_embedding());
        for (const Json& token : answer.at("tokens")) {
            const auto id = token.at("id").get<std::size_t>();
            std::vector<std::pair<double, std::size_t>> all;
            for (std::size_t other = 0; other < embeddings.size(); ++other)
                if (other != id) all.emplace_back(cosine(embeddings[id], embeddings[other]), other);
            std::ranges::partial_sort(all, all.begin() + 5, std::ranges::greater());
            QCOMPARE(token.at("neighbours").size(), std::size_t{5});
            for (std::size_t i = 0; i < 5; ++i) {
                const Json& neighbour = token.at("neighbours")[i];
                QVERIFY(near(neighbour.at("cosine").get<double>(), all[i].first, 1e-5));
                // Of two that lie equally near either may come first.
                const auto told = neighbour.at("id").get<std::size_t>();
                QVERIFY(told != id && near(cosine(embeddings[id], embeddings[told]), all[i].first, 1e-5));
            }
        }
    }

    /// What the forum thread's tokens 50257 (start) and 50258 (padding) did.
    void begun_at_random_they_take_all_the_probability_and_begun_as_the_mean_none() {
        const Json answer = must(look_at_special_tokens(*m_project, request(true)));
        QVERIFY(answer.at("others").at("highest").get<double>() < -80.0);
        double random = 0.0, mean = 0.0, fair = 0.0;
        for (const Json& token : answer.at("tokens")) {
            if (!token.at("added").get<bool>()) continue;
            QVERIFY(token.at("random").at("logit").get<double>() > answer.at("others").at("highest").get<double>() + 50.0);
            QVERIFY(near(token.at("mean").at("logit").get<double>(), answer.at("others").at("mean").get<double>(), 1e-3));
            random += token.at("random").at("probability").get<double>();
            mean += token.at("mean").at("probability").get<double>();
            fair += 1.0 / answer.at("vocabulary").get<double>();
        }
        QVERIFY(random > 0.999);
        QVERIFY(mean < fair);
    }

    void a_template_that_cannot_be_used_is_refused() {
        SpecialTokensRequest asked = request(false);
        asked.spec.start_token = "<|nowhere|>";
        const auto unknown = look_at_special_tokens(*m_project, asked);
        QVERIFY(!unknown && unknown.error().message.find("<|nowhere|>") != std::string::npos);
        asked.spec = m_spec;
        asked.spec.added_tokens = {"<|pad|>", "<|pad|>"};
        QVERIFY(!look_at_special_tokens(*m_project, asked));
    }
};

QTEST_GUILESS_MAIN(SpecialTokensTest)
#include "SpecialTokensTest.moc"
