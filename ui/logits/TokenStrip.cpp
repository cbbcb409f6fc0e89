#include "ui/logits/TokenStrip.h"

#include <QBuffer>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QSvgGenerator>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/base/Files.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int gap = 2;
constexpr int room_beside = 4;  // of a cell's text
constexpr double least_tie = 0.02;
constexpr std::size_t most_arcs = 5;  // more would hide the text; the bars tell of all

/// Over the tops of both, within the strip.
void paint_arc(QPainter& painter, const QRect& from, const QRect& to) {
    const double rise = std::min(18.0, 6.0 + std::abs(from.center().x() - to.center().x()) / 20.0);
    const double top = std::max(std::min(from.top(), to.top()) - rise, 0.0);
    QPainterPath arc(QPointF(from.center().x(), from.top()));
    arc.cubicTo(QPointF(from.center().x(), top), QPointF(to.center().x(), top), QPointF(to.center().x(), to.top()));
    painter.drawPath(arc);
}

QFont value_font() {
    QFont small = Theme::token_font();
    small.setPixelSize(10);
    return small;
}

}  // namespace

TokenStrip::TokenStrip(QWidget* parent) : QWidget(parent) {
    setFont(Theme::token_font());
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void TokenStrip::set_cells(std::vector<StripCell> cells, const ColourScale& scale) {
    const auto same_text = [](const StripCell& a, const StripCell& b) { return a.text == b.text && a.value_text == b.value_text; };
    const bool same = std::ranges::equal(m_cells, cells, same_text);
    m_cells = std::move(cells);
    m_scale = scale;
    if (m_selected >= static_cast<int>(m_cells.size())) m_selected = -1;
    if (m_ties.size() > m_cells.size()) m_ties.clear();
    if (!same) measure();
    update();
}

void TokenStrip::measure() {
    const QFontMetrics metrics(Theme::token_font());
    const QFontMetrics small(value_font());
    m_widths.clear();
    for (const StripCell& cell : m_cells) {
        int width = metrics.horizontalAdvance(cell.text);
        if (m_values_shown) width = std::max(width, small.horizontalAdvance(cell.value_text));
        m_widths.push_back(std::max(width, 4) + 2 * room_beside);
    }
    place_all();
    updateGeometry();
}

void TokenStrip::set_values_shown(bool shown) {
    if (m_values_shown == shown) return;
    m_values_shown = shown;
    measure();
    update();
}

void TokenStrip::set_selected(int token) {
    if (token >= static_cast<int>(m_cells.size())) token = -1;
    if (m_selected == token) return;
    m_selected = token;
    setAccessibleDescription(tip_of_token(token));
    update();
}

QString TokenStrip::tip_of_token(int token) const {
    return m_tips && token >= 0 ? m_tips(static_cast<std::size_t>(token)) : QString();
}

void TokenStrip::set_ties(std::vector<double> ties) {
    if (ties.size() > m_cells.size()) ties.clear();
    m_ties = std::move(ties);
    update();
}

std::vector<QRect> TokenStrip::places_for(int width, int* height) const {
    const int line = QFontMetrics(Theme::token_font()).height() + 4 + (m_values_shown ? QFontMetrics(value_font()).height() : 0);
    std::vector<QRect> places;
    places.reserve(m_cells.size());
    int x = 1, y = 1;
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const int wide = std::min(m_widths[i], std::max(width - 2, 8));
        if (x > 1 && x + wide > width - 1) {
            x = 1;
            y += line + gap;
        }
        places.emplace_back(x, y, wide, line);
        x += wide + gap;
        // A text's own line ends are kept, but for one that ends it.
        if (m_cells[i].text.endsWith(QStringLiteral("⏎")) && i + 1 < m_cells.size()) x = width;
    }
    *height = m_cells.empty() ? line : y + line + 1;
    return places;
}

void TokenStrip::place_all() {
    int height = 0;
    m_places = places_for(width(), &height);
}

int TokenStrip::heightForWidth(int width) const {
    int height = 0;
    (void)places_for(width, &height);
    return height;
}

QSize TokenStrip::sizeHint() const {
    constexpr int usual_width = 600;
    return {usual_width, heightForWidth(width() > 1 ? width() : usual_width)};
}

