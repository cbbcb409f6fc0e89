// Playground: one prompt, one or more models, every setting, tokens as they come, alternatives to branch from, and a history.
#pragma once

#include <QPointer>
#include <memory>
#include <vector>

#include "core/project/PromptStore.h"
#include "ui/generation/ModelChoice.h"
#include "ui/widgets/Page.h"
#include "ui/widgets/Theme.h"

class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace lossmith::ui {

class AlternativesPopup;
class Chip;
class EmptyState;
class ErrorBanner;
class GenerationPane;
class HistoryModel;
class MutedLabel;
class PageHeader;
class PromptEditor;
class SamplingForm;
struct PlaygroundRequest;
struct TracedToken;

class PlaygroundPage : public Page {
    Q_OBJECT

public:
    PlaygroundPage(EngineClient& engine, QWidget* parent = nullptr);
    ~PlaygroundPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("playground"); }
    [[nodiscard]] QString title() const override { return tr("Playground"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("document-edit"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;

    [[nodiscard]] bool is_ready() const override;

    void generate();
    void stop();
    [[nodiscard]] bool is_generating() const;
    void set_two_models(bool two);

    [[nodiscard]] PromptEditor* prompt() const { return m_prompt; }
    [[nodiscard]] SamplingForm* sampling() const { return m_sampling; }
    [[nodiscard]] GenerationPane* base() const { return m_base; }
    [[nodiscard]] GenerationPane* tuned() const { return m_tuned; }
    [[nodiscard]] HistoryModel* history() const { return m_history; }
    [[nodiscard]] AlternativesPopup* alternatives() const { return m_popup; }
    /// Brings an earlier line back: its prompt, model, settings and tokens. Generate then gives it again.
    /// The pane that shows it; null: there is no such line.
    GenerationPane* have_again(int history_row);
    /// Asks the model for an earlier line once more; the pane says whether the same tokens came.
    void write_again(int history_row);
    void add_model();                                                                    ///< one more pane, up to five in all
    [[nodiscard]] const std::vector<GenerationPane*>& panes() const { return m_panes; }  ///< the base's first

Q_SIGNALS:
    void finished();
    /// The page Logits was asked for, to look at this text.
    void logits_wanted(const QString& text);

private:
    void lay_out();
    void make_panes();
    [[nodiscard]] GenerationPane* make_pane(Role side);
    void remove_model(GenerationPane* pane);
    void reload();
    void take_template();
    void keep(Generation generation);
    void branch(GenerationPane* pane, const PlaygroundRequest& from, const std::vector<TracedToken>& kept);
    void show_state();
    /// The prompt and what came of it; empty where nothing was generated.
    [[nodiscard]] std::string whole_text() const;
    [[nodiscard]] PlaygroundRequest make_request() const;

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    std::vector<ModelChoice> m_models;
    std::shared_ptr<KnownWeights> m_weights = std::make_shared<KnownWeights>();
    TemplateSpec m_project_template;
    bool m_prompts_read = false;
    bool m_is_read = false;

    PageHeader* m_header;
    Chip* m_two_models;
    QPushButton* m_add_model;
    QPushButton* m_again = nullptr;
    QPushButton* m_generate;
    QPushButton* m_stop;
    QPushButton* m_look;
    ErrorBanner* m_error;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    PromptEditor* m_prompt;
    AlternativesPopup* m_popup;
    std::vector<GenerationPane*> m_panes;  ///< the base's, the tuned one's, further ones
    GenerationPane* m_base;
    GenerationPane* m_tuned;
    HistoryModel* m_history;
    QTableView* m_history_table;
    MutedLabel* m_history_hint = nullptr;
    QSplitter* m_splitter;
    QSplitter* m_pane_row = nullptr;
    SamplingForm* m_sampling;
    QPointer<QWidget> m_inspector;
};

}  // namespace lossmith::ui
