#include "ui/compare/ComparisonJob.h"

#include <algorithm>

#include "core/comparison/CopyIndex.h"
#include "core/comparison/Scores.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/PromptStore.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {

namespace {

/// Rows in one request: enough for the engine to batch, few enough that both sides of a row come soon after each other.
constexpr std::size_t rows_at_once = 8;
constexpr int alternatives = 3;
/// Beyond this the index of training solutions leaves the rest out, to stay within memory.
constexpr std::size_t most_training_bytes = 100'000'000;

Result<CopyIndex> index_of_training(Project& project) {
    constexpr std::int64_t page = 5000;
    std::vector<std::pair<std::int64_t, std::string>> solutions;
    std::size_t bytes = 0;
    for (std::int64_t offset = 0; bytes < most_training_bytes; offset += page) {
        auto rows = LOSSMITH_TRY(project.data().rows(Split::Train, page, offset));
        for (Row& row : rows) {
            bytes += row.solution.size();
            solutions.emplace_back(row.id, std::move(row.solution));
        }
        if (static_cast<std::int64_t>(rows.size()) < page) break;
    }
    std::vector<CopyIndex::Source> sources;
    sources.reserve(solutions.size());
    for (const auto& [row, solution] : solutions) sources.push_back({row, solution});
    return CopyIndex::build(sources);
}

std::size_t side_index(Side side) {
    return static_cast<std::size_t>(side);
}

TokenTrace trace_in(const Json& details) {
    const auto tokens = details.is_object() ? details.find("tokens") : details.end();
    return details.is_object() && tokens != details.end() ? trace_from_json(*tokens) : TokenTrace{};
}

}  // namespace

struct ComparisonJob::Scored {
    int row = 0;
    ComparedText text;
    TokenTrace trace;
};

struct ComparisonJob::Prepared {
    TemplateSpec template_spec;
    std::array<std::string, 2> weights;
    std::vector<std::string> prompts;
    std::array<std::vector<Scored>, 2> kept;
    std::shared_ptr<const CopyIndex> training;
};

Result<ComparisonJob::Prepared> ComparisonJob::prepare_order(Project& project, const ComparisonOrder& order) {
    Prepared prepared;
    prepared.template_spec = order.template_spec         ? *order.template_spec
                             : order.tuned.template_spec ? *order.tuned.template_spec
                                                         : LOSSMITH_TRY(project.templates().current());
    prepared.weights = {order.weights->of(order.base), order.weights->of(order.tuned)};
    bool any_kept = false;
    for (std::size_t row = 0; row < order.prompts.size(); ++row) {
        prepared.prompts.push_back(prepared.template_spec.start_token + prompt_text(prepared.template_spec, order.prompts[row].problem));
        for (std::size_t side = 0; side < 2; ++side) {
            if (prepared.weights[side].empty()) continue;
            const auto found =
                LOSSMITH_TRY(project.prompts().find_generation(prepared.weights[side], prepared.prompts[row], order.sampling));
            // The playground keeps texts that were stopped half-way, too.
            if (!found || string_or_empty(found->details, "stopped_by") == "stopped") continue;
            prepared.kept[side].push_back({static_cast<int>(row), {found->text, {}}, trace_in(found->details)});
            any_kept = true;
        }
    }
    // The index takes a while; a mere look at what is kept can do without when there is nothing.
    if (order.only_kept && !any_kept) return prepared;
    prepared.training = std::make_shared<const CopyIndex>(LOSSMITH_TRY(index_of_training(project)));
    for (auto& side : prepared.kept)
        for (Scored& kept : side)
            kept.text.scores =
                score_text(kept.text.text, order.prompts[static_cast<std::size_t>(kept.row)].solution, prepared.training.get());
    return prepared;
}

ComparisonJob::ComparisonJob(EngineClient& engine, ProjectSession& session, ComparisonOrder order, QObject* parent)
    : QObject(parent), m_engine(engine), m_session(session), m_order(std::move(order)) {}

ComparisonJob::~ComparisonJob() {
    if (m_request) m_engine.cancel(*m_request);
}

void ComparisonJob::start() {
    m_running = true;
    m_have.resize(m_order.prompts.size());
    m_traces.resize(m_order.prompts.size());
    const auto prepare = [order = m_order](Project& project) { return prepare_order(project, order); };
    m_session.ask(this, prepare, [this](Result<Prepared> prepared) {
        if (!m_running) return;
        if (!prepared) return end(prepared.error());
        take_prepared(std::move(*prepared));
    });
}

void ComparisonJob::take_prepared(Prepared prepared) {
    m_template = std::move(prepared.template_spec);
    m_training = std::move(prepared.training);
    m_weights = std::move(prepared.weights);
    m_prompts = std::move(prepared.prompts);
    for (std::size_t row = 0; row < m_prompts.size(); ++row) Q_EMIT prompt_made(static_cast<int>(row), m_prompts[row]);
    for (const Side side : {Side::Base, Side::Tuned}) {
        m_kept += static_cast<int>(prepared.kept[side_index(side)].size());
        take_scored(side, std::move(prepared.kept[side_index(side)]));
    }
    if (m_order.only_kept) return end({});
    ask_next();
}

