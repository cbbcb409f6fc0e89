#include "ui/compare/ComparisonJob.h"

#include <algorithm>

#include "core/comparison/CopyIndex.h"
#include "core/comparison/Scores.h"
#include "core/comparison/Words.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"
#include "core/project/PromptStore.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {

namespace {

/// Rows in one request: enough for the engine to batch, few enough that whole rows come soon after each other.
constexpr std::size_t rows_at_once = 8;
/// The engine keeps two models in memory. With more of them a turn is long, so that few are read from disk anew.
constexpr std::size_t rows_at_once_of_many = 64;
constexpr std::size_t models_in_memory = 2;
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

TokenTrace trace_in(const Json& details) {
    const auto tokens = details.is_object() ? details.find("tokens") : details.end();
    return details.is_object() && tokens != details.end() ? trace_from_json(*tokens) : TokenTrace{};
}

/// The solution as training would write it after the prompt: what a kept loss is the loss of.
std::string completed_text(const TemplateSpec& spec, const std::string& solution) {
    return completion_text(spec, solution) + spec.end_token;
}

std::optional<double> number_or_none(const Json& details, const char* name) {
    const auto found = details.find(name);
    return found != details.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

ComparedText scored_text(const std::string& text, const std::string& solution, std::optional<double> loss, const CopyIndex* training) {
    ComparedText compared{text, score_text(text, solution, training)};
    set_solution_loss(compared.scores, loss);
    return compared;
}

}  // namespace

struct ComparisonJob::Scored {
    int row = 0;
    ComparedText text;
};

struct ComparisonJob::Prepared {
    TemplateSpec template_spec;
    std::vector<std::string> weights;
    std::vector<std::string> prompts;
    std::vector<std::vector<Cell>> cells;
    std::vector<std::vector<Scored>> kept;  ///< by model
    std::shared_ptr<const CopyIndex> training;
};

Result<ComparisonJob::Prepared> ComparisonJob::prepare_order(Project& project, const ComparisonOrder& order) {
    Prepared prepared;
    const ModelChoice& tuned = order.models.at(1);
    prepared.template_spec = order.template_spec   ? *order.template_spec
                             : tuned.template_spec ? *tuned.template_spec
                                                   : LOSSMITH_TRY(project.templates().current());
    for (const ModelChoice& model : order.models) prepared.weights.push_back(order.weights->of(model));
    prepared.cells.resize(order.prompts.size(), std::vector<Cell>(order.models.size()));
    prepared.kept.resize(order.models.size());
    bool any_kept = false;
    for (std::size_t row = 0; row < order.prompts.size(); ++row) {
        const std::string& solution = order.prompts[row].solution;
        prepared.prompts.push_back(prepared.template_spec.start_token + prompt_text(prepared.template_spec, order.prompts[row].problem));
        for (std::size_t model = 0; model < order.models.size(); ++model) {
            Cell& cell = prepared.cells[row][model];
            cell.knows_loss = trimmed(solution).empty();
            if (prepared.weights[model].empty()) continue;
            const auto found =
                LOSSMITH_TRY(project.prompts().find_generation(prepared.weights[model], prepared.prompts[row], order.sampling));
            // The playground keeps texts that were stopped half-way, too.
            if (!found || string_or_empty(found->details, "stopped_by") == "stopped") continue;
            cell.text = found->text;
            cell.stopped_by = string_or_empty(found->details, "stopped_by");
            cell.trace = trace_in(found->details);
            const std::string whole = completed_text(prepared.template_spec, solution);
            if (!cell.knows_loss && string_or_empty(found->details, "solution") == whole) {
                cell.knows_loss = true;
                cell.loss = number_or_none(found->details, "solution_loss");
            }
            any_kept = true;
        }
    }
    // The index takes a while; a mere look at what is kept can do without when there is nothing.
    if (order.only_kept && !any_kept) return prepared;
    prepared.training = std::make_shared<const CopyIndex>(LOSSMITH_TRY(index_of_training(project)));
    for (std::size_t row = 0; row < prepared.cells.size(); ++row)
        for (std::size_t model = 0; model < order.models.size(); ++model)
            if (const Cell& cell = prepared.cells[row][model]; cell.text)
                prepared.kept[model].push_back(
                    {static_cast<int>(row), scored_text(*cell.text, order.prompts[row].solution, cell.loss, prepared.training.get())});
    return prepared;
}

ComparisonJob::ComparisonJob(EngineClient& engine, ProjectSession& session, ComparisonOrder order, QObject* parent)
    : QObject(parent), m_engine(engine), m_session(session), m_order(std::move(order)) {}

ComparisonJob::~ComparisonJob() {
    if (m_request) m_engine.cancel(*m_request);
}

void ComparisonJob::start() {
    m_running = true;
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
    m_cells = std::move(prepared.cells);
    for (std::size_t row = 0; row < m_prompts.size(); ++row) Q_EMIT prompt_made(static_cast<int>(row), m_prompts[row]);
    for (std::size_t model = 0; model < prepared.kept.size(); ++model) {
        m_kept += static_cast<int>(prepared.kept[model].size());
        m_done += static_cast<int>(prepared.kept[model].size());
        take_scored(model, prepared.kept[model]);
    }
    if (m_order.only_kept) return end({});
    ask_next();
}

std::size_t ComparisonJob::rows_in_a_turn() const {
    return m_order.models.size() > models_in_memory ? rows_at_once_of_many : rows_at_once;
}

void ComparisonJob::ask_next() {
    for (; m_turn < m_cells.size(); m_turn += rows_in_a_turn()) {
        const std::size_t last = std::min(m_turn + rows_in_a_turn(), m_cells.size());
        for (std::size_t model = 0; model < m_order.models.size(); ++model) {
            std::vector<int> without_loss;
            std::vector<int> without_text;
            for (std::size_t row = m_turn; row < last; ++row) {
                if (!m_cells[row][model].knows_loss) without_loss.push_back(static_cast<int>(row));
                if (!m_cells[row][model].text) without_text.push_back(static_cast<int>(row));
            }
            if (!without_loss.empty()) return ask_losses(model, without_loss);
            if (without_text.size() > rows_at_once) without_text.resize(rows_at_once);
            if (!without_text.empty()) return ask_texts(model, without_text);
        }
    }
    end({});
}

void ComparisonJob::ask_losses(std::size_t model, const std::vector<int>& rows) {
    Json solved = Json::array();
    for (const int row : rows) {
        const ComparisonPrompt& prompt = m_order.prompts[static_cast<std::size_t>(row)];
        solved.push_back({{"problem", prompt.problem}, {"solution", prompt.solution}});
    }
    const Json params{
        {"model", choice(model).model}, {"project", m_session.path().string()}, {"rows", std::move(solved)}, {"template", m_template}};
    m_request = m_engine.request(QStringLiteral("solution_loss"), params, this, [this, model, rows](Result<Json> answer) {
        m_request.reset();
        if (!m_running) return;
        if (!answer) return end(answer.error());
        take_losses(model, rows, *answer);
    });
}

void ComparisonJob::take_losses(std::size_t model, const std::vector<int>& rows, const Json& answer) {
    if (!answer.is_array() || answer.size() != rows.size())
        return end(Error::internal("The engine answered about other rows than it was asked about."));
    std::vector<int> written;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Cell& known = cell(rows[i], model);
        known.knows_loss = true;
        if (answer[i].is_number()) known.loss = answer[i].get<double>();
        if (known.text) written.push_back(rows[i]);
    }
    written.empty() ? ask_next() : keep(model, written);
}