QSize TokenStrip::minimumSizeHint() const {
    return {60, heightForWidth(std::max(width(), 60))};
}

void TokenStrip::resizeEvent(QResizeEvent* event) {
    place_all();
    updateGeometry();
    QWidget::resizeEvent(event);
}

int TokenStrip::token_under(QPoint position) const {
    for (std::size_t i = 0; i < m_places.size(); ++i)
        if (m_places[i].adjusted(-1, -1, 1, 1).contains(position)) return static_cast<int>(i);
    return -1;
}

QRect TokenStrip::rectangle_of(int token) const {
    return token >= 0 && token < static_cast<int>(m_places.size()) ? m_places[static_cast<std::size_t>(token)] : QRect();
}

void TokenStrip::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    paint(painter, event->rect());
    if (!hasFocus() || !m_cells.empty()) return;
    painter.setPen(Theme::colour(Role::Accent));
    painter.drawRoundedRect(rect().adjusted(0, 0, -1, -1), 3, 3);
}

void TokenStrip::paint(QPainter& painter, const QRect& seen) const {
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = 0; i < m_places.size(); ++i)
        if (seen.isEmpty() || m_places[i].adjusted(-2, -2, 2, 2).intersects(seen)) paint_cell(painter, i);
    if (!m_ties.empty() && m_selected >= 0) paint_ties(painter);
}

void TokenStrip::paint_cell(QPainter& painter, std::size_t token) const {
    const StripCell& cell = m_cells[token];
    const QRect place = m_places[token];
    QColor ink = Theme::colour(Role::Text);
    painter.setPen(Qt::NoPen);
    if (cell.value) {
        painter.setBrush(m_scale.ground(*cell.value));
        ink = m_scale.ink(*cell.value);
        painter.drawRoundedRect(place, 3, 3);
    }
    const int value_height = m_values_shown ? QFontMetrics(value_font()).height() : 0;
    const QRect words = place.adjusted(room_beside, 0, -room_beside, -value_height);
    painter.setPen(ink);
    painter.setFont(Theme::token_font());
    const bool fits = m_widths[token] <= place.width();
    painter.drawText(words, Qt::AlignCenter,
                     fits ? cell.text : QFontMetrics(Theme::token_font()).elidedText(cell.text, Qt::ElideRight, words.width()));
    if (m_values_shown) {
        painter.setFont(value_font());
        painter.drawText(QRect(place.left(), place.bottom() - value_height, place.width(), value_height), Qt::AlignCenter, cell.value_text);
    }
    if (cell.underlined) {
        painter.setPen(QPen(ink, 1));
        painter.drawLine(place.left() + 3, place.bottom(), place.right() - 3, place.bottom());
    }
    if (static_cast<int>(token) != m_selected) return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(Theme::colour(Role::Panel), 1));
    painter.drawRoundedRect(QRectF(place).adjusted(1.5, 1.5, -1.5, -1.5), 2, 2);
    painter.setPen(QPen(Theme::colour(Role::Accent), hasFocus() ? 3 : 2));
    painter.drawRoundedRect(QRectF(place), 3, 3);
}

void TokenStrip::paint_ties(QPainter& painter) const {
    QColor colour = Theme::colour(Role::Accent);
    std::vector<std::size_t> strongest;
    for (std::size_t i = 0; i < m_ties.size(); ++i) {
        if (m_ties[i] < least_tie) continue;
        const QRect to = m_places[i];
        painter.fillRect(QRectF(to.left() + 2, to.top() + 1, (to.width() - 4) * std::min(m_ties[i], 1.0), 3), colour);
        if (static_cast<int>(i) != m_selected) strongest.push_back(i);
    }
    std::ranges::sort(strongest, std::greater(), [this](std::size_t i) { return m_ties[i]; });
    if (strongest.size() > most_arcs) strongest.resize(most_arcs);
    for (const std::size_t i : strongest) {
        colour.setAlphaF(static_cast<float>(0.35 + 0.65 * std::min(m_ties[i], 1.0)));
        painter.setPen(QPen(colour, 1.2 + 2 * std::min(m_ties[i], 1.0)));
        painter.setBrush(Qt::NoBrush);
        paint_arc(painter, rectangle_of(m_selected), m_places[i]);
    }
}