std::vector<int> ComparisonJob::missing_rows(std::size_t begin, Side side) const {
    std::vector<int> rows;
    for (std::size_t row = begin; row < std::min(begin + rows_at_once, m_have.size()); ++row)
        if (!m_have[row][side_index(side)]) rows.push_back(static_cast<int>(row));
    return rows;
}

void ComparisonJob::ask_next() {
    for (; m_chunk < m_have.size(); m_chunk += rows_at_once) {
        for (const Side side : {Side::Base, Side::Tuned}) {
            const std::vector<int> rows = missing_rows(m_chunk, side);
            if (rows.empty()) continue;
            Json problems = Json::array();
            for (const int row : rows) problems.push_back(m_order.prompts[static_cast<std::size_t>(row)].problem);
            const Json params{{"model", model_of(side).model}, {"project", m_session.path().string()}, {"problems", std::move(problems)},
                              {"template", m_template},        {"sampling", m_order.sampling},         {"probabilities", true},
                              {"top_k", alternatives}};
            m_request = m_engine.request(
                QStringLiteral("generate"), params, this,
                [this, side, rows](Result<Json> answer) {
                    m_request.reset();
                    if (!m_running) return;
                    if (!answer) return end(answer.error());
                    take_answer(side, rows, *answer);
                },
                [this, side, rows](const Json& value) {
                    const auto index = value.is_object() ? value.value("prompt", Json()) : Json();
                    if (!m_running || !index.is_number_unsigned() || index.get<std::size_t>() >= rows.size()) return;
                    const int row = rows[index.get<std::size_t>()];
                    TracedToken token = token_from_progress(value);
                    Q_EMIT token_came(row, side, token);
                    m_traces[static_cast<std::size_t>(row)][side_index(side)].push_back(std::move(token));
                });
            return;
        }
    }
    end({});
}

void ComparisonJob::take_answer(Side side, const std::vector<int>& rows, const Json& answer) {
    if (!answer.is_array() || answer.size() != rows.size())
        return end(Error::internal("The engine answered with other texts than it was asked for."));
    std::vector<Generation> generations;
    std::vector<Scored> scored;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rows[i]);
        TokenTrace trace = std::move(m_traces[row][side_index(side)]);
        const std::string text = string_or_empty(answer[i], "text");
        scored.push_back({rows[i], {text, {}}, trace});
        Generation generation;
        generation.model = model_of(side).model;
        generation.weights = m_weights[side_index(side)];
        generation.prompt = m_prompts[row];
        generation.settings = m_order.sampling;
        generation.text = text;
        // Where the base is unsure tells nothing; where the tuned model is, the inspector says.
        if (side == Side::Base) trace.clear();
        generation.details = {
            {"source", "compare"}, {"tokens", trace_to_json(trace)}, {"stopped_by", string_or_empty(answer[i], "stopped_by")}};
        if (!generation.weights.empty()) generations.push_back(std::move(generation));
    }
    std::vector<std::string> solutions;
    for (const int row : rows) solutions.push_back(m_order.prompts[static_cast<std::size_t>(row)].solution);
    const auto keep_and_score = [generations, scored, solutions,
                                 training = m_training](Project& project) mutable -> Result<std::vector<Scored>> {
        for (const Generation& generation : generations) LOSSMITH_CHECK(project.prompts().add_generation(generation));
        for (std::size_t i = 0; i < scored.size(); ++i)
            scored[i].text.scores = score_text(scored[i].text.text, solutions[i], training.get());
        return scored;
    };
    m_session.ask(this, keep_and_score, [this, side](Result<std::vector<Scored>> done) {
        if (!done) return m_running ? end(done.error()) : void();
        take_scored(side, std::move(*done));
        if (m_running) ask_next();
    });
}

void ComparisonJob::take_scored(Side side, std::vector<Scored> scored) {
    for (const Scored& each : scored) {
        m_have[static_cast<std::size_t>(each.row)][side_index(side)] = true;
        ++m_done;
        Q_EMIT text_came(each.row, side, each.text, each.trace);
    }
    Q_EMIT progressed(m_done, 2 * static_cast<int>(m_have.size()));
}

void ComparisonJob::stop() {
    if (!m_running) return;
    if (m_request) m_engine.cancel(*m_request);
    end({});
}

void ComparisonJob::end(std::optional<Error> error) {
    m_running = false;
    if (error && error->kind != ErrorKind::Cancelled) m_error = std::move(error);
    Q_EMIT finished();
}

}  // namespace lossmith::ui

#include "moc_ComparisonJob.cpp"
