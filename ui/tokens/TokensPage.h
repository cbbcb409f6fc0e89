// The page Tokens: any row, any batch of the plan or typed text exactly as the trainer feeds it, and which of it is learnt.
#pragma once

#include <QPointer>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/project/DataStore.h"
#include "ui/data/ExampleText.h"
#include "ui/tokens/TokenView.h"
#include "ui/widgets/Page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QUndoStack;

namespace lossmith::ui {

class EmptyState;
class ErrorBanner;
class LabelRuleForm;
class LatestAnswer;
class PageHeader;
class SharesBar;
class SpecialTokensCard;
class TokensInspector;

class TokensPage : public Page {
    Q_OBJECT

public:
    TokensPage(EngineClient& engine, QWidget* parent = nullptr);
    ~TokensPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("tokens"); }
    [[nodiscard]] QString title() const override { return tr("Tokens"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("code-context"); }
    [[nodiscard]] QWidget* inspector() override;
    [[nodiscard]] QUndoStack* undo_stack() override { return m_undo; }
    void set_project(ProjectSession* session) override;
    [[nodiscard]] bool is_ready() const override;

    enum Source { Rows, Batch, Typed };
    void show_source(Source source);
    void show_row(int index);  ///< from 1, over all rows in id order
    void show_step(int step);  ///< of the plan, from 1
    /// The next row that holds these words, after the one on show.
    void find(const QString& words);
    /// Labels what is selected, or takes the label off.
    void label_selection(bool labelled);
    void back_to_rule();
    void use_rule();
    void revert_rule();
    [[nodiscard]] TokenView* view() const { return m_view; }
    [[nodiscard]] SharesBar* shares() const { return m_shares; }

private:
    class SetLabels;
    class SetTemplate;
    struct Snapshot;
    struct Drawn;

    void lay_out();
    void make_header();
    [[nodiscard]] QWidget* make_legend();
    [[nodiscard]] QWidget* make_rule_card();
    void read();
    void draw();
    void draw_rows(const std::vector<std::int64_t>& rows, const std::vector<std::size_t>& padded_to);
    void draw_typed();
    void ask_for_batch();
    void count_shares();
    void show_drawn(Result<Drawn> drawn);
    void store_labels(std::int64_t row, const RowLabels& labels);
    void store_template(const TemplateSpec& spec);
    void look_at_special_tokens();
    void show_state();
    [[nodiscard]] int longest() const;

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    std::shared_ptr<TokenizerOnce> m_tokenizers = std::make_shared<TokenizerOnce>();
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::shared_ptr<const std::vector<Row>> m_training;  ///< for the shares
    std::map<std::int64_t, RowLabels> m_labels;
    TemplateSpec m_saved;  ///< the project's
    TemplateSpec m_draft;  ///< with the rule as it stands in the form
    std::int64_t m_rows = 0;
    std::unique_ptr<LatestAnswer> m_counter;
    bool m_is_read = false;
    bool m_is_drawn = false;
    bool m_counted = true;
    std::uint64_t m_batch_question = 0;
    std::uint64_t m_special_question = 0;

    QUndoStack* m_undo;
    PageHeader* m_header;
    QComboBox* m_source;
    QSpinBox* m_index;
    QLineEdit* m_words;
    QSpinBox* m_limit;
    ErrorBanner* m_error;
    QStackedWidget* m_views;
    EmptyState* m_empty;
    QWidget* m_typed;
    QPlainTextEdit* m_problem;
    QPlainTextEdit* m_solution;
    TokenView* m_view;
    LabelRuleForm* m_rule;
    SharesBar* m_shares;
    QPushButton* m_use;
    QPushButton* m_revert;
    SpecialTokensCard* m_special;
    QPointer<TokensInspector> m_inspector;
};

}  // namespace lossmith::ui
