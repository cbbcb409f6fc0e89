// What is to be compared: the models, where the prompts come from and how many.
#pragma once

#include <QString>
#include <functional>
#include <optional>
#include <vector>

#include "ui/compare/ComparisonPrompts.h"
#include "ui/generation/ModelChoice.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QPlainTextEdit;
class QHBoxLayout;
class QPushButton;
class QSpinBox;

namespace lossmith::ui {

class CheckpointPicker;
class MutedLabel;
class ProjectSession;

enum class PromptSource { HeldOut = 0, Typed = 1, File = 2 };

class CompareSetup : public Card {
    Q_OBJECT

public:
    explicit CompareSetup(QWidget* parent = nullptr);

    void set_models(const std::vector<ModelChoice>& choices);
    [[nodiscard]] std::optional<ModelChoice> base() const;
    [[nodiscard]] std::optional<ModelChoice> tuned() const;  ///< the first of them
    /// The base, then each tuned model; empty where one of the first two is missing. Each once.
    [[nodiscard]] std::vector<ModelChoice> models() const;
    /// One more tuned model beside the others, up to most_tuned; the next checkpoint that is not chosen yet.
    void add_tuned();
    static constexpr int most_tuned = 4;

    [[nodiscard]] PromptSource source() const;
    void set_source(PromptSource source);
    [[nodiscard]] int limit() const;
    void set_limit(int limit);
    void set_file(const QString& path);
    void set_typed(const QString& text);

    /// Fetches the prompts on the session's worker, then calls `answer` with them or with what is wrong.
    void fetch_prompts(ProjectSession& session, QObject* context, std::function<void(Result<std::vector<ComparisonPrompt>>)> answer);
    /// "300 held-out rows", "4 typed prompts": for the summary line and the exports.
    [[nodiscard]] QString describe_prompts(int count) const;
    void set_sampling_summary(const QString& text);

Q_SIGNALS:
    void changed();
    void sampling_wanted();

private:
    void choose_file();
    void show_source();
    void remove_tuned(QWidget* further);
    void edited();

    CheckpointPicker* m_base;
    CheckpointPicker* m_tuned;
    QPushButton* m_add;
    QHBoxLayout* m_further;  ///< the tuned models after the first
    std::vector<CheckpointPicker*> m_others;
    std::vector<ModelChoice> m_choices;
    QComboBox* m_source;
    QSpinBox* m_limit;
    QPushButton* m_choose_file;
    QPushButton* m_sampling;
    QPlainTextEdit* m_typed;
    QString m_file;
    Split m_split = Split::Test;
};

}  // namespace lossmith::ui
