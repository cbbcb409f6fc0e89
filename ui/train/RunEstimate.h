// What a run will take, as the engine reckons it before the run starts, and asking for it while the form changes.
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <cstdint>
#include <optional>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"

namespace lossmith {
class EngineClient;
}

namespace lossmith::ui {

struct RunEstimate {
    std::int64_t steps = 0;
    std::int64_t examples = 0;
    std::int64_t labelled_tokens = 0;
    std::int64_t prompt_tokens = 0;
    std::int64_t padding_tokens = 0;
    std::int64_t truncated_rows = 0;
    std::int64_t memory_bytes = 0;
    double seconds = 0.0;
    std::int64_t disk_bytes = 0;
    std::int64_t trainable_parameters = 0;
    QString advice;  ///< a sentence, where the run does not fit into memory
    Json changes;    ///< fields of the config with which it does; null: none
    /// Of all tokens fed; 0 when there are none.
    [[nodiscard]] double share_of(std::int64_t tokens) const;
};

[[nodiscard]] Result<RunEstimate> run_estimate_from_json(const Json& json);

/// Waits until the form has been still for a moment, gives up the question before, and drops answers to questions no longer asked.
class EstimateAsker : public QObject {
    Q_OBJECT

public:
    explicit EstimateAsker(EngineClient& engine, QObject* parent = nullptr);

    void ask(const QString& project, const RunConfig& config);
    void forget();
    [[nodiscard]] bool is_asking() const { return m_still.isActive() || m_request != 0; }

Q_SIGNALS:
    void asking();
    void estimated(const lossmith::ui::RunEstimate& estimate);
    void failed(const lossmith::Error& error);

private:
    void send();

    EngineClient& m_engine;
    QTimer m_still;
    QString m_project;
    RunConfig m_config;
    std::uint64_t m_request = 0;
    std::uint64_t m_generation = 0;
};

}  // namespace lossmith::ui
