// Examples as boxes of tokens: labelled, ignored, padding and not attended in marks that need no colour. Paints only what is on show.
#pragma once

#include <QAbstractScrollArea>
#include <QHash>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/data/ExampleView.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::ui {

/// One example with what stands above it.
struct TokenSection {
    QString heading;
    std::int64_t row = 0;  ///< its row in the project; zero: typed
    ExampleView view;
};

/// Tokens are counted over all sections. Arrows move, with Shift they select; L labels, U unlabels, Delete goes back to the rule.
class TokenView : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit TokenView(QWidget* parent = nullptr);

    /// Keeps the scroll position and what is selected where there are as many tokens as before.
    void set_sections(std::vector<TokenSection> sections, std::shared_ptr<const Tokenizer> tokenizer);
    [[nodiscard]] const std::vector<TokenSection>& sections() const { return m_sections; }

    struct Place {
        std::size_t section = 0;
        std::size_t token = 0;
    };
    [[nodiscard]] int token_count() const { return static_cast<int>(m_placed.size()); }
    [[nodiscard]] Place place_of(int token) const;
    [[nodiscard]] const ExampleToken& token_at(int token) const;
    [[nodiscard]] int current() const { return m_current; }  ///< -1: none
    void set_current(int token, bool extend = false);
    [[nodiscard]] std::pair<int, int> selection() const;  ///< first and last
    [[nodiscard]] QRect rectangle_of(int token) const;    ///< in the viewport

    /// A small picture of each mark, for a legend.
    [[nodiscard]] static QPixmap mark_picture(const char* mark, const QSize& size, qreal scale);

Q_SIGNALS:
    void current_changed(int token);
    void label_wanted(bool labelled);
    void rule_wanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Shown {
        QString text;
        int width = 0;
    };
    struct Placed {
        std::uint32_t section = 0;
        std::uint32_t token = 0;
        int x = 0;
        int y = 0;
    };
    struct Heading {
        int y = 0;
        std::size_t section = 0;
    };

    [[nodiscard]] const Shown& shown(TokenId id);
    [[nodiscard]] int line_height() const;
    void place_all();
    void fit_scroll_bar();
    [[nodiscard]] int first_on_or_below(int y) const;
    [[nodiscard]] int token_under(const QPoint& position) const;
    void move_line(int lines, bool extend);

    std::vector<TokenSection> m_sections;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    QHash<TokenId, Shown> m_shown;
    std::vector<Placed> m_placed;
    std::vector<Heading> m_headings;
    int m_height = 0;
    int m_current = -1;
    int m_anchor = -1;
};

}  // namespace lossmith::ui
