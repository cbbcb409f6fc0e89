// Generated text token by token: each on a ground that says how probable it was, and each to be pointed at or reached by keyboard.
#pragma once

#include <QAbstractScrollArea>
#include <vector>

#include "ui/generation/TokenTrace.h"

namespace lossmith::ui {

class TokenTextView : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit TokenTextView(QWidget* parent = nullptr);

    void set_tokens(TokenTrace tokens);
    void add_token(const TracedToken& token);
    void clear() { set_tokens({}); }
    [[nodiscard]] const TokenTrace& tokens() const { return m_tokens; }

    /// Shown while there are no tokens.
    void set_placeholder(const QString& text);

    [[nodiscard]] int current() const { return m_current; }  ///< -1: none
    void set_current(int token);
    [[nodiscard]] int token_under(QPoint position) const;  ///< in the viewport; -1: none
    [[nodiscard]] QRect rectangle_of(int token) const;     ///< in the viewport

    /// The ground of a token of this probability: none when it was certain, then amber, then red.
    [[nodiscard]] static QColor ground(double probability);

Q_SIGNALS:
    void hovered(int token);    ///< the pointer came upon another token; -1: it left
    void activated(int token);  ///< clicked, or Return on the current one
    void current_changed(int token);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override { return {360, 160}; }

private:
    struct Placed {
        QString shown;
        QRect place;  ///< in the text, before scrolling
    };

    void place_all();
    void place_next(const TracedToken& token);
    void fit_scroll_bar();
    void move_by_line(int direction);
    void hover(int token);
    [[nodiscard]] int line_height() const;

    TokenTrace m_tokens;
    std::vector<Placed> m_placed;
    QPoint m_end;  ///< where the next token goes
    QString m_placeholder;
    int m_current = -1;
    int m_hovered = -1;
};

}  // namespace lossmith::ui
