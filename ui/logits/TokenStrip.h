// Tokens one after another, each on a colour of its own: to be pointed at, clicked, or walked along by the arrow keys.
#pragma once

#include <QWidget>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "ui/logits/ColourScale.h"

namespace lossmith::ui {

struct StripCell {
    QString text;                 ///< as shown_token() gives it
    std::optional<double> value;  ///< on the scale; nothing: without colour
    QString value_text;           ///< below the token where values are shown
    bool underlined = false;      ///< labelled
};

/// Lines wrap, and end after a line end. Only what is to be seen is drawn; a thousand tokens are no matter.
class TokenStrip : public QWidget {
    Q_OBJECT

public:
    explicit TokenStrip(QWidget* parent = nullptr);

    void set_cells(std::vector<StripCell> cells, const ColourScale& scale);
    [[nodiscard]] const std::vector<StripCell>& cells() const { return m_cells; }
    [[nodiscard]] const ColourScale& scale() const { return m_scale; }

    /// What is said of a token under the pointer and to those who listen; asked for when it is needed.
    void set_tips(std::function<QString(std::size_t)> tips) { m_tips = std::move(tips); }
    [[nodiscard]] QString tip_of_token(int token) const;

    void set_values_shown(bool shown);
    void set_selected(int token);  ///< -1: none
    [[nodiscard]] int selected() const { return m_selected; }
    /// How strongly the selected token is tied to each, 0 to 1: a bar over each, and arcs to the strongest. Empty: none.
    void set_ties(std::vector<double> ties);
    [[nodiscard]] const std::vector<double>& ties() const { return m_ties; }

    [[nodiscard]] int token_under(QPoint position) const;  ///< -1: none
    [[nodiscard]] QRect rectangle_of(int token) const;

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

    [[nodiscard]] Status export_png(const QString& path) const;
    [[nodiscard]] Status export_svg(const QString& path) const;

Q_SIGNALS:
    void chosen(int token);     ///< by a click or a key
    void activated(int token);  ///< by a double click or Return

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void measure();
    [[nodiscard]] std::vector<QRect> places_for(int width, int* height) const;
    void place_all();
    void paint(QPainter& painter, const QRect& seen) const;
    void paint_cell(QPainter& painter, std::size_t token) const;
    void paint_ties(QPainter& painter) const;
    void choose(int token);
    [[nodiscard]] int token_on_line(int from, int direction) const;
    void export_to(const QString& suffix);

    std::vector<StripCell> m_cells;
    std::vector<int> m_widths;
    std::vector<QRect> m_places;
    std::vector<double> m_ties;
    ColourScale m_scale;
    std::function<QString(std::size_t)> m_tips;
    int m_selected = -1;
    bool m_values_shown = false;
};

}  // namespace lossmith::ui
