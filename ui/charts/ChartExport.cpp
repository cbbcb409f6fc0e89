// A chart as a file: PNG at twice the size on screen, SVG, and its points as CSV.
#include <QBuffer>
#include <QFileDialog>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "core/base/Files.h"
#include "ui/charts/CurveChart.h"
#include "ui/charts/CurveChartParts.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

constexpr int margin = 14;

QString quoted(const QString& cell) {
    static const QRegularExpression special(QStringLiteral("[\",\r\n]"));
    if (!cell.contains(special)) return cell;
    return QLatin1Char('"') + QString(cell).replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

QString number(double value) {
    return std::isnan(value) ? QStringLiteral("nan") : QString::number(value, 'g', 17);
}

Status write(const QString& path, const QByteArray& bytes) {
    return write_file_atomically(std::filesystem::path(path.toStdString()),
                                 std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

}  // namespace

void CurveChart::paint_all(QCPPainter& painter, const QSize& size) {
    QFont bold = font();
    bold.setBold(true);
    const int line = QFontMetrics(bold).height() + 6;
    painter.fillRect(QRect(QPoint(0, 0), size), Theme::colour(Role::Panel));
    painter.setFont(bold);
    painter.setPen(Theme::colour(Role::Text));
    painter.drawText(QRect(margin, margin, size.width() - 2 * margin, line), Qt::AlignLeft | Qt::AlignTop, m_parts->heading);

    m_parts->crosshair->hide();
    painter.save();
    painter.translate(margin, margin + line);
    m_parts->plot->toPainter(&painter, size.width() - 2 * margin, size.height() - 2 * margin - 2 * line);
    painter.restore();

    int x = margin;
    const int y = size.height() - margin - line;
    painter.setFont(font());
    for (const auto& curve : m_parts->curves) {
        if (!curve->spec().visible) continue;
        const auto last = curve->last();
        const QString text = curve->spec().label + (last ? QLatin1Char(' ') + value_text(last->y(), m_parts->format) : QString());
        QPen pen(colour_of(curve->spec().colour), 2.0);
        if (curve->spec().dashed) pen.setDashPattern({3.0, 2.0});
        painter.setPen(pen);
        painter.drawLine(QPointF(x, y + line / 2.0), QPointF(x + 18, y + line / 2.0));
        painter.setPen(Theme::colour(Role::Text));
        painter.drawText(QRect(x + 24, y, size.width(), line), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += 24 + QFontMetrics(font()).horizontalAdvance(text) + 20;
    }
}

Status CurveChart::export_png(const QString& path) {
    draw_now();
    const QSize size = this->size().expandedTo(sizeHint());
    QImage image(size * 2, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(2.0);
    {
        QCPPainter painter(&image);
        paint_all(painter, size);
    }
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    if (!image.save(&bytes, "PNG")) return failure(Error::internal("The chart could not be encoded as PNG."));
    return write(path, bytes.data());
}

Status CurveChart::export_svg(const QString& path) {
    draw_now();
    const QSize size = this->size().expandedTo(sizeHint());
    QBuffer bytes;
    bytes.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&bytes);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(0, 0), size));
    generator.setTitle(m_parts->heading);
    {
        QCPPainter painter;
        if (!painter.begin(&generator)) return failure(Error::internal("The chart could not be drawn as SVG."));
        painter.setMode(QCPPainter::pmVectorized);
        paint_all(painter, size);
    }
    return write(path, bytes.data());
}

QString CurveChart::as_csv() const {
    std::vector<const CurveSeries*> shown;
    QStringList heading{quoted(m_parts->x_name)};
    for (const auto& curve : m_parts->curves) {
        if (!curve->spec().visible) continue;
        shown.push_back(curve.get());
        heading.append(quoted(curve->spec().name));
    }
    // All curves are sorted by x: walk them together.
    std::vector<QCPGraphDataContainer::const_iterator> at;
    for (const CurveSeries* curve : shown) at.push_back(curve->points().constBegin());
    QString text = heading.join(QLatin1Char(',')) + QStringLiteral("\r\n");
    for (;;) {
        std::optional<double> x;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            if (at[i] != shown[i]->points().constEnd()) x = std::min(x.value_or(at[i]->key), at[i]->key);
        }
        if (!x) return text;
        text += number(*x);
        for (std::size_t i = 0; i < shown.size(); ++i) {
            text += QLatin1Char(',');
            if (at[i] != shown[i]->points().constEnd() && at[i]->key == *x) text += number((at[i]++)->value);
        }
        text += QStringLiteral("\r\n");
    }
}

Status CurveChart::export_csv(const QString& path) {
    return write(path, as_csv().toUtf8());
}

void CurveChart::choose_file(const QString& caption, const QString& suffix, Status (CurveChart::*write_file)(const QString&)) {
    auto* dialog = new QFileDialog(this, caption);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->setNameFilter(QStringLiteral("%1 (*.%2)").arg(suffix.toUpper(), suffix));
    dialog->selectFile(m_parts->heading.toLower().replace(QLatin1Char(' '), QLatin1Char('-')) + QLatin1Char('.') + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this, write_file](const QString& path) {
        const Status written = (this->*write_file)(path);
        if (written)
            Q_EMIT exported(path);
        else
            Q_EMIT export_failed(written.error());
    });
    dialog->open();
}

}  // namespace lossmith::ui
