// Generates both sides of a comparison, a few rows at a time, taking what was generated before from the project.
#pragma once

#include <QObject>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/Error.h"
#include "core/comparison/Comparison.h"
#include "core/config/SamplingConfig.h"
#include "core/data/Template.h"
#include "ui/compare/ComparisonPrompts.h"
#include "ui/generation/ModelChoice.h"
#include "ui/generation/TokenTrace.h"

namespace lossmith {
class CopyIndex;
class EngineClient;
class Project;
struct Generation;
}  // namespace lossmith

namespace lossmith::ui {

class ProjectSession;

enum class Side { Base = 0, Tuned = 1 };

struct ComparisonOrder {
    ModelChoice base;
    ModelChoice tuned;
    std::vector<ComparisonPrompt> prompts;
    std::optional<TemplateSpec> template_spec;  ///< absent: the one the tuned model was trained with, else the project's current one
    SamplingConfig sampling;
    bool only_kept = false;  ///< take what the project already has, ask the engine for nothing
    std::shared_ptr<KnownWeights> weights = std::make_shared<KnownWeights>();
};

/// Base and tuned take turns every few rows, so that pairs come in from the start. One job, one run; it keeps each text in the project.
class ComparisonJob : public QObject {
    Q_OBJECT

public:
    ComparisonJob(EngineClient& engine, ProjectSession& session, ComparisonOrder order, QObject* parent = nullptr);
    ~ComparisonJob() override;

    void start();
    void stop();  ///< finished() follows at once; what has come stays
    [[nodiscard]] bool is_running() const { return m_running; }
    [[nodiscard]] bool is_only_looking() const { return m_order.only_kept; }
    /// Why it ended early; absent when it ended by itself or was stopped.
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    [[nodiscard]] int kept_texts() const { return m_kept; }  ///< how many came from the project

Q_SIGNALS:
    void prompt_made(int row, const std::string& prompt);
    void token_came(int row, lossmith::ui::Side side, const lossmith::ui::TracedToken& token);
    void text_came(int row, lossmith::ui::Side side, const lossmith::ComparedText& text, const lossmith::ui::TokenTrace& trace);
    void progressed(int done, int total);
    void finished();

private:
    struct Prepared;
    struct Scored;
    [[nodiscard]] static Result<Prepared> prepare_order(Project& project, const ComparisonOrder& order);

    [[nodiscard]] const ModelChoice& model_of(Side side) const { return side == Side::Base ? m_order.base : m_order.tuned; }
    void take_prepared(Prepared prepared);
    void ask_next();
    void take_answer(Side side, const std::vector<int>& rows, const Json& answer);
    void take_scored(Side side, std::vector<Scored> scored);
    void end(std::optional<Error> error);
    [[nodiscard]] std::vector<int> missing_rows(std::size_t begin, Side side) const;

    EngineClient& m_engine;
    ProjectSession& m_session;
    ComparisonOrder m_order;
    std::shared_ptr<const CopyIndex> m_training;
    std::array<std::string, 2> m_weights;
    TemplateSpec m_template;
    std::vector<std::string> m_prompts;
    std::vector<std::array<bool, 2>> m_have;
    std::vector<std::array<TokenTrace, 2>> m_traces;  ///< of the request under way
    std::size_t m_chunk = 0;
    std::optional<std::uint64_t> m_request;
    std::optional<Error> m_error;
    int m_done = 0;
    int m_kept = 0;
    bool m_running = false;
};

}  // namespace lossmith::ui
