// Bars of row lengths, drawn plainly: a few dozen rectangles need no plotting library.
#include "ui/data/LengthHistogram.h"

#include <QAction>
#include <QFileDialog>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPixmap>
#include <QSvgGenerator>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/base/Files.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int wanted_bins = 48;
constexpr double left_margin = 46;
constexpr double bottom_margin = 22;
constexpr double top_margin = 20;

/// 1, 2 or 5 times a power of ten, not below `least`.
int round_step(double least) {
    if (least <= 1.0) return 1;
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0})
        if (factor * power >= least) return static_cast<int>(factor * power);
    return static_cast<int>(power * 10);
}

}  // namespace

LengthHistogram::LengthHistogram(QWidget* parent) : QWidget(parent) {
    setMinimumHeight(130);
    setAccessibleName(tr("Histogram of row lengths in tokens"));
    auto* save = new QAction(tr("Export the picture…"), this);
    connect(save, &QAction::triggered, this, &LengthHistogram::choose_file);
    addAction(save);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    setMouseTracking(true);
}

void LengthHistogram::set_lengths(std::vector<int> lengths) {
    m_lengths = std::move(lengths);
    std::sort(m_lengths.begin(), m_lengths.end());
    update();
}

void LengthHistogram::set_limit(int limit) {
    m_limit = limit;
    setAccessibleDescription(counted(rows_cut(), tr("1 row is longer than %1 tokens").arg(limit),
                                     tr("%1 rows are longer than %2 tokens").arg(QStringLiteral("%1"), QString::number(limit))));
    update();
}

int LengthHistogram::rows_cut() const {
    return static_cast<int>(m_lengths.end() - std::upper_bound(m_lengths.begin(), m_lengths.end(), m_limit));
}

LengthHistogram::Bins LengthHistogram::bins() const {
    Bins bins;
    bins.width = round_step(static_cast<double>(longest()) / wanted_bins);
    bins.counts.assign(static_cast<std::size_t>(longest() / bins.width) + 1, 0);
    for (const int length : m_lengths) ++bins.counts[static_cast<std::size_t>(length / bins.width)];
    bins.most = *std::max_element(bins.counts.begin(), bins.counts.end());
    return bins;
}

QRectF LengthHistogram::plot() const {
    return QRectF(left_margin, top_margin, width() - left_margin - 10, height() - top_margin - bottom_margin);
}

double LengthHistogram::axis_end(const Bins& bins) const {
    const double rows_end = static_cast<double>(bins.counts.size()) * bins.width;
    // The line is on the picture while it is near; a limit far beyond every row would squeeze the bars into a corner.
    return m_limit < rows_end * 2 ? std::max(rows_end, m_limit * 1.08) : rows_end;
}

void LengthHistogram::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    draw(painter);
}

