// What a run will take, as the engine reckons it before the run starts.
#include "ui/train/RunEstimate.h"

#include <cmath>

#include "core/protocol/EngineClient.h"

namespace lossmith::ui {
namespace {

constexpr int still_milliseconds = 400;

Result<double> number_in(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number() || !std::isfinite(found->get<double>())) {
        return failure(Error::internal("The engine's estimate has no number `" + std::string(name) + "`."));
    }
    return found->get<double>();
}

}  // namespace

double RunEstimate::share_of(std::int64_t tokens) const {
    const double all = static_cast<double>(labelled_tokens) + static_cast<double>(prompt_tokens) + static_cast<double>(padding_tokens);
    return all > 0.0 ? static_cast<double>(tokens) / all : 0.0;
}

Result<RunEstimate> run_estimate_from_json(const Json& json) {
    if (!json.is_object()) return failure(Error::internal("The engine's estimate is not an object."));
    RunEstimate estimate;
    const std::pair<const char*, std::int64_t*> counts[] = {
        {"steps", &estimate.steps},
        {"examples", &estimate.examples},
        {"labelled_tokens", &estimate.labelled_tokens},
        {"prompt_tokens", &estimate.prompt_tokens},
        {"padding_tokens", &estimate.padding_tokens},
        {"truncated_rows", &estimate.truncated_rows},
        {"memory_bytes", &estimate.memory_bytes},
        {"disk_bytes", &estimate.disk_bytes},
        {"trainable_parameters", &estimate.trainable_parameters},
    };
    for (const auto& [name, target] : counts) {
        const double value = LOSSMITH_TRY(number_in(json, name));
        if (value < 0.0 || value > 9e18)
            return failure(Error::internal("The engine's estimate of `" + std::string(name) + "` is out of range."));
        *target = static_cast<std::int64_t>(value);
    }
    estimate.seconds = LOSSMITH_TRY(number_in(json, "seconds"));
    if (const auto advice = json.find("advice"); advice != json.end() && advice->is_string())
        estimate.advice = QString::fromStdString(advice->get<std::string>());
    if (const auto changes = json.find("changes"); changes != json.end() && changes->is_object()) estimate.changes = *changes;
    return estimate;
}

EstimateAsker::EstimateAsker(EngineClient& engine, QObject* parent) : QObject(parent), m_engine(engine) {
    m_still.setSingleShot(true);
    m_still.setInterval(still_milliseconds);
    connect(&m_still, &QTimer::timeout, this, &EstimateAsker::send);
}

void EstimateAsker::ask(const QString& project, const RunConfig& config) {
    m_project = project;
    m_config = config;
    ++m_generation;
    m_still.start();
}

void EstimateAsker::forget() {
    ++m_generation;
    m_still.stop();
    if (m_request != 0) m_engine.cancel(m_request);
    m_request = 0;
}

void EstimateAsker::send() {
    if (m_request != 0) m_engine.cancel(m_request);
    Q_EMIT asking();
    const Json params = {{"project", m_project.toStdString()}, {"config", Json(m_config)}};
    m_request = m_engine.request(QStringLiteral("estimate"), params, this, [this, generation = m_generation](const Result<Json>& answer) {
        if (generation != m_generation) return;
        m_request = 0;
        const Result<RunEstimate> estimate = answer ? run_estimate_from_json(*answer) : Result<RunEstimate>(failure(answer.error()));
        if (estimate)
            Q_EMIT estimated(*estimate);
        else
            Q_EMIT failed(estimate.error());
    });
}

}  // namespace lossmith::ui

#include "moc_RunEstimate.cpp"
