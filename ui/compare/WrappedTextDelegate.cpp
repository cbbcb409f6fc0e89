#include "ui/compare/WrappedTextDelegate.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QTableView>
#include <QTimer>
#include <QtMath>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int side_margin = 8;
constexpr int line_margin = 5;
/// No column shows more of a text in eight lines.
constexpr qsizetype longest_shown = 2500;

QString laid_out_text(const QModelIndex& index) {
    QString text = index.data(Qt::DisplayRole).toString().trimmed().left(longest_shown);
    // One unit for one: marks count in them.
    text.replace(QLatin1Char('\n'), QChar::LineSeparator);
    return text;
}

/// How many UTF-16 units are trimmed away before what is shown, so that marks fall on the right words.
int trimmed_units(const QModelIndex& index) {
    const QString text = index.data(Qt::DisplayRole).toString();
    int count = 0;
    while (count < text.size() && text[count].isSpace()) ++count;
    return count;
}

/// Lays out at most `most` lines; gives the height and whether text is left over.
struct Laid {
    qreal height = 0;
    int lines = 0;
    bool cut = false;
};
Laid lay_out(QTextLayout& layout, qreal width, int most) {
    QTextOption wrap(Qt::AlignLeft | Qt::AlignTop);
    wrap.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(wrap);
    Laid laid;
    layout.beginLayout();
    while (laid.lines < most) {
        QTextLine line = layout.createLine();
        if (!line.isValid()) break;
        line.setLineWidth(width);
        line.setPosition({0, laid.height});
        laid.height += line.height();
        ++laid.lines;
    }
    layout.endLayout();
    if (laid.lines > 0) {
        const QTextLine last = layout.lineAt(laid.lines - 1);
        laid.cut = last.textStart() + last.textLength() < layout.text().size();
    }
    return laid;
}

ComparisonModel::ColumnKind kind_of(const QModelIndex& index) {
    return static_cast<ComparisonModel::ColumnKind>(index.data(ComparisonModel::KindRole).toInt());
}

bool is_number(const QModelIndex& index) {
    return kind_of(index) == ComparisonModel::ColumnKind::Score || kind_of(index) == ComparisonModel::ColumnKind::Gain;
}

QColor text_colour(const QModelIndex& index, bool complete) {
    if (kind_of(index) == ComparisonModel::ColumnKind::Gain) {
        const double gain = index.data(ComparisonModel::SortRole).toDouble();
        constexpr double noticeable = 0.005;
        return Theme::colour(gain >= noticeable ? Role::Ok : gain <= -noticeable && qIsFinite(gain) ? Role::Bad : Role::Muted);
    }
    const bool quiet = index.data(ComparisonModel::BaseRole).toBool() || !complete;
    return Theme::colour(quiet ? Role::Muted : Role::Text);
}

QList<QTextLayout::FormatRange> formats_of(const QModelIndex& index) {
    QList<QTextLayout::FormatRange> formats;
    const int lead = trimmed_units(index);
    for (const auto& mark : index.data(ComparisonModel::MarksRole).value<QList<ComparisonModel::TextMark>>()) {
        QTextLayout::FormatRange range;
        range.start = mark.start - lead;
        range.length = mark.length;
        range.format.setForeground(Theme::colour(Role::Bad));
        range.format.setBackground(Theme::colour(Role::BadSoft));
        formats.append(range);
    }
    return formats;
}

}  // namespace

void WrappedTextDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem background = option;
    initStyleOption(&background, index);
    background.text.clear();
    const QStyle* style = background.widget != nullptr ? background.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &background, painter, background.widget);

    const QRectF area = QRectF(option.rect).adjusted(side_margin, line_margin, -side_margin, -line_margin);
    const bool complete = index.data(ComparisonModel::CompleteRole).toBool();
    painter->save();
    painter->setClipRect(option.rect);
    painter->setPen(text_colour(index, complete));
    if (is_number(index)) {
        painter->setFont(option.font);
        painter->drawText(area, Qt::AlignRight | Qt::AlignTop, index.data().toString());
    } else {
        QTextLayout layout(laid_out_text(index), option.font);
        layout.setFormats(formats_of(index));
        const int fitting = std::max(1, qFloor(area.height() / QFontMetricsF(option.font).lineSpacing() + 0.2));
        const Laid laid = lay_out(layout, area.width(), std::min(fitting, most_lines));
        layout.draw(painter, area.topLeft());
        if (laid.cut) {
            // The ellipsis stands on a patch of the row's own ground over the end of the last line.
            const QTextLine last = layout.lineAt(laid.lines - 1);
            const QString dots = QStringLiteral("…");
            const qreal width = QFontMetricsF(option.font).horizontalAdvance(dots) + 2;
            const qreal left = area.left() + std::min(last.naturalTextWidth(), area.width() - width);
            const QRectF patch(left, area.top() + last.y(), width, last.height());
            painter->fillRect(patch, Theme::colour((option.state & QStyle::State_Selected) != 0 ? Role::AccentSoft : Role::Panel));
            painter->drawText(patch, Qt::AlignLeft | Qt::AlignVCenter, dots);
        }
    }
    painter->restore();
}

QSize WrappedTextDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const qreal width = std::max(20, option.rect.width() - 2 * side_margin);
    if (is_number(index)) return {option.rect.width(), option.fontMetrics.lineSpacing() + 2 * line_margin};
    QTextLayout layout(laid_out_text(index), option.font);
    const Laid laid = lay_out(layout, width, most_lines);
    return {option.rect.width(), std::max(qCeil(laid.height), option.fontMetrics.lineSpacing()) + 2 * line_margin + 1};
}

RowHeights::RowHeights(QTableView* table) : QObject(table), m_table(table), m_timer(new QTimer(this)) {
    m_timer->setInterval(0);
    connect(m_timer, &QTimer::timeout, this, &RowHeights::fit_some);
    connect(table->horizontalHeader(), &QHeaderView::sectionResized, this, &RowHeights::fit_all);
    table->viewport()->installEventFilter(this);
}

void RowHeights::fit_row(int row) {
    int height = 0;
    QStyleOptionViewItem option;
    option.initFrom(m_table);
    option.font = m_table->font();
    option.fontMetrics = QFontMetrics(option.font);
    for (int column = 0; column < m_table->model()->columnCount(); ++column) {
        option.rect.setWidth(m_table->columnWidth(column));
        const QModelIndex index = m_table->model()->index(row, column);
        height = std::max(height, m_table->itemDelegateForIndex(index)->sizeHint(option, index).height());
    }
    if (height != m_table->rowHeight(row)) m_table->setRowHeight(row, height);
}

void RowHeights::fit_all() {
    if (m_table->model() == nullptr) return;
    const int first = m_table->rowAt(0);
    if (first >= 0) {
        for (int row = first, bottom = 0; row < m_table->model()->rowCount() && bottom < m_table->viewport()->height(); ++row) {
            fit_row(row);
            bottom += m_table->rowHeight(row);
        }
    }
    m_next = 0;
    m_timer->start();
}

void RowHeights::fit_some() {
    constexpr int rows_at_once = 40;
    const int end = std::min(m_next + rows_at_once, m_table->model()->rowCount());
    for (; m_next < end; ++m_next) fit_row(m_next);
    if (m_next >= m_table->model()->rowCount()) m_timer->stop();
}

bool RowHeights::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::Resize) fit_all();
    return QObject::eventFilter(watched, event);
}

}  // namespace lossmith::ui

#include "moc_WrappedTextDelegate.cpp"
