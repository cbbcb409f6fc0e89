// The editor of a typed loss.
#include "ui/loss/LossEditor.h"

#include "ui/loss/CodeView.h"

namespace lossmith::ui {

LossEditor::LossEditor(QWidget* parent) : QWidget(parent), m_code(new CodeView) {
    m_code->setObjectName(QStringLiteral("loss_code"));
    m_code->setAccessibleName(tr("Source of the loss"));
    setFocusProxy(m_code);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_code);
    connect(m_code, &QsciScintilla::textChanged, this, [this] {
        if (!m_filling) Q_EMIT edited();
    });
}

LossEditor::~LossEditor() = default;

QString LossEditor::text() const {
    return m_code->text();
}

void LossEditor::set_text(const QString& text) {
    m_filling = true;
    m_code->clear_report();
    const bool read_only = m_code->isReadOnly();
    m_code->setReadOnly(false);
    m_code->setText(text);
    m_code->SendScintilla(QsciScintillaBase::SCI_EMPTYUNDOBUFFER);
    m_code->setCursorPosition(0, 0);
    m_code->setReadOnly(read_only);
    m_filling = false;
}

void LossEditor::replace_text(const QString& text) {
    if (text == m_code->text()) return;
    int line = 0;
    int column = 0;
    m_code->getCursorPosition(&line, &column);
    {
        m_filling = true;
        m_code->beginUndoAction();
        m_code->selectAll();
        m_code->replaceSelectedText(text);
        m_code->endUndoAction();
        m_filling = false;
    }
    m_code->setCursorPosition(std::min(line, m_code->lines() - 1), 0);
    Q_EMIT edited();
}

void LossEditor::insert_lines(const QString& lines) {
    if (m_code->isReadOnly()) return;
    int line = 0;
    int column = 0;
    m_code->getCursorPosition(&line, &column);
    // An empty last line, or one with nothing after it, is where one stands at first.
    const QString here = m_code->text(line);
    qsizetype blanks = 0;
    while (blanks < here.size() && here.at(blanks) == QLatin1Char(' ')) ++blanks;
    if (here.trimmed().endsWith(QLatin1Char(':'))) blanks += 4;
    const QString indent(std::max<qsizetype>(blanks, 4), QLatin1Char(' '));
    QString text;
    for (const QString& each : lines.split(QLatin1Char('\n')))
        text += each.isEmpty() ? QStringLiteral("\n") : indent + each + QLatin1Char('\n');
    const bool ends_the_text = !here.endsWith(QLatin1Char('\n'));
    m_code->beginUndoAction();
    if (ends_the_text) {
        m_code->insertAt(QLatin1Char('\n') + text, line, static_cast<int>(here.size()));
    } else {
        m_code->insertAt(text, line + 1, 0);
    }
    m_code->endUndoAction();
    m_code->setCursorPosition(line + static_cast<int>(text.count(QLatin1Char('\n'))), static_cast<int>(indent.size()));
    m_code->ensureCursorVisible();
    m_code->setFocus();
}

void LossEditor::set_read_only(bool read_only) {
    m_code->setReadOnly(read_only);
    m_code->setCaretWidth(read_only ? 0 : 2);
}
bool LossEditor::is_read_only() const {
    return m_code->isReadOnly();
}

void LossEditor::set_report(const LossReport& report) {
    m_code->set_report(report);
}
void LossEditor::clear_report() {
    m_code->clear_report();
}
void LossEditor::set_words(std::vector<CompletionWord> words) {
    m_code->set_words(std::move(words));
}
void LossEditor::show_completion() {
    m_code->show_completion(true);
}
void LossEditor::comment_lines() {
    m_code->comment_lines();
}
void LossEditor::go_to_mark(bool backwards) {
    m_code->go_to_mark(backwards);
}

LossEditor::Place LossEditor::caret() const {
    int line = 0;
    int column = 0;
    m_code->getCursorPosition(&line, &column);
    return {line + 1, column + 1};
}

void LossEditor::set_caret(int line, int column) {
    m_code->setCursorPosition(line - 1, column - 1);
}

QString LossEditor::note_at(int line) const {
    return m_code->note_at(line - 1);
}
QString LossEditor::remark_at(int line) const {
    return m_code->remark_at(line - 1);
}
bool LossEditor::is_tinted(int line) const {
    return m_code->is_tinted(line - 1);
}
QWidget* LossEditor::code() const {
    return m_code;
}
void LossEditor::undo() {
    m_code->undo();
}

void LossEditor::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::ApplicationPaletteChange) m_code->recolour();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_LossEditor.cpp"
