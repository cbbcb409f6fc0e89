#include "ui/playground/PromptEditor.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/widgets/Chip.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

constexpr qsizetype shown_at_most = 1500;

/// The text as it is, with what the eye would miss made visible.
QString visible_prompt(const std::string& prompt) {
    QString text = QString::fromStdString(prompt);
    if (text.size() > shown_at_most) text = QStringLiteral("… ") + text.right(shown_at_most);
    QString html = text.toHtmlEscaped();
    if (html.endsWith(QLatin1Char(' '))) html = html.chopped(1) + QStringLiteral("<b>·</b>");
    html.replace(QLatin1Char('\n'), QStringLiteral("⏎<br>"));
    return html;
}

}  // namespace

PromptEditor::PromptEditor(QWidget* parent)
    : Card(tr("Prompt"), parent),
      m_template_chip(new Chip(tr("through the template"))),
      m_raw_chip(new Chip(tr("as it stands"))),
      m_kept_button(new QPushButton(tr("Kept prompts"))),
      m_kept_menu(new QMenu(this)),
      m_keep(new QPushButton(tr("Keep"))),
      m_editor(new QPlainTextEdit),
      m_seen_heading(new SectionLabel(tr("The model sees"))),
      m_seen(new QLabel),
      m_warning(new MutedLabel),
      m_solution(new MutedLabel) {
    auto* modes = new QButtonGroup(this);
    for (Chip* chip : {m_template_chip, m_raw_chip}) {
        chip->setCheckable(true);
        modes->addButton(chip);
        header()->addWidget(chip);
    }
    m_template_chip->setChecked(true);
    m_template_chip->setToolTip(tr("What you type is a problem; the template makes the prompt of it, as in training."));
    m_raw_chip->setToolTip(tr("What you type is the very text that the model goes on from."));
    m_kept_button->setMenu(m_kept_menu);
    m_kept_button->setObjectName(QStringLiteral("kept_prompts"));
    m_keep->setObjectName(QStringLiteral("keep_prompt"));
    m_keep->setToolTip(tr("Keep this prompt in the project"));
    header()->addSpacing(8);
    header()->addWidget(m_kept_button);
    header()->addWidget(m_keep);

    m_editor->setObjectName(QStringLiteral("prompt"));
    m_editor->setAccessibleName(tr("Prompt"));
    m_editor->setPlaceholderText(tr("A problem, e.g. “My kettle was promised for Friday and it still has not come.”"));
    m_editor->setTabChangesFocus(true);
    m_editor->setMinimumHeight(3 * m_editor->fontMetrics().lineSpacing() + 12);
    m_seen->setObjectName(QStringLiteral("seen_prompt"));
    m_seen->setFont(Theme::token_font());
    m_seen->setTextFormat(Qt::RichText);
    m_seen->setWordWrap(true);
    m_seen->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_seen->setAccessibleName(tr("What the model sees"));
    m_warning->set_role(Role::Warn);
    m_warning->setObjectName(QStringLiteral("prompt_warning"));
    body()->addWidget(m_editor, 1);
    body()->addWidget(m_seen_heading);
    body()->addWidget(m_seen);
    body()->addWidget(m_warning);
    body()->addWidget(m_solution);
    m_solution->hide();

    connect(m_editor, &QPlainTextEdit::textChanged, this, [this] {
        m_solution->hide();
        show_prompt();
        Q_EMIT changed();
    });
    connect(modes, &QButtonGroup::buttonToggled, this, [this](QAbstractButton*, bool checked) {
        if (!checked) return;
        show_prompt();
        Q_EMIT changed();
    });
    connect(m_keep, &QPushButton::clicked, this, [this] { Q_EMIT keep_wanted(m_editor->toPlainText()); });
    show_prompt();
    fill_menu();
}

void PromptEditor::set_template(const TemplateSpec& spec) {
    m_template = spec;
    show_prompt();
}

bool PromptEditor::through_template() const {
    return m_template_chip->isChecked();
}

void PromptEditor::set_through_template(bool through) {
    (through ? m_template_chip : m_raw_chip)->setChecked(true);
}

std::string PromptEditor::typed() const {
    return m_editor->toPlainText().toStdString();
}

void PromptEditor::set_typed(const std::string& text) {
    m_editor->setPlainText(QString::fromStdString(text));
}

std::string PromptEditor::prompt() const {
    return through_template() ? m_template.start_token + prompt_text(m_template, typed()) : typed();
}

void PromptEditor::show_prompt() {
    const bool empty = m_editor->toPlainText().trimmed().isEmpty();
    m_keep->setEnabled(!empty);
    const std::string seen = prompt();
    m_seen->setText(visible_prompt(seen));
    for (QWidget* part : {static_cast<QWidget*>(m_seen_heading), static_cast<QWidget*>(m_seen)}) part->setVisible(!empty);
    const bool bad_end = !through_template() && seen.ends_with(' ');
    m_warning->setVisible(bad_end);
    m_warning->setText(tr("The prompt ends in a space. Words begin with theirs, so the model has hardly ever seen a word after one."));
}

void PromptEditor::set_kept_prompts(std::vector<StoredPrompt> prompts) {
    m_kept = std::move(prompts);
    fill_menu();
}

void PromptEditor::use(const StoredPrompt& prompt) {
    set_through_template(true);
    set_typed(prompt.problem);
    m_solution->setText(tr("True solution: %1").arg(QString::fromStdString(prompt.solution)));
    m_solution->setVisible(!prompt.solution.empty());
}

void PromptEditor::fill_menu() {
    m_kept_menu->clear();
    m_kept_button->setEnabled(!m_kept.empty());
    for (auto prompt = m_kept.rbegin(); prompt != m_kept.rend(); ++prompt) {
        constexpr qsizetype menu_width = 70;
        QString text = one_line(QString::fromStdString(prompt->problem), menu_width);
        connect(m_kept_menu->addAction(text.replace(QLatin1Char('&'), QStringLiteral("&&"))), &QAction::triggered, this,
                [this, kept = *prompt] { use(kept); });
    }
    if (m_kept.empty()) return;
    m_kept_menu->addSeparator();
    QMenu* forget = m_kept_menu->addMenu(tr("Forget"));
    for (auto prompt = m_kept.rbegin(); prompt != m_kept.rend(); ++prompt)
        connect(forget->addAction(one_line(QString::fromStdString(prompt->problem), 70)), &QAction::triggered, this,
                [this, id = prompt->id] { Q_EMIT forget_wanted(id); });
}

}  // namespace lossmith::ui

#include "moc_PromptEditor.cpp"
