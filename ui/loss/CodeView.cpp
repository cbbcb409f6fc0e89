// Python text with squiggles, tinted lines, and what each line holds painted at its end.
#include "ui/loss/CodeView.h"

#include <algorithm>
#include <cmath>

namespace lossmith::ui {

namespace {

enum Marker { NotedLine = 1, TintedLine = 2 };
enum Indicator { Wrong = 8, Stopped = 9, Remarked = 10 };

constexpr int right_margin = 14;
constexpr int gap_before_note = 28;
constexpr int line_number_margin = 0;
constexpr int code_pixels = 13;
constexpr int room_over_a_line = 2;  ///< and under it
constexpr int gap_after_line_numbers = 10;

/// The theme's monospace family as it is really found: Scintilla takes one name, and sizes in points.
QFont code_font(const QWidget& widget) {
    QFont font(QFontInfo(Theme::token_font()).family());
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    font.setPointSizeF(code_pixels * 72.0 / widget.logicalDpiY());
    return font;
}

bool is_word_character(QChar character) {
    return character.isLetterOrNumber() || character == QLatin1Char('_') || character == QLatin1Char('.');
}

bool holds_real_numbers(const LossLine& line) {
    return line.dtype.contains(QLatin1String("float")) || short_dtype(line.dtype).startsWith(QLatin1Char('f')) ||
           short_dtype(line.dtype).startsWith(QLatin1String("bf"));
}

}  // namespace

CodeView::CodeView(QWidget* parent) : QsciScintilla(parent) {
    setUtf8(true);
    setEolMode(EolUnix);
    setFrameShape(QFrame::NoFrame);
    setLexer(&m_lexer);
    setIndentationsUseTabs(false);
    setTabWidth(4);
    setIndentationWidth(4);
    setAutoIndent(true);
    setBackspaceUnindents(true);
    setTabIndents(true);
    setBraceMatching(SloppyBraceMatch);
    setCaretWidth(2);
    setAutoCompletionSource(AcsNone);
    setMarginType(line_number_margin, NumberMargin);
    for (const int margin : {1, 2, 3, 4}) setMarginWidth(margin, 0);
    markerDefine(Invisible, NotedLine);
    markerDefine(Background, TintedLine);
    indicatorDefine(SquiggleIndicator, Wrong);
    indicatorDefine(SquiggleIndicator, Stopped);
    indicatorDefine(DotsIndicator, Remarked);
    SendScintilla(SCI_SETMARGINLEFT, 0UL, static_cast<long>(gap_after_line_numbers));
    SendScintilla(SCI_SETSCROLLWIDTHTRACKING, 1UL);
    SendScintilla(SCI_SETSCROLLWIDTH, 1UL);
    SendScintilla(SCI_SETENDATLASTLINE, 1UL);
    SendScintilla(SCI_AUTOCSETSEPARATOR, static_cast<unsigned long>('\n'));
    SendScintilla(SCI_AUTOCSETIGNORECASE, 1UL);
    SendScintilla(SCI_AUTOCSETMAXHEIGHT, 9UL);
    SendScintilla(SCI_AUTOCSETORDER, static_cast<unsigned long>(SC_ORDER_CUSTOM));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    connect(this, &QsciScintilla::linesChanged, this, &CodeView::set_margin_width);
    connect(this, &QsciScintillaBase::SCN_CHARADDED, this, [this](int) { show_completion(false); });
    connect(this, qOverload<const char*, int>(&QsciScintillaBase::SCN_AUTOCSELECTION), this, [this](const char* chosen, int) {
        const QString entry = QString::fromUtf8(chosen);
        SendScintilla(SCI_AUTOCCANCEL);
        complete(entry.section(QLatin1Char(' '), 0, 0));
    });
    recolour();
}

void CodeView::recolour() {
    const QColor paper = Theme::colour(Role::Panel);
    const QColor ink = Theme::colour(Role::Text);
    const QColor muted = Theme::colour(Role::Muted);
    const QFont font = code_font(*this);
    m_lexer.setDefaultFont(font);
    m_lexer.setDefaultPaper(paper);
    m_lexer.setDefaultColor(ink);
    m_lexer.setFont(font, -1);
    m_lexer.setPaper(paper, -1);
    m_lexer.setColor(ink, -1);
    for (const int style : {QsciLexerPython::Comment, QsciLexerPython::CommentBlock}) m_lexer.setColor(muted, style);
    for (const int style : {QsciLexerPython::Keyword, QsciLexerPython::HighlightedIdentifier})
        m_lexer.setColor(Theme::colour(Role::Accent), style);
    for (const int style : {QsciLexerPython::SingleQuotedString, QsciLexerPython::DoubleQuotedString,
                            QsciLexerPython::TripleSingleQuotedString, QsciLexerPython::TripleDoubleQuotedString,
                            QsciLexerPython::SingleQuotedFString, QsciLexerPython::DoubleQuotedFString, QsciLexerPython::UnclosedString})
        m_lexer.setColor(Theme::colour(Role::Tuned), style);
    for (const int style : {QsciLexerPython::FunctionMethodName, QsciLexerPython::ClassName, QsciLexerPython::Decorator})
        m_lexer.setColor(Theme::colour(Role::Base), style);
    m_lexer.setColor(Theme::colour(Role::Warn), QsciLexerPython::Number);

    setPaper(paper);
    setColor(ink);
    setCaretForegroundColor(Theme::colour(Role::Accent));
    setSelectionBackgroundColor(Theme::colour(Role::AccentSoft));
    resetSelectionForegroundColor();
    setMarginsFont(font);
    setMarginsBackgroundColor(paper);
    setMarginsForegroundColor(muted);
    setMatchedBraceForegroundColor(Theme::colour(Role::Accent));
    setMatchedBraceBackgroundColor(Theme::colour(Role::AccentSoft));
    setUnmatchedBraceForegroundColor(Theme::colour(Role::Bad));
    setUnmatchedBraceBackgroundColor(paper);
    setMarkerBackgroundColor(Theme::colour(Role::BadSoft), TintedLine);
    setIndicatorForegroundColor(Theme::colour(Role::Bad), Wrong);
    setIndicatorForegroundColor(Theme::colour(Role::Bad), Stopped);
    setIndicatorForegroundColor(muted, Remarked);
    setExtraAscent(room_over_a_line);
    setExtraDescent(room_over_a_line);
    set_margin_width();
    viewport()->update();
}

void CodeView::set_margin_width() {
    setMarginWidth(line_number_margin, lines() < 100 ? QStringLiteral("0000") : QStringLiteral("00000"));
}

int CodeView::line_of(int handle) const {
    return static_cast<int>(SendScintilla(SCI_MARKERLINEFROMHANDLE, static_cast<unsigned long>(handle)));
}

void CodeView::add_note(int line, const QString& text, const QString& brief, Role role) {
    if (line < 0 || line >= lines() || text.isEmpty()) return;
    m_notes.push_back({markerAdd(line, NotedLine), text, brief, role, false});
}

void CodeView::add_mark(const LossPlace& place, int indicator, const QString& sentence) {
    const int line = place.line - 1;
    if (line < 0 || line >= lines()) return;
    const QString text = this->text(line);
    const int length = static_cast<int>(text.trimmed().isEmpty() ? 0 : QStringView(text).trimmed().size());
    int first_word = 0;
    while (first_word < text.size() && text.at(first_word).isSpace()) ++first_word;
    int from = place.column > 0 ? place.column - 1 : first_word;
    from = std::min(from, std::max(first_word + length - 1, 0));
    const int end_of_text = first_word + length;
    int to = place.end_column > place.column ? place.end_column - 1 : 0;
    if (to == 0) {
        to = from;
        while (to < end_of_text && is_word_character(text.at(to))) ++to;
        to = std::max(to, from + 1);
    }
    to = std::min(to, std::max(end_of_text, from + 1));
    fillIndicatorRange(line, from, line, to, indicator);
    m_marks.push_back({markerAdd(line, NotedLine), from, sentence});
}

void CodeView::clear_marks() {
    for (const Mark& mark : m_marks) markerDeleteHandle(mark.handle);
    m_marks.clear();
    markerDeleteAll(TintedLine);
    const int last = std::max(lines() - 1, 0);
    for (const int indicator : {Wrong, Stopped, Remarked}) clearIndicatorRange(0, 0, last, static_cast<int>(text(last).size()), indicator);
}

void CodeView::clear_report() {
    clear_marks();
    for (const Note& note : m_notes) markerDeleteHandle(note.handle);
    m_notes.clear();
    viewport()->update();
}

void CodeView::add_line_notes(const LossReport& report) {
    for (const LossLine& line : report.lines) {
        const bool stops = report.verdict == LossVerdict::Cut && std::ranges::any_of(report.cuts, [&](const LossCut& cut) {
                               return cut.kind == QLatin1String("cut") && cut.place.line == line.line;
                           });
        LossLine shown = line;
        if (shown.gradient == QLatin1String("cut") && !holds_real_numbers(line)) shown.gradient.clear();
        Role role = Role::Muted;
        if (stops || line.not_finite || shown.gradient == QLatin1String("cut"))
            role = Role::Bad;
        else if (shown.gradient == QLatin1String("flows"))
            role = Role::Ok;
        const QString text = line_text(shown, stops);
        add_note(line.line - 1, text, text.section(QStringLiteral(" · "), -1), role);
    }
}

void CodeView::add_cuts(const LossReport& report) {
    for (const LossCut& cut : report.cuts) {
        const bool stops = report.verdict == LossVerdict::Cut && cut.kind == QLatin1String("cut");
        add_mark(cut.place, stops ? Stopped : Remarked, cut.reason);
        if (stops && cut.place.line > 0 && cut.place.line <= lines()) markerAdd(cut.place.line - 1, TintedLine);
    }
}

void CodeView::set_report(const LossReport& report) {
    clear_marks();
    if (report.lines.empty() && !report.is_understood()) {
        for (Note& note : m_notes) note.stale = true;
    } else {
        clear_report();
        add_line_notes(report);
    }
    add_cuts(report);
    const bool names_a_line = report.place.line > 0;
    const bool said_already = report.verdict == LossVerdict::Ok || (report.verdict == LossVerdict::Cut && !report.cuts.empty());
    if (names_a_line && !said_already) {
        const int line = std::min(report.place.line, lines()) - 1;
        LossPlace place = report.place;
        place.line = line + 1;
        add_mark(place, Wrong, report.hint.isEmpty() ? report.message : report.message + QLatin1Char('\n') + report.hint);
        std::erase_if(m_notes, [&](const Note& note) {
            if (line_of(note.handle) != line) return false;
            markerDeleteHandle(note.handle);
            return true;
        });
        add_note(line, report.message, report.message, Role::Bad);
        if (!report.is_understood()) markerAdd(line, TintedLine);
    }
    std::ranges::sort(m_marks, [this](const Mark& one, const Mark& other) {
        return std::pair(line_of(one.handle), one.column) < std::pair(line_of(other.handle), other.column);
    });
    viewport()->update();
}

QString CodeView::note_at(int line) const {
    for (const Note& note : m_notes)
        if (line_of(note.handle) == line) return note.text;
    return {};
}

QString CodeView::remark_at(int line) const {
    QStringList sentences;
    for (const Mark& mark : m_marks)
        if (line_of(mark.handle) == line && !sentences.contains(mark.sentence)) sentences.append(mark.sentence);
    return sentences.join(QLatin1Char('\n'));
}

bool CodeView::is_tinted(int line) const {
    return (SendScintilla(SCI_MARKERGET, static_cast<unsigned long>(line)) & (1L << TintedLine)) != 0;
}

void CodeView::go_to_mark(bool backwards) {
    if (m_marks.empty()) return;
    int line = 0;
    int column = 0;
    getCursorPosition(&line, &column);
    const auto place_of = [this](const Mark& mark) { return std::pair(line_of(mark.handle), mark.column); };
    const std::pair here(line, column);
    const Mark* target = backwards ? &m_marks.back() : &m_marks.front();
    if (backwards) {
        for (const Mark& mark : m_marks)
            if (place_of(mark) < here) target = &mark;
    } else {
        for (auto mark = m_marks.rbegin(); mark != m_marks.rend(); ++mark)
            if (place_of(*mark) > here) target = &*mark;
    }
    setCursorPosition(line_of(target->handle), target->column);
    ensureCursorVisible();
    setFocus();
}

void CodeView::comment_lines() {
    if (isReadOnly()) return;
    int first = 0;
    int last = 0;
    int unused = 0;
    int end = 0;
    if (hasSelectedText()) {
        getSelection(&first, &unused, &last, &end);
        if (end == 0 && last > first) --last;
    } else {
        getCursorPosition(&first, &unused);
        last = first;
    }
    bool all_are_comments = true;
    for (int line = first; line <= last; ++line) {
        const QString text = this->text(line).trimmed();
        if (!text.isEmpty() && !text.startsWith(QLatin1Char('#'))) all_are_comments = false;
    }
    beginUndoAction();
    for (int line = first; line <= last; ++line) {
        const QString text = this->text(line);
        int from = 0;
        while (from < text.size() && (text.at(from) == QLatin1Char(' ') || text.at(from) == QLatin1Char('\t'))) ++from;
        if (QStringView(text).mid(from).trimmed().isEmpty()) continue;
        if (!all_are_comments) {
            insertAt(QStringLiteral("# "), line, from);
            continue;
        }
        setSelection(line, from, line, from + (text.mid(from, 2) == QLatin1String("# ") ? 2 : 1));
        removeSelectedText();
    }
    endUndoAction();
}

QString CodeView::word_before_caret() const {
    int line = 0;
    int column = 0;
    getCursorPosition(&line, &column);
    const QString text = this->text(line).left(column);
    qsizetype from = text.size();
    while (from > 0 && is_word_character(text.at(from - 1))) --from;
    return text.mid(from);
}

/// Unasked it comes after a dot, or after three letters of a word.
void CodeView::show_completion(bool asked) {
    if (isReadOnly()) return;
    const QString typed = word_before_caret();
    const bool worth = asked || typed.size() >= 3 || (typed.size() >= 2 && typed.contains(QLatin1Char('.')));
    QStringList found;
    if (worth) {
        for (const CompletionWord& word : m_words) {
            if (!word.word.startsWith(typed, Qt::CaseInsensitive)) continue;
            // Where the word is there in full, Return is to end the line.
            if (!asked && word.word == typed) {
                found.clear();
                break;
            }
            found.append(word.note.isEmpty() ? word.word : word.word + QStringLiteral("  ") + word.note);
        }
    }
    if (found.isEmpty()) {
        SendScintilla(SCI_AUTOCCANCEL);
        return;
    }
    SendScintilla(SCI_AUTOCSHOW, static_cast<unsigned long>(typed.toUtf8().size()), found.join(QLatin1Char('\n')).toUtf8().constData());
}

void CodeView::complete(const QString& chosen) {
    int line = 0;
    int column = 0;
    getCursorPosition(&line, &column);
    const int typed = static_cast<int>(word_before_caret().size());
    beginUndoAction();
    setSelection(line, column - typed, line, column);
    replaceSelectedText(chosen);
    endUndoAction();
}

bool CodeView::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        // The page has these keys, whatever Scintilla would do with them.
        for (const Qt::Key own : {Qt::Key_Slash, Qt::Key_Return, Qt::Key_Space})
            if (key->key() == own && key->modifiers() == Qt::ControlModifier) return QWidget::event(event);
        // The window would take these for its own undo.
        for (const auto sequence : {QKeySequence::Undo, QKeySequence::Redo, QKeySequence::SelectAll}) {
            if (!key->matches(sequence)) continue;
            event->accept();
            return true;
        }
    }
    return QsciScintilla::event(event);
}

