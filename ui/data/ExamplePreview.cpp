// Coloured example text.
#include "ui/data/ExamplePreview.h"

#include <QEvent>
#include <QTextCharFormat>
#include <QTextCursor>

#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QColor faint(Role role, double strength) {
    QColor colour = Theme::colour(role);
    colour.setAlphaF(static_cast<float>(strength));
    return colour;
}

/// Neighbours differ a little in strength, so that the tokens' bounds are seen.
QTextCharFormat format_of(const TextPiece& piece, bool odd) {
    QTextCharFormat format;
    format.setForeground(Theme::colour(piece.labelled ? Role::Text : Role::Muted));
    if (piece.labelled) format.setBackground(faint(Role::Tuned, odd ? 0.30 : 0.18));
    if (piece.special) {
        format.setForeground(Theme::colour(Role::Warn));
        format.setFontWeight(QFont::Bold);
    }
    if (piece.cut) {
        format.setFontStrikeOut(true);
        format.setForeground(Theme::colour(Role::Bad));
        format.setBackground(Qt::NoBrush);
    }
    return format;
}

QString visible(const QString& text) {
    QString shown = text;
    shown.replace(QLatin1Char('\n'), QStringLiteral("⏎\n"));
    shown.replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    return shown;
}

}  // namespace

ExamplePreview::ExamplePreview(QWidget* parent) : QTextEdit(parent) {
    setReadOnly(true);
    setFont(Theme::token_font());
    setProperty("code", true);
    setAccessibleName(tr("The first rows as the model reads them"));
    setTabChangesFocus(true);
}

void ExamplePreview::show_examples(std::vector<ExampleText> examples) {
    m_examples = std::move(examples);
    draw();
}

void ExamplePreview::draw() {
    clear();
    QTextCursor cursor(document());
    QTextCharFormat heading;
    heading.setForeground(Theme::colour(Role::Muted));
    heading.setFontPointSize(8);
    for (std::size_t index = 0; index < m_examples.size(); ++index) {
        const ExampleText& example = m_examples[index];
        if (index > 0) cursor.insertText(QStringLiteral("\n\n"), QTextCharFormat());
        cursor.insertText(tr("row %1 · %2, %3 labelled")
                              .arg(index + 1)
                              .arg(counted(static_cast<std::int64_t>(example.tokens), tr("1 token"), tr("%1 tokens")))
                              .arg(example.labelled_tokens),
                          heading);
        cursor.insertText(QStringLiteral("\n"), QTextCharFormat());
        for (std::size_t piece = 0; piece < example.pieces.size(); ++piece)
            cursor.insertText(visible(example.pieces[piece].text), format_of(example.pieces[piece], piece % 2 == 1));
    }
    moveCursor(QTextCursor::Start);
}

void ExamplePreview::changeEvent(QEvent* event) {
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) draw();
}

}  // namespace lossmith::ui

#include "moc_ExamplePreview.cpp"
