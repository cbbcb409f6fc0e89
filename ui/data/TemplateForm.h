// The template's fields, every change of which can be undone.
#pragma once

#include <QUndoStack>
#include <QWidget>

#include "core/data/Template.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPlainTextEdit;

namespace lossmith::ui {

class TemplateForm : public QWidget {
    Q_OBJECT

public:
    explicit TemplateForm(QWidget* parent = nullptr);

    /// Shows a spec that comes from the project; nothing to undo then.
    void show_saved(const TemplateSpec& spec);
    [[nodiscard]] const TemplateSpec& spec() const { return m_spec; }
    [[nodiscard]] QUndoStack* undo_stack() { return &m_undo; }

Q_SIGNALS:
    void edited(const lossmith::TemplateSpec& spec);

protected:
    /// The stack undoes whole edits of the template; the fields' own undo would take back letters that the stack still counts on.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Edit;

    void connect_controls();
    void read_controls(int field);
    void show_spec(const TemplateSpec& spec);

    TemplateSpec m_spec;
    QUndoStack m_undo;
    QPlainTextEdit* m_prompt;
    QPlainTextEdit* m_completion;
    QLineEdit* m_start_token;
    QLineEdit* m_end_token;
    QLineEdit* m_added_tokens;
    QComboBox* m_labels;
    QComboBox* m_truncation;
    QCheckBox* m_special_in_text;
};

}  // namespace lossmith::ui
