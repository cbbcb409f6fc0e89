#include "ui/playground/TokenTextView.h"

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int margin = 8;
constexpr int between_lines = 6;
constexpr int corner = 3;

/// What stands for the token on its line; line ends are shown and then obeyed.
QString shown_in_text(const TracedToken& token) {
    if (token.text.empty()) return QStringLiteral("∅");
    QString shown = QString::fromStdString(token.text);
    shown.replace(QStringLiteral("\r\n"), QStringLiteral("⏎"));
    shown.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
    shown.replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    return shown;
}

int line_ends_in(const TracedToken& token) {
    return static_cast<int>(std::ranges::count(token.text, '\n'));
}

}  // namespace

TokenTextView::TokenTextView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("Generated tokens"));
    setFont(Theme::token_font());
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
}

QColor TokenTextView::ground(double probability) {
    // From certain (no ground) over amber at one in ten to red at one in a hundred: what counts is the order of magnitude.
    constexpr double amber_at = 1.0;
    constexpr double red_at = 2.0;
    constexpr int strongest = 110;
    const double surprise = -std::log10(std::clamp(probability, 1e-6, 1.0));
    const double strength = std::min(surprise / amber_at, 1.0);
    const double redness = std::clamp((surprise - amber_at) / (red_at - amber_at), 0.0, 1.0);
    const QColor amber = Theme::colour(Role::Warn);
    const QColor red = Theme::colour(Role::Bad);
    const auto mixed = [redness](int from, int to) { return from + static_cast<int>(redness * (to - from)); };
    return {mixed(amber.red(), red.red()), mixed(amber.green(), red.green()), mixed(amber.blue(), red.blue()),
            static_cast<int>(strength * strongest)};
}

int TokenTextView::line_height() const {
    return fontMetrics().height() + between_lines;
}

void TokenTextView::set_placeholder(const QString& text) {
    m_placeholder = text;
    viewport()->update();
}

void TokenTextView::set_tokens(TokenTrace tokens) {
    m_tokens = std::move(tokens);
    m_current = -1;
    hover(-1);
    place_all();
}

void TokenTextView::add_token(const TracedToken& token) {
    const bool at_end = verticalScrollBar()->value() == verticalScrollBar()->maximum();
    m_tokens.push_back(token);
    place_next(token);
    fit_scroll_bar();
    if (at_end) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    viewport()->update();
}

void TokenTextView::place_next(const TracedToken& token) {
    Placed placed{shown_in_text(token), {}};
    const int width = std::max(2, fontMetrics().horizontalAdvance(placed.shown));
    const int right = viewport()->width() - margin;
    if (m_end.x() + width > right && m_end.x() > margin) m_end = {margin, m_end.y() + line_height()};
    // The space that begins a word would look like an indent at the start of a line.
    if (m_end.x() == margin && placed.shown.size() > 1 && placed.shown.startsWith(QLatin1Char(' '))) placed.shown.remove(0, 1);
    const int placed_width = std::max(2, fontMetrics().horizontalAdvance(placed.shown));
    placed.place = {m_end, QSize(placed_width, fontMetrics().height() + 2)};
    m_end.rx() += placed_width + 1;
    if (const int ends = line_ends_in(token); ends > 0) m_end = {margin, m_end.y() + ends * line_height()};
    m_placed.push_back(std::move(placed));
}

void TokenTextView::place_all() {
    m_placed.clear();
    m_end = {margin, margin};
    for (const TracedToken& token : m_tokens) place_next(token);
    fit_scroll_bar();
    viewport()->update();
}

void TokenTextView::fit_scroll_bar() {
    const int height = m_end.y() + line_height() + margin;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(line_height());
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
}

QRect TokenTextView::rectangle_of(int token) const {
    if (token < 0 || token >= static_cast<int>(m_placed.size())) return {};
    return m_placed[static_cast<std::size_t>(token)].place.translated(0, -verticalScrollBar()->value());
}

int TokenTextView::token_under(QPoint position) const {
    const QPoint in_text = position + QPoint(0, verticalScrollBar()->value());
    // Tokens stand in lines from top to bottom, so those below the pointer need not be looked at.
    const auto first =
        std::ranges::lower_bound(m_placed, in_text.y() - line_height(), {}, [](const Placed& placed) { return placed.place.top(); });
    for (auto placed = first; placed != m_placed.end() && placed->place.top() <= in_text.y(); ++placed)
        if (placed->place.adjusted(0, -between_lines / 2, 1, between_lines / 2).contains(in_text))
            return static_cast<int>(placed - m_placed.begin());
    return -1;
}

