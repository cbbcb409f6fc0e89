// The template's fields.
#include "ui/data/TemplateForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QUndoCommand>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QPlainTextEdit* pattern_field(const QString& name, const QString& object_name) {
    auto* edit = new QPlainTextEdit;
    edit->setAccessibleName(name);
    edit->setObjectName(object_name);
    edit->setFont(Theme::token_font());
    edit->setProperty("code", true);
    edit->setTabChangesFocus(true);
    edit->setFixedHeight(66);
    return edit;
}

QLineEdit* token_field(const QString& name, const QString& object_name, const QString& placeholder) {
    auto* edit = new QLineEdit;
    edit->setAccessibleName(name);
    edit->setObjectName(object_name);
    edit->setFont(Theme::token_font());
    edit->setPlaceholderText(placeholder);
    return edit;
}

std::vector<std::string> tokens_in(const QString& text) {
    std::vector<std::string> tokens;
    for (const QString& token : text.split(QLatin1Char(' '), Qt::SkipEmptyParts)) tokens.push_back(token.toStdString());
    return tokens;
}

QString tokens_as_text(const std::vector<std::string>& tokens) {
    QStringList names;
    for (const std::string& token : tokens) names.append(QString::fromStdString(token));
    return names.join(QLatin1Char(' '));
}

/// Keeps the cursor where it is while the user types.
void put_text(QPlainTextEdit* edit, const std::string& text) {
    const QString wanted = QString::fromStdString(text);
    if (edit->toPlainText() == wanted) return;
    const QSignalBlocker quiet(edit);
    edit->setPlainText(wanted);
    edit->moveCursor(QTextCursor::End);
}

void put_text(QLineEdit* edit, const QString& wanted) {
    if (edit->text() == wanted) return;
    const QSignalBlocker quiet(edit);
    edit->setText(wanted);
}

}  // namespace

/// From one spec to another; edits of the same field in a row make one step.
class TemplateForm::Edit : public QUndoCommand {
public:
    Edit(TemplateForm& form, TemplateSpec before, TemplateSpec after, int field)
        : QUndoCommand(TemplateForm::tr("edit of the template")),
          m_form(form),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_field(field) {}

    void undo() override { m_form.show_spec(m_before); }
    void redo() override { m_form.show_spec(m_after); }
    [[nodiscard]] int id() const override { return m_field; }

    bool mergeWith(const QUndoCommand* next) override {
        const auto* other = static_cast<const Edit*>(next);
        if (other->m_field != m_field) return false;
        m_after = other->m_after;
        return true;
    }

private:
    TemplateForm& m_form;
    TemplateSpec m_before;
    TemplateSpec m_after;
    int m_field;
};

TemplateForm::TemplateForm(QWidget* parent)
    : QWidget(parent),
      m_prompt(pattern_field(tr("Prompt"), QStringLiteral("template_prompt"))),
      m_completion(pattern_field(tr("Completion"), QStringLiteral("template_completion"))),
      m_start_token(token_field(tr("Start token"), QStringLiteral("template_start"), tr("none"))),
      m_end_token(token_field(tr("End token"), QStringLiteral("template_end"), tr("none"))),
      m_added_tokens(token_field(tr("Added special tokens"), QStringLiteral("template_added"), tr("none; separate several by spaces"))),
      m_labels(new QComboBox),
      m_truncation(new QComboBox),
      m_special_in_text(new QCheckBox(tr("Special tokens in a cell are tokens"))) {
    m_prompt->setToolTip(tr("{problem} stands for the row's problem and must occur once"));
    m_completion->setToolTip(
        tr("{solution} stands for the row's solution and must occur once; begin with a space, as words do in GPT-2's vocabulary"));
    m_start_token->setToolTip(tr("Put before the prompt"));
    m_end_token->setToolTip(tr("Put after the completion and labelled: the model learns to end"));
    m_added_tokens->setToolTip(tr("The vocabulary grows by these"));
    m_labels->setAccessibleName(tr("What is labelled"));
    m_labels->setObjectName(QStringLiteral("template_labels"));
    m_labels->addItem(tr("the solution only"), static_cast<int>(LabelRule::SolutionOnly));
    m_labels->addItem(tr("the problem too"), static_cast<int>(LabelRule::ProblemToo));
    m_labels->setToolTip(tr("What counts in the loss"));
    m_truncation->setAccessibleName(tr("Where long rows are cut"));
    m_truncation->setObjectName(QStringLiteral("template_truncation"));
    m_truncation->addItem(tr("at the end"), static_cast<int>(TruncationSide::Right));
    m_truncation->addItem(tr("at the beginning"), static_cast<int>(TruncationSide::Left));
    m_special_in_text->setToolTip(tr("Off: a literal <|endoftext|> in your data is plain text"));

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(4);
    int row = 0;
    const auto caption = [grid](const QString& text, QWidget* buddy, int at, int column, int span) {
        auto* label = new MutedLabel(text);
        label->setBuddy(buddy);
        grid->addWidget(label, at, column, 1, span);
        grid->addWidget(buddy, at + 1, column, 1, span);
    };
    caption(tr("Prompt, with {problem}"), m_prompt, row, 0, 2);
    caption(tr("Completion, with {solution}"), m_completion, row += 2, 0, 2);
    caption(tr("Start token"), m_start_token, row += 2, 0, 1);
    caption(tr("End token"), m_end_token, row, 1, 1);
    caption(tr("Labelled"), m_labels, row += 2, 0, 1);
    caption(tr("Long rows are cut"), m_truncation, row, 1, 1);
    caption(tr("Added special tokens"), m_added_tokens, row += 2, 0, 2);
    grid->addWidget(m_special_in_text, row + 2, 0, 1, 2);
    grid->setRowStretch(row + 3, 1);
    show_spec(m_spec);  // a project whose template is the usual one never brings another to show
    connect_controls();
}

