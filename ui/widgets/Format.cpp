// Numbers, times and texts as people read them.
#include "ui/widgets/Format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <cmath>

namespace lossmith::ui {

namespace {
QString translated(const char* text) {
    return QCoreApplication::translate("lossmith::ui::Format", text);
}
}  // namespace

QString count_text(std::int64_t count) {
    QLocale english(QLocale::English);
    return english.toString(static_cast<qlonglong>(count));
}

QString counted(std::int64_t count, const QString& one, const QString& many) {
    return count == 1 ? one : many.arg(count_text(count));
}

QString duration_text(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0) return QStringLiteral("–");
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 60) return translated("%1 s").arg(whole);
    if (whole < 3600) return translated("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return translated("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

QString bytes_text(std::int64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value < 1e3) return translated("%1 B").arg(bytes);
    if (value < 1e6) return translated("%1 kB").arg(value / 1e3, 0, 'f', value < 1e4 ? 1 : 0);
    if (value < 1e9) return translated("%1 MB").arg(value / 1e6, 0, 'f', value < 1e7 ? 1 : 0);
    return translated("%1 GB").arg(value / 1e9, 0, 'f', value < 1e10 ? 2 : 1);
}

QString share_text(double share) {
    if (!std::isfinite(share)) return QStringLiteral("–");
    const double percent = share * 100.0;
    const bool nearly_nothing = percent > 0.0 && percent < 1.0;
    return translated("%1 %").arg(percent, 0, 'f', nearly_nothing ? 1 : 0);
}

QString time_text(const QString& iso) {
    QDateTime moment = QDateTime::fromString(iso, Qt::ISODateWithMs);
    if (!moment.isValid()) return iso;
    if (moment.timeSpec() == Qt::LocalTime) moment = QDateTime::fromString(iso + QLatin1Char('Z'), Qt::ISODateWithMs);
    moment = moment.toLocalTime();
    if (moment.date() == QDate::currentDate()) return moment.toString(QStringLiteral("HH:mm:ss"));
    return QLocale(QLocale::English).toString(moment, QStringLiteral("d MMM HH:mm"));
}

QString words_of_name(const std::string& name) {
    return QString::fromStdString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString one_line(const QString& text, qsizetype length) {
    QString line = text.left(length);
    line.replace(QLatin1String("\r\n"), QStringLiteral("⏎"));
    line.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
    line.replace(QLatin1Char('\r'), QStringLiteral("⏎"));
    line.replace(QLatin1Char('\t'), QStringLiteral("⇥"));
    if (text.size() > length) line += QStringLiteral("…");
    return line;
}

}  // namespace lossmith::ui
