// The editor of a typed loss: Python's colours, completion, and at the end of each line what it holds.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/loss/LossReport.h"

namespace lossmith::ui {

class CodeView;

/// One word that can be completed, and what is shown beside it: "logits", "[4, 96, 50257] f32".
struct CompletionWord {
    QString word;
    QString note;
};

class LossEditor : public QWidget {
    Q_OBJECT

public:
    explicit LossEditor(QWidget* parent = nullptr);
    ~LossEditor() override;

    [[nodiscard]] QString text() const;
    /// Another text altogether: nothing of it can be undone, and what was said of the one before goes.
    void set_text(const QString& text);
    /// The whole text anew, as one step to undo.
    void replace_text(const QString& text);
    /// A snippet's lines below the line of the caret, as far indented.
    void insert_lines(const QString& lines);
    void set_read_only(bool read_only);
    [[nodiscard]] bool is_read_only() const;

    /// Marks and notes of this report; where the text was not understood, the notes of the report before stay, faint.
    void set_report(const LossReport& report);
    void clear_report();
    void set_words(std::vector<CompletionWord> words);

    void show_completion();
    void comment_lines();
    /// The caret to the next error, cut or remark, and from the last to the first; nothing where there are none.
    void go_to_mark(bool backwards);

    struct Place {
        int line = 0;  ///< from 1
        int column = 0;
    };
    [[nodiscard]] Place caret() const;
    void set_caret(int line, int column);
    /// What stands at the end of a line; empty for nothing.
    [[nodiscard]] QString note_at(int line) const;
    /// What the tool tip over a line says.
    [[nodiscard]] QString remark_at(int line) const;
    [[nodiscard]] bool is_tinted(int line) const;
    /// Where the keys go.
    [[nodiscard]] QWidget* code() const;
    void undo();

Q_SIGNALS:
    void edited();  ///< by the user, a snippet, a rewrite, undo or redo; not by set_text()

protected:
    void changeEvent(QEvent* event) override;

private:
    CodeView* m_code;
    bool m_filling = false;
};

}  // namespace lossmith::ui