void TokenTextView::set_current(int token) {
    const int bounded = m_tokens.empty() ? -1 : std::clamp(token, -1, static_cast<int>(m_tokens.size()) - 1);
    if (bounded == m_current) return;
    m_current = bounded;
    if (m_current >= 0) {
        const QRect place = rectangle_of(m_current);
        if (place.top() < 0) verticalScrollBar()->setValue(verticalScrollBar()->value() + place.top() - margin);
        if (place.bottom() > viewport()->height())
            verticalScrollBar()->setValue(verticalScrollBar()->value() + place.bottom() - viewport()->height() + margin);
        const TracedToken& now = m_tokens[static_cast<std::size_t>(m_current)];
        setAccessibleDescription(tr("“%1”, probability %2").arg(shown_token(now.text), QString::number(now.probability, 'f', 3)));
    }
    viewport()->update();
    Q_EMIT current_changed(m_current);
}

void TokenTextView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_tokens.empty()) {
        painter.setPen(Theme::colour(Role::Muted));
        painter.setFont(QApplication::font());
        painter.drawText(viewport()->rect().adjusted(margin, margin, -margin, -margin), Qt::AlignTop | Qt::AlignLeft | Qt::TextWordWrap,
                         m_placeholder);
        return;
    }
    for (int i = 0; i < static_cast<int>(m_placed.size()); ++i) {
        const QRect place = rectangle_of(i);
        if (place.bottom() < 0) continue;
        if (place.top() > viewport()->height()) break;
        const TracedToken& token = m_tokens[static_cast<std::size_t>(i)];
        painter.setPen(Qt::NoPen);
        painter.setBrush(ground(token.probability));
        painter.drawRoundedRect(place, corner, corner);
        const bool marked = i == m_current && hasFocus();
        if (marked || i == m_hovered || token.forced) {
            painter.setBrush(Qt::NoBrush);
            QPen pen(Theme::colour(token.forced && !marked && i != m_hovered ? Role::Muted : Role::Accent), marked ? 2 : 1);
            if (token.forced && !marked && i != m_hovered) pen.setStyle(Qt::DashLine);
            painter.setPen(pen);
            painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner);
        }
        painter.setPen(
            Theme::colour(token.text.empty() || token.text.find_first_not_of("\r\n\t") == std::string::npos ? Role::Muted : Role::Text));
        painter.setFont(font());
        painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, m_placed[static_cast<std::size_t>(i)].shown);
    }
}

void TokenTextView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    place_all();
}

void TokenTextView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange) place_all();
    if (event->type() == QEvent::PaletteChange) viewport()->update();
}

void TokenTextView::move_by_line(int direction) {
    if (m_current < 0) return set_current(0);
    const QRect here = m_placed[static_cast<std::size_t>(m_current)].place;
    int best = m_current;
    int best_distance = std::numeric_limits<int>::max();
    for (int i = 0; i < static_cast<int>(m_placed.size()); ++i) {
        const QRect there = m_placed[static_cast<std::size_t>(i)].place;
        const int lines = (there.top() - here.top()) * direction;
        if (lines <= 0) continue;
        constexpr int a_line_outweighs_any_column = 10'000;
        const int distance = lines * a_line_outweighs_any_column + std::abs(there.center().x() - here.center().x());
        if (distance < best_distance) {
            best_distance = distance;
            best = i;
        }
    }
    set_current(best);
}

void TokenTextView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return QGuiApplication::clipboard()->setText(QString::fromStdString(text_of(m_tokens)));
    if (m_tokens.empty()) return QAbstractScrollArea::keyPressEvent(event);
    switch (event->key()) {
        case Qt::Key_Left: return set_current(std::max(0, m_current - 1));
        case Qt::Key_Right: return set_current(m_current + 1);
        case Qt::Key_Up: return move_by_line(-1);
        case Qt::Key_Down: return move_by_line(1);
        case Qt::Key_Home: return set_current(0);
        case Qt::Key_End: return set_current(static_cast<int>(m_tokens.size()) - 1);
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space: return m_current >= 0 ? activated(m_current) : set_current(0);
        default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void TokenTextView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0 && event->reason() != Qt::MouseFocusReason) set_current(0);
    viewport()->update();
}

void TokenTextView::hover(int token) {
    if (token == m_hovered) return;
    m_hovered = token;
    viewport()->update();
    Q_EMIT hovered(token);
}

void TokenTextView::mouseMoveEvent(QMouseEvent* event) {
    hover(token_under(event->position().toPoint()));
}

void TokenTextView::mousePressEvent(QMouseEvent* event) {
    const int token = token_under(event->position().toPoint());
    if (event->button() != Qt::LeftButton || token < 0) return;
    set_current(token);
    Q_EMIT activated(token);
}

bool TokenTextView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave) hover(-1);
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace lossmith::ui

#include "moc_TokenTextView.cpp"
