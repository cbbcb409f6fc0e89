#include "ui/logits/AttentionMap.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <cmath>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

QImage attention_image(const AttentionRows& rows) {
    const int size = static_cast<int>(rows.size());
    QImage image(std::max(size, 1), std::max(size, 1), QImage::Format_RGB32);
    const QColor low = Theme::colour(Role::Panel);
    const QColor high = Theme::colour(Role::Accent);
    image.fill(low);
    for (int query = 0; query < size; ++query) {
        const auto& keys = rows[static_cast<std::size_t>(query)];
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(query));
        for (int key = 0; key < std::min(size, static_cast<int>(keys.size())); ++key) {
            const double share = std::sqrt(std::clamp(keys[static_cast<std::size_t>(key)], 0.0, 1.0));
            const auto part = [share](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * share)); };
            line[key] = qRgb(part(low.red(), high.red()), part(low.green(), high.green()), part(low.blue(), high.blue()));
        }
    }
    return image;
}

AttentionMap::AttentionMap(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("attention_map"));
    setAccessibleName(tr("Attention, from each line's token to each column's"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void AttentionMap::set_rows(AttentionRows rows, std::vector<QString> tokens) {
    m_rows = std::move(rows);
    m_tokens = std::move(tokens);
    m_image = attention_image(m_rows);
    update();
}

void AttentionMap::set_query(int query) {
    m_query = query;
    update();
}

QRect AttentionMap::square() const {
    const int side = std::min(width(), height()) - 2;
    return {(width() - side) / 2, 1, side, side};
}

QPoint AttentionMap::centre_of(int query, int key) const {
    const QRect whole = square();
    const double step = whole.width() / static_cast<double>(std::max<std::size_t>(m_rows.size(), 1));
    return {whole.left() + static_cast<int>((key + 0.5) * step), whole.top() + static_cast<int>((query + 0.5) * step)};
}

QPoint AttentionMap::cell_under(QPoint position) const {
    const QRect whole = square();
    if (m_rows.empty() || !whole.contains(position)) return {-1, -1};
    const int size = static_cast<int>(m_rows.size());
    return {(position.x() - whole.left()) * size / whole.width(), (position.y() - whole.top()) * size / whole.height()};
}

void AttentionMap::paintEvent(QPaintEvent*) {
    if (m_rows.empty()) return;
    QPainter painter(this);
    const QRect whole = square();
    const bool shrinks = whole.width() < m_image.width();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, shrinks);
    painter.drawImage(whole, m_image);
    painter.setPen(Theme::colour(Role::Border));
    painter.drawRect(whole.adjusted(0, 0, -1, -1));
    if (m_query < 0 || m_query >= static_cast<int>(m_rows.size())) return;
    const double step = whole.width() / static_cast<double>(m_rows.size());
    painter.setPen(QPen(Theme::colour(Role::Warn), 1));
    painter.drawRect(QRectF(whole.left(), whole.top() + m_query * step, (m_query + 1) * step, std::max(step, 2.0)));
}

void AttentionMap::mousePressEvent(QMouseEvent* event) {
    const QPoint cell = cell_under(event->position().toPoint());
    if (cell.y() >= 0) Q_EMIT query_chosen(cell.y());
}

bool AttentionMap::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QPoint cell = cell_under(help->pos());
    const auto text_of = [this](int token) {
        return token < static_cast<int>(m_tokens.size()) ? m_tokens[static_cast<std::size_t>(token)] : QString();
    };
    if (cell.y() >= 0 && cell.x() <= cell.y())
        QToolTip::showText(help->globalPos(),
                           tr("%1 looks at %2: %3")
                               .arg(text_of(cell.y()), text_of(cell.x()))
                               .arg(m_rows[static_cast<std::size_t>(cell.y())][static_cast<std::size_t>(cell.x())], 0, 'f', 3),
                           this);
    else
        QToolTip::hideText();
    return true;
}

void AttentionMap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) m_image = attention_image(m_rows);
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_AttentionMap.cpp"
