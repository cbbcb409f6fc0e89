#include "ui/tokens/TokenView.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPixmap>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cstring>

#include "ui/generation/TokenTrace.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

constexpr int margin = 10;
constexpr int padding = 2;
constexpr int between_lines = 9;
constexpr int gap = 2;

/// One token's box: the marks are a solid bar below (labelled), a hatched ground (padding), a dotted frame (not attended) and a line
/// through it (cut away); what is ignored has none of them.
void paint_token(QPainter& painter, const QRect& box, const QString& text, const ExampleToken& token) {
    if (token.kind == TokenKind::Padding) painter.fillRect(box, QBrush(Theme::colour(Role::Muted), Qt::BDiagPattern));
    if (token.labelled && !token.truncated) {
        QColor ground = Theme::colour(Role::Tuned);
        ground.setAlpha(38);
        painter.fillRect(box, ground);
        painter.fillRect(QRect(box.left(), box.bottom() - 1, box.width(), 3), Theme::colour(Role::Tuned));
    }
    if (!token.attended()) {
        painter.setPen(QPen(Theme::colour(Role::Muted), 1, Qt::DotLine));
        painter.drawRect(box.adjusted(0, 0, -1, -1));
    } else if (token.kind == TokenKind::Start || token.kind == TokenKind::End) {
        painter.setPen(Theme::colour(Role::Border));
        painter.drawRect(box.adjusted(0, 0, -1, -1));
    }
    painter.setPen(Theme::colour(token.attended() ? Role::Text : Role::Muted));
    painter.drawText(box, Qt::AlignCenter, text);
    if (token.truncated) painter.drawLine(box.left(), box.center().y(), box.right(), box.center().y());
}

}  // namespace

TokenView::TokenView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("Tokens"));
    setFont(Theme::token_font());
}

int TokenView::line_height() const {
    return fontMetrics().height() + between_lines;
}

const TokenView::Shown& TokenView::shown(TokenId id) {
    auto found = m_shown.find(id);
    if (found == m_shown.end()) {
        const QString text = m_tokenizer ? shown_token(std::string(m_tokenizer->bytes_of(id))) : QString();
        found = m_shown.insert(id, {text, fontMetrics().horizontalAdvance(text) + 2 * padding});
    }
    return *found;
}

void TokenView::set_sections(std::vector<TokenSection> sections, std::shared_ptr<const Tokenizer> tokenizer) {
    const int before = token_count();
    if (tokenizer != m_tokenizer) m_shown.clear();
    m_tokenizer = std::move(tokenizer);
    m_sections = std::move(sections);
    place_all();
    if (token_count() != before) {
        m_current = m_anchor = -1;
        verticalScrollBar()->setValue(0);
    }
    viewport()->update();
    Q_EMIT current_changed(m_current);
}

void TokenView::place_all() {
    m_placed.clear();
    m_headings.clear();
    const int right = viewport()->width() - margin;
    int x = margin;
    int y = margin;
    for (std::size_t section = 0; section < m_sections.size(); ++section) {
        if (!m_sections[section].heading.isEmpty()) {
            m_headings.push_back({y, section});
            y += line_height();
        }
        x = margin;
        const auto& tokens = m_sections[section].view.tokens;
        for (std::size_t token = 0; token < tokens.size(); ++token) {
            const int width = shown(tokens[token].id).width;
            if (x + width > right && x > margin) {
                x = margin;
                y += line_height();
            }
            m_placed.push_back({static_cast<std::uint32_t>(section), static_cast<std::uint32_t>(token), x, y});
            x += width + gap;
        }
        y += line_height() + between_lines;
    }
    m_height = y + margin;
    fit_scroll_bar();
}

void TokenView::fit_scroll_bar() {
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(line_height());
    verticalScrollBar()->setRange(0, std::max(0, m_height - viewport()->height()));
}

TokenView::Place TokenView::place_of(int token) const {
    const Placed& placed = m_placed[static_cast<std::size_t>(token)];
    return {placed.section, placed.token};
}

const ExampleToken& TokenView::token_at(int token) const {
    const Place place = place_of(token);
    return m_sections[place.section].view.tokens[place.token];
}

QRect TokenView::rectangle_of(int token) const {
    if (token < 0 || token >= token_count()) return {};
    const Placed& placed = m_placed[static_cast<std::size_t>(token)];
    const auto found = m_shown.find(token_at(token).id);
    const int width = found == m_shown.end() ? 0 : found->width;
    return {placed.x, placed.y - verticalScrollBar()->value(), width, fontMetrics().height() + 2};
}

int TokenView::first_on_or_below(int y) const {
    const auto found = std::ranges::lower_bound(m_placed, y, {}, &Placed::y);
    return static_cast<int>(found - m_placed.begin());
}

int TokenView::token_under(const QPoint& position) const {
    const int y = position.y() + verticalScrollBar()->value();
    for (int token = first_on_or_below(y - line_height()); token < token_count() && m_placed[static_cast<std::size_t>(token)].y <= y;
         ++token)
        if (rectangle_of(token).adjusted(0, 0, gap, between_lines).contains(position)) return token;
    return -1;
}