void TemplateForm::connect_controls() {
    int field = 0;
    for (QPlainTextEdit* edit : {m_prompt, m_completion}) {
        connect(edit, &QPlainTextEdit::textChanged, this, [this, field] { read_controls(field); });
        edit->installEventFilter(this);
        ++field;
    }
    for (QLineEdit* edit : {m_start_token, m_end_token, m_added_tokens}) {
        connect(edit, &QLineEdit::textEdited, this, [this, field] { read_controls(field); });
        edit->installEventFilter(this);
        ++field;
    }
    // A choice is a step of its own: -1 never merges.
    for (QComboBox* box : {m_labels, m_truncation}) connect(box, &QComboBox::activated, this, [this] { read_controls(-1); });
    connect(m_special_in_text, &QCheckBox::clicked, this, [this] { read_controls(-1); });
}

void TemplateForm::read_controls(int field) {
    TemplateSpec after = m_spec;
    after.prompt = m_prompt->toPlainText().toStdString();
    after.completion = m_completion->toPlainText().toStdString();
    after.start_token = m_start_token->text().toStdString();
    after.end_token = m_end_token->text().toStdString();
    after.added_tokens = tokens_in(m_added_tokens->text());
    after.labels = static_cast<LabelRule>(m_labels->currentData().toInt());
    after.truncation_side = static_cast<TruncationSide>(m_truncation->currentData().toInt());
    after.special_tokens_in_text = m_special_in_text->isChecked();
    if (after == m_spec) return;
    m_undo.push(new Edit(*this, m_spec, after, field));
}

void TemplateForm::show_spec(const TemplateSpec& spec) {
    m_spec = spec;
    put_text(m_prompt, spec.prompt);
    put_text(m_completion, spec.completion);
    put_text(m_start_token, QString::fromStdString(spec.start_token));
    put_text(m_end_token, QString::fromStdString(spec.end_token));
    // While it is typed the field may end in a space that the list of tokens has not.
    if (tokens_in(m_added_tokens->text()) != spec.added_tokens) put_text(m_added_tokens, tokens_as_text(spec.added_tokens));
    // Other rules have fields of their own, on the page Tokens; here they are only named, so that no edit loses them.
    constexpr int own_rules = 2;
    while (m_labels->count() > own_rules) m_labels->removeItem(own_rules);
    if (m_labels->findData(static_cast<int>(spec.labels)) < 0)
        m_labels->addItem(tr("by the rule on Tokens"), static_cast<int>(spec.labels));
    m_labels->setCurrentIndex(m_labels->findData(static_cast<int>(spec.labels)));
    m_truncation->setCurrentIndex(m_truncation->findData(static_cast<int>(spec.truncation_side)));
    m_special_in_text->setChecked(spec.special_tokens_in_text);
    Q_EMIT edited(m_spec);
}

void TemplateForm::show_saved(const TemplateSpec& spec) {
    show_spec(spec);
    m_undo.clear();
}

bool TemplateForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool undoes = key->matches(QKeySequence::Undo);
        if (undoes || key->matches(QKeySequence::Redo)) {
            if (event->type() == QEvent::KeyPress) undoes ? m_undo.undo() : m_undo.redo();
            event->accept();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace lossmith::ui

#include "moc_TemplateForm.cpp"
