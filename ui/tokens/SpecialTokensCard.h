// The template's special tokens: added, named, given a role, removed; and what each does in the model, its embedding begun as the mean of
// the known ones or at random.
#pragma once

#include "core/base/Json.h"
#include "core/data/Template.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QLineEdit;
class QPushButton;
class QTableWidget;

namespace lossmith::ui {

class MutedLabel;

class SpecialTokensCard : public Card {
    Q_OBJECT

public:
    explicit SpecialTokensCard(QWidget* parent = nullptr);

    void set_spec(const TemplateSpec& spec);
    /// As the engine's `special_tokens` answers.
    void show_answer(const Json& answer);
    void set_busy(bool busy);

Q_SIGNALS:
    /// The template as the user wants it now.
    void spec_wanted(const lossmith::TemplateSpec& spec);
    /// Asks the engine what the tokens do.
    void look_wanted();

private:
    void add_token();
    void remove_token();
    void choose_role(std::string TemplateSpec::* role, const QComboBox& box);
    void fill_roles();
    [[nodiscard]] static QString lesson(const Json& answer);

    TemplateSpec m_spec;
    QTableWidget* m_table;
    QLineEdit* m_name;
    QPushButton* m_add;
    QPushButton* m_remove;
    QPushButton* m_look;
    QComboBox* m_start;
    QComboBox* m_end;
    QComboBox* m_padding;
    QComboBox* m_begun;
    MutedLabel* m_lesson;
};

}  // namespace lossmith::ui