void TokenView::set_current(int token, bool extend) {
    if (token < 0 || token >= token_count()) return;
    // What is selected stays within one example: a label by hand belongs to a row.
    if (extend && m_anchor >= 0 && place_of(token).section != place_of(m_anchor).section) return;
    m_current = token;
    if (!extend || m_anchor < 0) m_anchor = token;
    const QRect box = rectangle_of(token);
    if (box.top() < 0) verticalScrollBar()->setValue(verticalScrollBar()->value() + box.top() - margin);
    if (box.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + box.bottom() - viewport()->height() + margin);
    viewport()->update();
    Q_EMIT current_changed(token);
}

std::pair<int, int> TokenView::selection() const {
    return {std::min(m_anchor, m_current), std::max(m_anchor, m_current)};
}

void TokenView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    const int top = verticalScrollBar()->value();
    painter.setPen(Theme::colour(Role::Muted));
    for (const Heading& heading : m_headings) {
        const int y = heading.y - top;
        if (y > event->rect().bottom() || y + line_height() < event->rect().top()) continue;
        painter.drawText(QRect(margin, y, viewport()->width() - 2 * margin, line_height()), Qt::AlignLeft | Qt::AlignTop,
                         m_sections[heading.section].heading);
    }
    const auto [first, last] = selection();
    for (int token = first_on_or_below(top + event->rect().top() - line_height()); token < token_count(); ++token) {
        const QRect box = rectangle_of(token);
        if (box.top() > event->rect().bottom()) break;
        paint_token(painter, box, shown(token_at(token).id).text, token_at(token));
        if (m_current < 0 || token < first || token > last) continue;
        painter.setPen(QPen(Theme::colour(Role::Accent), token == m_current ? 2 : 1));
        painter.drawRect(box.adjusted(-1, -1, 0, 1));
    }
}

void TokenView::resizeEvent(QResizeEvent*) {
    place_all();
}

void TokenView::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    if (event->button() == Qt::LeftButton) set_current(token_under(event->pos()), event->modifiers().testFlag(Qt::ShiftModifier));
}

void TokenView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons().testFlag(Qt::LeftButton)) set_current(token_under(event->pos()), true);
}

void TokenView::move_line(int lines, bool extend) {
    const QRect here = rectangle_of(m_current);
    const int y = here.top() + verticalScrollBar()->value() + lines * line_height();
    int nearest = -1;
    for (int token = first_on_or_below(y - line_height() / 2); token < token_count(); ++token) {
        const Placed& placed = m_placed[static_cast<std::size_t>(token)];
        if (nearest >= 0 && (placed.y != m_placed[static_cast<std::size_t>(nearest)].y || placed.x > here.center().x())) break;
        nearest = token;
    }
    set_current(nearest >= 0 ? nearest : (lines > 0 ? token_count() - 1 : 0), extend);
}

void TokenView::keyPressEvent(QKeyEvent* event) {
    if (token_count() == 0) return QAbstractScrollArea::keyPressEvent(event);
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const int page = std::max(1, viewport()->height() / line_height() - 1);
    if (m_current < 0) m_current = m_anchor = 0;
    switch (event->key()) {
        case Qt::Key_Left: return set_current(m_current - 1, extend);
        case Qt::Key_Right: return set_current(m_current + 1, extend);
        case Qt::Key_Up: return move_line(-1, extend);
        case Qt::Key_Down: return move_line(1, extend);
        case Qt::Key_PageUp: return move_line(-page, extend);
        case Qt::Key_PageDown: return move_line(page, extend);
        case Qt::Key_Home: return set_current(0, extend);
        case Qt::Key_End: return set_current(token_count() - 1, extend);
        case Qt::Key_L: Q_EMIT label_wanted(true); return;
        case Qt::Key_U: Q_EMIT label_wanted(false); return;
        case Qt::Key_Delete: Q_EMIT rule_wanted(); return;
        default: QAbstractScrollArea::keyPressEvent(event);
    }
}

bool TokenView::viewportEvent(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
    auto* help = static_cast<QHelpEvent*>(event);
    const int token = token_under(help->pos());
    if (token < 0) {
        QToolTip::hideText();
        return true;
    }
    const ExampleToken& under = token_at(token);
    QToolTip::showText(help->globalPos(), tr("token %1 · id %2 · %3").arg(place_of(token).token).arg(under.id).arg(tr(name_of(under.kind))),
                       viewport(), rectangle_of(token));
    return true;
}

void TokenView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange) {
        m_shown.clear();
        place_all();
    }
    if (event->type() == QEvent::PaletteChange) viewport()->update();
    QAbstractScrollArea::changeEvent(event);
}

QPixmap TokenView::mark_picture(const char* mark, const QSize& size, qreal scale) {
    QPixmap picture(size * scale);
    picture.setDevicePixelRatio(scale);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setFont(Theme::token_font());
    ExampleToken token;
    if (std::strcmp(mark, "labelled") == 0) token.labelled = true;
    if (std::strcmp(mark, "padding") == 0) token.kind = TokenKind::Padding;
    if (std::strcmp(mark, "cut") == 0) token.truncated = true;
    paint_token(painter, QRect(QPoint(1, 1), size - QSize(2, 4)), QStringLiteral("ab"), token);
    return picture;
}

}  // namespace lossmith::ui

#include "moc_TokenView.cpp"