void LengthHistogram::draw(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    QFont small = font();
    small.setPixelSize(11);
    painter.setFont(small);
    if (m_lengths.empty()) return;
    const Bins shown = bins();
    const QRectF area = plot();
    const double end = axis_end(shown);
    const double token_width = area.width() / end;

    const int row_step = round_step(shown.most / 4.0);
    for (int rows = 0; rows <= shown.most; rows += row_step) {
        const double y = area.bottom() - area.height() * rows / shown.most;
        painter.setPen(QPen(Theme::colour(Role::Border), 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(Theme::colour(Role::Muted));
        painter.drawText(QRectF(0, y - 8, left_margin - 6, 16), Qt::AlignRight | Qt::AlignVCenter, count_text(rows));
    }
    painter.setPen(Qt::NoPen);
    for (std::size_t bin = 0; bin < shown.counts.size(); ++bin) {
        if (shown.counts[bin] == 0) continue;
        const double first = static_cast<double>(bin) * shown.width;
        const double tall = std::max(1.0, area.height() * shown.counts[bin] / shown.most);
        const bool is_cut = first >= m_limit;
        painter.setBrush(Theme::colour(is_cut ? Role::Bad : Role::Accent));
        painter.drawRect(
            QRectF(area.left() + first * token_width, area.bottom() - tall, std::max(1.0, shown.width * token_width - 1.0), tall));
    }
    const int token_step = round_step(end / 8.0);
    painter.setPen(Theme::colour(Role::Muted));
    for (int tokens = 0; tokens <= end; tokens += token_step) {
        const double x = area.left() + tokens * token_width;
        painter.drawText(QRectF(x - 40, area.bottom() + 4, 80, 16), Qt::AlignHCenter | Qt::AlignTop, count_text(tokens));
    }
    const double line_x = area.left() + m_limit * token_width;
    const bool in_sight = m_limit <= end;
    painter.setPen(QPen(Theme::colour(Role::Bad), 1.5, Qt::DashLine));
    if (in_sight) painter.drawLine(QPointF(line_x, area.top() - 4), QPointF(line_x, area.bottom()));
    painter.setPen(Theme::colour(Role::Bad));
    const QString caption = in_sight ? tr("cut at %1").arg(count_text(m_limit)) : tr("cut at %1 →").arg(count_text(m_limit));
    const double caption_width = painter.fontMetrics().horizontalAdvance(caption) + 8;
    const double caption_x =
        in_sight ? std::clamp(line_x - caption_width / 2, area.left(), area.right() - caption_width) : area.right() - caption_width;
    painter.drawText(QRectF(caption_x, 0, caption_width, 16), Qt::AlignCenter, caption);
}

void LengthHistogram::drag_to(double x) {
    if (m_lengths.empty()) return;
    const double tokens = (x - plot().left()) / plot().width() * axis_end(bins());
    set_limit(std::max(1, static_cast<int>(std::lround(tokens))));
    Q_EMIT limit_dragged(m_limit);
}

void LengthHistogram::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) drag_to(event->position().x());
}

void LengthHistogram::mouseMoveEvent(QMouseEvent* event) {
    setCursor(plot().contains(event->position()) && !m_lengths.empty() ? Qt::SplitHCursor : Qt::ArrowCursor);
    if (event->buttons() & Qt::LeftButton) drag_to(event->position().x());
}

bool LengthHistogram::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || m_lengths.empty()) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const Bins shown = bins();
    const double tokens = (help->pos().x() - plot().left()) / plot().width() * axis_end(shown);
    const int bin = static_cast<int>(std::floor(tokens / shown.width));
    if (bin < 0 || static_cast<std::size_t>(bin) >= shown.counts.size()) {
        QToolTip::hideText();
        return true;
    }
    QToolTip::showText(help->globalPos(),
                       tr("%1 to %2 tokens: %3")
                           .arg(bin * shown.width)
                           .arg((bin + 1) * shown.width - 1)
                           .arg(counted(shown.counts[static_cast<std::size_t>(bin)], tr("1 row"), tr("%1 rows"))),
                       this);
    return true;
}

void LengthHistogram::choose_file() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the picture"), QStringLiteral("lengths.svg"),
                                                      tr("SVG (*.svg);;PNG (*.png);;CSV (*.csv)"));
    if (!path.isEmpty()) save_as(path);
}

void LengthHistogram::save_as(const QString& path) {
    if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
        QString text = QStringLiteral("tokens\r\n");
        for (const int length : m_lengths) text += QString::number(length) + QStringLiteral("\r\n");
        const Status written = write_file_atomically(path.toStdString(), text.toStdString());
        if (!written) QToolTip::showText(mapToGlobal(QPoint(0, 0)), QString::fromStdString(describe(written.error())), this);
    } else if (path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)) {
        if (!grab().save(path)) QToolTip::showText(mapToGlobal(QPoint(0, 0)), tr("%1 cannot be written.").arg(path), this);
    } else {
        QSvgGenerator picture;
        picture.setFileName(path);
        picture.setSize(size());
        picture.setViewBox(rect());
        picture.setTitle(accessibleName());
        QPainter painter(&picture);
        draw(painter);
    }
}

}  // namespace lossmith::ui

#include "moc_LengthHistogram.cpp"
