// Compare: a base and tuned models on the same prompts, side by side, with scores, intervals, a blind vote and exports.
#pragma once

#include <QPointer>
#include <memory>

#include "ui/compare/ComparisonJob.h"
#include "ui/widgets/Page.h"

class QComboBox;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTimer;

namespace lossmith::ui {

class BlindVoteView;
class CompareSetup;
class ComparisonInspector;
class ComparisonModel;
class ComparisonTable;
class EmptyState;
class ErrorBanner;
class PageHeader;
class ProgressStrip;
class SamplingForm;
class ScoreCards;

class ComparePage : public Page {
    Q_OBJECT

public:
    ComparePage(EngineClient& engine, QWidget* parent = nullptr);
    ~ComparePage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("compare"); }
    [[nodiscard]] QString title() const override { return tr("Compare"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("view-split-left-right"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;

    void generate();
    void stop();
    void vote_blind();
    /// Writes the rows that are whole; the suffix (html, csv, json) says as what. Says in the page what is wrong.
    bool export_to(const QString& path);

    [[nodiscard]] bool is_ready() const override;
    [[nodiscard]] bool is_generating() const;
    [[nodiscard]] CompareSetup* setup() const { return m_setup; }
    [[nodiscard]] SamplingForm* sampling() const { return m_sampling; }
    [[nodiscard]] ComparisonModel* model() const { return m_model; }

Q_SIGNALS:
    void finished();
    /// The page Logits was asked for, to look at this text.
    void logits_wanted(const QString& text);

private:
    void lay_out();
    void load_models();
    void show_kept();
    void start_job(bool only_kept);
    void show_comparison(Comparison comparison);
    void run(std::vector<ComparisonPrompt> prompts, bool only_kept);
    void connect_job(ComparisonJob* job, bool only_kept);
    void end_job(ComparisonJob* job, bool only_kept);
    void summarise();
    void show_place();
    void show_selected(int row);
    void show_score();
    void choose_export(const QString& suffix);
    void open_in_playground(const QString& problem, const QString& solution);

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    QPointer<ComparisonJob> m_job;
    std::shared_ptr<KnownWeights> m_weights = std::make_shared<KnownWeights>();
    quint64 m_asked = 0;       ///< the latest of the questions for prompts; older answers are dropped
    quint64 m_comparison = 0;  ///< which comparison the table shows; summaries of earlier ones are dropped
    bool m_summary_under_way = false;
    bool m_summary_stale = false;
    bool m_knows_models = false;
    bool m_has_run = false;
    bool m_voting = false;
    bool m_look_after_vote = false;  ///< choices changed under the ballot
    bool m_fetching = false;         ///< the prompts of the next job
    bool m_generates_when_fetched = false;

    PageHeader* m_header;
    QPushButton* m_vote;
    QPushButton* m_export;
    QPushButton* m_generate;
    CompareSetup* m_setup;
    ErrorBanner* m_error;
    ProgressStrip* m_progress;
    ScoreCards* m_cards;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    ComparisonTable* m_table;
    BlindVoteView* m_vote_view;
    ComparisonModel* m_model;
    QPointer<QTabWidget> m_inspector;
    ComparisonInspector* m_row_view;
    SamplingForm* m_sampling;
    QComboBox* m_score;
    QTimer* m_look_soon;
};

}  // namespace lossmith::ui