bool CodeView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int height = std::max(static_cast<int>(SendScintilla(SCI_TEXTHEIGHT, 0UL)), 1);
        const int line = firstVisibleLine() + help->pos().y() / height;
        QString said = remark_at(line);
        if (said.isEmpty()) said = note_at(line);
        said.isEmpty() ? QToolTip::hideText()
                       : QToolTip::showText(help->globalPos(), QStringLiteral("<p>%1</p>").arg(said.toHtmlEscaped()), viewport());
        return true;
    }
    return QsciScintilla::viewportEvent(event);
}

void CodeView::paintEvent(QPaintEvent* event) {
    QsciScintilla::paintEvent(event);
    QPainter painter(viewport());
    painter.setFont(code_font(*this));
    for (const Note& note : m_notes) paint_note(painter, note);
}

void CodeView::paint_note(QPainter& painter, const Note& note) {
    const int line = line_of(note.handle);
    if (line < 0) return;
    const long start = SendScintilla(SCI_POSITIONFROMLINE, static_cast<unsigned long>(line));
    const long end = SendScintilla(SCI_GETLINEENDPOSITION, static_cast<unsigned long>(line));
    const int top = static_cast<int>(SendScintilla(SCI_POINTYFROMPOSITION, 0UL, start));
    const int height = static_cast<int>(SendScintilla(SCI_TEXTHEIGHT, static_cast<unsigned long>(line)));
    if (top + height < 0 || top > viewport()->height()) return;
    const int code_ends = static_cast<int>(SendScintilla(SCI_POINTXFROMPOSITION, 0UL, end));
    const QFontMetrics metrics(painter.font());
    const int right = viewport()->width() - right_margin;
    const int room = right - code_ends - gap_before_note;
    QString shown = note.text;
    if (metrics.horizontalAdvance(shown) > room) shown = note.brief;
    if (metrics.horizontalAdvance(shown) > room) {
        if (room < metrics.averageCharWidth() * 16) return;
        shown = metrics.elidedText(shown, Qt::ElideRight, room);
    }
    QColor ink = Theme::colour(note.stale ? Role::Muted : note.role);
    if (note.stale) ink.setAlpha(150);
    painter.setPen(ink);
    painter.drawText(right - metrics.horizontalAdvance(shown), top + room_over_a_line + metrics.ascent(), shown);
}

}  // namespace lossmith::ui