void ComparisonJob::ask_texts(std::size_t model, const std::vector<int>& rows) {
    Json problems = Json::array();
    for (const int row : rows) {
        problems.push_back(m_order.prompts[static_cast<std::size_t>(row)].problem);
        cell(row, model).trace.clear();
    }
    const Json params{{"model", choice(model).model},    {"project", m_session.path().string()},
                      {"problems", std::move(problems)}, {"template", m_template},
                      {"sampling", m_order.sampling},    {"probabilities", true},
                      {"top_k", alternatives},           {"each_alone", true}};
    m_request = m_engine.request(
        QStringLiteral("generate"), params, this,
        [this, model, rows](Result<Json> answer) {
            m_request.reset();
            if (!m_running) return;
            if (!answer) return end(answer.error());
            take_texts(model, rows, *answer);
        },
        [this, model, rows](const Json& value) {
            const auto index = value.is_object() ? value.value("prompt", Json()) : Json();
            if (!m_running || !index.is_number_unsigned() || index.get<std::size_t>() >= rows.size()) return;
            const int row = rows[index.get<std::size_t>()];
            TracedToken token = token_from_progress(value);
            Q_EMIT token_came(row, static_cast<int>(model), token);
            cell(row, model).trace.push_back(std::move(token));
        });
}