void TokenStrip::choose(int token) {
    if (token < 0 || token >= static_cast<int>(m_cells.size())) return;
    set_selected(token);
    Q_EMIT chosen(token);
}

int TokenStrip::token_on_line(int from, int direction) const {
    const QRect start = rectangle_of(from);
    int best = from;
    int best_distance = 0;
    int line = -1;
    for (int i = from; i >= 0 && i < static_cast<int>(m_places.size()); i += direction) {
        const QRect place = m_places[static_cast<std::size_t>(i)];
        if (place.top() == start.top()) continue;
        if (line < 0) line = place.top();
        if (place.top() != line) break;
        const int distance = std::abs(place.center().x() - start.center().x());
        if (best != from && distance >= best_distance) continue;
        best = i;
        best_distance = distance;
    }
    return best;
}

void TokenStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) choose(token_under(event->position().toPoint()));
}

void TokenStrip::mouseDoubleClickEvent(QMouseEvent* event) {
    const int token = token_under(event->position().toPoint());
    if (event->button() == Qt::LeftButton && token >= 0) Q_EMIT activated(token);
}

void TokenStrip::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_cells.size()) - 1;
    const int now = std::max(m_selected, 0);
    switch (event->key()) {
        case Qt::Key_Left: return choose(std::max(now - 1, 0));
        case Qt::Key_Right: return choose(m_selected < 0 ? 0 : std::min(now + 1, last));
        case Qt::Key_Up: return choose(token_on_line(now, -1));
        case Qt::Key_Down: return choose(token_on_line(now, 1));
        case Qt::Key_Home: return choose(0);
        case Qt::Key_End: return choose(last);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_selected >= 0) Q_EMIT activated(m_selected);
            return;
        default: QWidget::keyPressEvent(event);
    }
}

void TokenStrip::focusInEvent(QFocusEvent* event) {
    if (m_selected < 0 && event->reason() != Qt::MouseFocusReason) choose(m_cells.size() > 1 ? 1 : 0);
    QWidget::focusInEvent(event);
    update();
}

void TokenStrip::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

bool TokenStrip::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int token = token_under(help->pos());
    if (token < 0)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), tip_of_token(token), this, rectangle_of(token));
    return true;
}

void TokenStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) update();
    QWidget::changeEvent(event);
}

void TokenStrip::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("Save the strip as PNG…")), &QAction::triggered, this, [this] { export_to(QStringLiteral("png")); });
    connect(menu->addAction(tr("Save the strip as SVG…")), &QAction::triggered, this, [this] { export_to(QStringLiteral("svg")); });
    menu->popup(event->globalPos());
}

void TokenStrip::export_to(const QString& suffix) {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the strip"), QStringLiteral("tokens.") + suffix);
    if (path.isEmpty()) return;
    const Status saved = suffix == QStringLiteral("svg") ? export_svg(path) : export_png(path);
    if (!saved) QToolTip::showText(mapToGlobal(QPoint(10, 10)), QString::fromStdString(describe(saved.error())), this);
}

Status TokenStrip::export_png(const QString& path) const {
    constexpr double ratio = 2.0;
    QImage image(size() * ratio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    image.fill(Theme::colour(Role::Panel));
    {
        QPainter painter(&image);
        paint(painter, {});
    }
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    if (!image.save(&bytes, "PNG")) return failure(Error::internal("The strip could not be encoded as PNG."));
    return write_file_atomically(path.toStdString(), bytes.data().toStdString());
}

Status TokenStrip::export_svg(const QString& path) const {
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    {
        QSvgGenerator generator;
        generator.setOutputDevice(&bytes);
        generator.setSize(size());
        generator.setViewBox(rect());
        QPainter painter(&generator);
        painter.fillRect(rect(), Theme::colour(Role::Panel));
        paint(painter, {});
    }
    return write_file_atomically(path.toStdString(), bytes.data().toStdString());
}

}  // namespace lossmith::ui

#include "moc_TokenStrip.cpp"
