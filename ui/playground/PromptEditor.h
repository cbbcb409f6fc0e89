// Where the prompt is typed: as a problem that the template makes a prompt of, or as the very text the model sees.
#pragma once

#include <vector>

#include "core/data/Template.h"
#include "core/project/PromptStore.h"
#include "ui/widgets/Card.h"

class QButtonGroup;
class QLabel;
class QMenu;
class QPlainTextEdit;
class QPushButton;

namespace lossmith::ui {

class Chip;
class MutedLabel;
class SectionLabel;

class PromptEditor : public Card {
    Q_OBJECT

public:
    explicit PromptEditor(QWidget* parent = nullptr);

    void set_template(const TemplateSpec& spec);
    [[nodiscard]] const TemplateSpec& template_spec() const { return m_template; }

    [[nodiscard]] bool through_template() const;
    void set_through_template(bool through);
    [[nodiscard]] std::string typed() const;
    void set_typed(const std::string& text);
    /// The text the model sees: start token, prompt.
    [[nodiscard]] std::string prompt() const;

    void set_kept_prompts(std::vector<StoredPrompt> prompts);
    [[nodiscard]] const std::vector<StoredPrompt>& kept_prompts() const { return m_kept; }
    void use(const StoredPrompt& prompt);
    [[nodiscard]] QPlainTextEdit* editor() const { return m_editor; }

Q_SIGNALS:
    void changed();
    void keep_wanted(const QString& problem);
    void forget_wanted(qint64 prompt);

private:
    void show_prompt();
    void fill_menu();

    TemplateSpec m_template;
    std::vector<StoredPrompt> m_kept;
    Chip* m_template_chip;
    Chip* m_raw_chip;
    QPushButton* m_kept_button;
    QMenu* m_kept_menu;
    QPushButton* m_keep;
    QPlainTextEdit* m_editor;
    SectionLabel* m_seen_heading;
    QLabel* m_seen;
    MutedLabel* m_warning;
    MutedLabel* m_solution;
};

}  // namespace lossmith::ui