void ComparisonJob::take_texts(std::size_t model, const std::vector<int>& rows, const Json& answer) {
    if (!answer.is_array() || answer.size() != rows.size())
        return end(Error::internal("The engine answered with other texts than it was asked for."));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Cell& written = cell(rows[i], model);
        written.text = string_or_empty(answer[i], "text");
        written.stopped_by = string_or_empty(answer[i], "stopped_by");
    }
    m_done += static_cast<int>(rows.size());
    keep(model, rows);
}

Generation ComparisonJob::generation_of(std::size_t model, int row) const {
    const Cell& written = cell(row, model);
    const std::string& solution = m_order.prompts[static_cast<std::size_t>(row)].solution;
    Generation generation;
    generation.model = choice(model).model;
    generation.weights = m_weights[model];
    generation.prompt = m_prompts[static_cast<std::size_t>(row)];
    generation.settings = m_order.sampling;
    generation.text = *written.text;
    generation.details = {{"source", "compare"}, {"tokens", trace_to_json(written.trace)}, {"stopped_by", written.stopped_by}};
    if (trimmed(solution).empty()) return generation;
    generation.details["solution"] = completed_text(m_template, solution);
    if (written.loss) generation.details["solution_loss"] = *written.loss;
    return generation;
}

void ComparisonJob::keep(std::size_t model, const std::vector<int>& rows) {
    struct Written {
        Generation generation;
        std::string solution;
        int row = 0;
        std::optional<double> loss;
    };
    std::vector<Written> written;
    for (const int row : rows)
        written.push_back({generation_of(model, row), m_order.prompts[static_cast<std::size_t>(row)].solution, row, cell(row, model).loss});
    const auto keep_and_score = [written = std::move(written), training = m_training](Project& project) -> Result<std::vector<Scored>> {
        std::vector<Scored> scored;
        for (const auto& [generation, solution, row, loss] : written) {
            // Weights without a digest: nothing can be found under them again.
            if (!generation.weights.empty()) LOSSMITH_CHECK(project.prompts().add_generation(generation));
            scored.push_back({row, scored_text(generation.text, solution, loss, training.get())});
        }
        return scored;
    };
    m_session.ask(this, keep_and_score, [this, model](Result<std::vector<Scored>> done) {
        if (!done) return m_running ? end(done.error()) : void();
        take_scored(model, *done);
        if (m_running) ask_next();
    });
}

void ComparisonJob::take_scored(std::size_t model, const std::vector<Scored>& scored) {
    for (const Scored& each : scored) Q_EMIT text_came(each.row, static_cast<int>(model), each.text, cell(each.row, model).trace);
    Q_EMIT progressed(m_done, static_cast<int>(m_order.models.size() * m_cells.size()));
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
