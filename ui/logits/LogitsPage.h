// Logits: a text under the base and the tuned model, token by token; what could have come, why, and what if another had.
#pragma once

#include <QPointer>
#include <vector>

#include "ui/generation/ModelChoice.h"
#include "ui/logits/Inspection.h"
#include "ui/logits/LatestRequest.h"
#include "ui/widgets/Page.h"

class QPushButton;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTimer;

namespace lossmith::ui {

class AttentionCard;
class AttributionCard;
class BranchCard;
class CheckpointPicker;
class Chip;
class DistributionCard;
class EmptyState;
class ErrorBanner;
class LensCard;
class OddsCard;
class PageHeader;
class PlaceInquiry;
class ProgressStrip;
class RunStripCard;
class SourceCard;
class StripsCard;
class TokenInspector;
struct PlaceOfTwo;

class LogitsPage : public Page {
    Q_OBJECT

public:
    LogitsPage(EngineClient& engine, QWidget* parent = nullptr);
    ~LogitsPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("logits"); }
    [[nodiscard]] QString title() const override { return tr("Logits"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("view-statistics"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;
    [[nodiscard]] QUndoStack* undo_stack() override;
    /// The text, the chosen place and the card on show have been answered.
    [[nodiscard]] bool is_ready() const override;

    /// "Look at the probabilities": takes a text as it stands, special tokens and all.
    void look_at(const QString& text);
    void choose_place(int place);
    [[nodiscard]] int place() const { return m_place; }
    [[nodiscard]] const InspectionPointer& inspection() const { return m_inspection; }
    void set_two_models(bool two);
    void stop();
    /// What is shown, as the engine gave it.
    void copy_as_json();

    [[nodiscard]] SourceCard* source() const { return m_source; }
    [[nodiscard]] StripsCard* strips() const { return m_strips; }
    [[nodiscard]] DistributionCard* distribution() const { return m_distribution; }
    [[nodiscard]] BranchCard* branches() const { return m_branches; }
    [[nodiscard]] TokenInspector* token_inspector() const;

private:
    void make_cards(EngineClient& engine);
    void lay_out();
    void connect_cards();
    void reload();
    void take_models();
    void inspect_source();
    void inspect_ids(const std::vector<std::int64_t>& ids);
    void inspect(Json text, bool is_new_text);
    void take_inspection(const Json& answer, const std::string& base, const std::string& tuned, bool is_new_text);
    void clear_inspection();
    void ask_place();
    void show_distribution(const PlaceOfTwo& place);
    void show_ties();
    void show_state();
    void show_error(const Error& error);

    QPointer<ProjectSession> m_session;
    TemplateSpec m_project_template;
    bool m_is_read = false;
    bool m_was_ready = false;
    LatestRequest m_request;
    PlaceInquiry* m_inquiry;
    InspectionPointer m_inspection;
    Json m_answer;  ///< what m_inspection was read from
    int m_place = -1;

    PageHeader* m_header;
    CheckpointPicker* m_base;
    CheckpointPicker* m_tuned;
    Chip* m_two_models;
    QPushButton* m_copy;
    QPushButton* m_stop;
    ErrorBanner* m_error;
    ProgressStrip* m_progress;
    QStackedWidget* m_stack;
    EmptyState* m_empty;
    QSplitter* m_splitter;
    QSplitter* m_lower;
    QTabWidget* m_tabs;
    QTimer* m_rest;  ///< walking along the tokens asks only where one rests
    SourceCard* m_source;
    StripsCard* m_strips;
    DistributionCard* m_distribution;
    LensCard* m_lens;
    AttentionCard* m_attention;
    AttributionCard* m_attribution;
    BranchCard* m_branches;
    OddsCard* m_odds;
    RunStripCard* m_run;
    QPointer<TokenInspector> m_inspector;
};

}  // namespace lossmith::ui
