// The text widget inside the loss editor. Only LossEditor.cpp and CodeView.cpp include this: it brings QScintilla's headers.
#pragma once

#include "ui/loss/LossEditor.h"
#include "ui/loss/ScintillaHeader.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

class CodeView : public QsciScintilla {
public:
    explicit CodeView(QWidget* parent = nullptr);

    void recolour();
    void set_report(const LossReport& report);
    void clear_report();
    void set_words(std::vector<CompletionWord> words) { m_words = std::move(words); }
    void show_completion(bool asked);
    void comment_lines();
    void go_to_mark(bool backwards);

    /// Line numbers here count from 0.
    [[nodiscard]] QString note_at(int line) const;
    [[nodiscard]] QString remark_at(int line) const;
    [[nodiscard]] bool is_tinted(int line) const;

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    /// Text at the end of a line. It follows the line as text is typed above it.
    struct Note {
        int handle = -1;
        QString text;
        QString brief;  ///< where there is no room for all
        Role role = Role::Muted;
        bool stale = false;
    };
    struct Mark {
        int handle = -1;
        int column = 0;
        QString sentence;
    };

    void add_note(int line, const QString& text, const QString& brief, Role role);
    void add_mark(const LossPlace& place, int indicator, const QString& sentence);
    void add_line_notes(const LossReport& report);
    void add_cuts(const LossReport& report);
    void clear_marks();
    void paint_note(QPainter& painter, const Note& note);
    void complete(const QString& chosen);
    [[nodiscard]] int line_of(int handle) const;
    [[nodiscard]] QString word_before_caret() const;
    void set_margin_width();

    QsciLexerPython m_lexer;
    std::vector<Note> m_notes;
    std::vector<Mark> m_marks;
    std::vector<CompletionWord> m_words;
};

}  // namespace lossmith::ui
