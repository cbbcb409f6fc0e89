// Generates every model's side of a comparison, a few rows at a time, taking what was generated before from the project.
#pragma once

#include <QObject>
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

struct ComparisonOrder {
    std::vector<ModelChoice> models;  ///< the base first, at least two
    std::vector<ComparisonPrompt> prompts;
    std::optional<TemplateSpec> template_spec;  ///< absent: the first tuned model's own, else the project's current one
    SamplingConfig sampling;
    bool only_kept = false;  ///< take what the project already has, ask the engine for nothing
    std::shared_ptr<KnownWeights> weights = std::make_shared<KnownWeights>();
};

/// The models take turns every few rows, so that whole rows come in from the start. One job, one run; it keeps each text in the project,
/// with what the true solution costs the model. A model is named by its place in the order.
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
    void token_came(int row, int model, const lossmith::ui::TracedToken& token);
    void text_came(int row, int model, const lossmith::ComparedText& text, const lossmith::ui::TokenTrace& trace);
    void progressed(int done, int total);
    void finished();

private:
    struct Prepared;
    struct Scored;
    /// What is known of one row's text by one model.
    struct Cell {
        std::optional<std::string> text;  ///< absent: to be generated
        std::string stopped_by;
        TokenTrace trace;
        bool knows_loss = false;  ///< or there is no true solution that could cost anything
        std::optional<double> loss;
    };
    [[nodiscard]] static Result<Prepared> prepare_order(Project& project, const ComparisonOrder& order);

    [[nodiscard]] const ModelChoice& choice(std::size_t model) const { return m_order.models[model]; }
    [[nodiscard]] std::size_t rows_in_a_turn() const;
    void take_prepared(Prepared prepared);
    void ask_next();
    void ask_losses(std::size_t model, const std::vector<int>& rows);
    void ask_texts(std::size_t model, const std::vector<int>& rows);
    void take_losses(std::size_t model, const std::vector<int>& rows, const Json& answer);
    void take_texts(std::size_t model, const std::vector<int>& rows, const Json& answer);
    void keep(std::size_t model, const std::vector<int>& rows);
    void take_scored(std::size_t model, const std::vector<Scored>& scored);
    void end(std::optional<Error> error);
    [[nodiscard]] Generation generation_of(std::size_t model, int row) const;
    [[nodiscard]] Cell& cell(int row, std::size_t model) { return m_cells[static_cast<std::size_t>(row)][model]; }
    [[nodiscard]] const Cell& cell(int row, std::size_t model) const { return m_cells[static_cast<std::size_t>(row)][model]; }

    EngineClient& m_engine;
    ProjectSession& m_session;
    ComparisonOrder m_order;
    std::shared_ptr<const CopyIndex> m_training;
    std::vector<std::string> m_weights;
    TemplateSpec m_template;
    std::vector<std::string> m_prompts;
    std::vector<std::vector<Cell>> m_cells;  ///< by row, then model
    std::size_t m_turn = 0;                  ///< the first row of the rows under way
    std::optional<std::uint64_t> m_request;
    std::optional<Error> m_error;
    int m_done = 0;
    int m_kept = 0;
    bool m_running = false;
};

}  // namespace lossmith::ui
