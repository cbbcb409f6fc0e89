// One model's answer to the prompt: the model, its text token by token as it comes, and how it went.
#pragma once

#include <optional>

#include "core/base/Error.h"
#include "core/config/SamplingConfig.h"
#include "core/data/Template.h"
#include "core/project/PromptStore.h"
#include "ui/generation/ModelChoice.h"
#include "ui/generation/TokenTrace.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Theme.h"

class QHBoxLayout;
class QLabel;

namespace lossmith {
class EngineClient;
}

namespace lossmith::ui {

class AlternativesPopup;
class CheckpointPicker;
class MutedLabel;
class TokenTextView;

/// What one answer is asked with.
struct PlaygroundRequest {
    std::string typed;  ///< what stands in the editor
    bool through_template = true;
    TemplateSpec template_spec;
    std::string prompt;  ///< the text the model sees before it writes, start token and all
    TokenTrace kept;     ///< tokens of an earlier answer to go on from, as they are; the last one may be forced
    SamplingConfig sampling;
    std::string project;  ///< path of the project file
};

class GenerationPane : public Card {
    Q_OBJECT

public:
    GenerationPane(EngineClient& engine, Role side, AlternativesPopup& popup, QWidget* parent = nullptr);
    ~GenerationPane() override;

    [[nodiscard]] CheckpointPicker* picker() const { return m_picker; }
    [[nodiscard]] TokenTextView* view() const { return m_view; }
    [[nodiscard]] bool is_generating() const { return m_request.has_value(); }
    [[nodiscard]] Role side() const { return m_side; }

    /// The prompt with the answer, as the model has it before itself.
    [[nodiscard]] std::string text_with_prompt() const;

    void start(PlaygroundRequest request);
    void stop();  ///< what has come stays
    void clear();
    /// Shows an answer from the project.
    void show_kept(const Generation& generation);
    /// Shows it, asks for it anew, and says beside it whether the same tokens came.
    void write_again(const Generation& generation, const std::string& project);
    /// A cross beside the model, which removed() tells of.
    void make_removable();

Q_SIGNALS:
    /// An answer came to its end or was stopped; the weights are still to be filled in.
    void finished(const lossmith::Generation& generation);
    void failed(const lossmith::Error& error);
    /// What write_again() asked for has come; `same`: token for token.
    void written_again(bool same);
    void removed();
    /// "Go on from here with this token": the answer's tokens before it, and what was asked.
    void branch_wanted(const lossmith::ui::PlaygroundRequest& from, const lossmith::ui::TokenTrace& kept);

private:
    void take_answer(const Json& answer);
    void finish(const std::string& text, const std::string& stopped_by);
    void show_alternatives(int token, bool take_focus);
    void branch(const TokenAlternative& alternative);
    void describe(const std::string& stopped_by);
    void compare_with_expected();

    EngineClient& m_engine;
    Role m_side;
    AlternativesPopup& m_popup;
    QHBoxLayout* m_models;
    CheckpointPicker* m_picker;
    MutedLabel* m_summary;
    TokenTextView* m_view;
    PlaygroundRequest m_asked;
    ModelChoice m_model;
    std::optional<std::uint64_t> m_request;
    std::optional<TokenTrace> m_expected;  ///< what write_again() is to give
    int m_shown_alternatives_of = -1;
};

/// Reads back what finished() gave: the request that an answer of the project was asked with.
[[nodiscard]] PlaygroundRequest request_of(const Generation& generation);

}  // namespace lossmith::ui
