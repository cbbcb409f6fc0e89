// Numbers as charts write them, on axes, in legends and under the pointer.
#include "ui/charts/ChartText.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/widgets/Format.h"

namespace lossmith::ui {
namespace {

QString without_trailing_zeros(QString text) {
    if (!text.contains(QLatin1Char('.'))) return text;
    while (text.endsWith(QLatin1Char('0'))) text.chop(1);
    if (text.endsWith(QLatin1Char('.'))) text.chop(1);
    return text;
}

/// "5e-5" rather than "5e-05".
QString exponent_text(double value, int digits) {
    const QString text = QString::number(value, 'e', digits);
    const auto at = text.indexOf(QLatin1Char('e'));
    const QString mantissa = without_trailing_zeros(text.left(at));
    return mantissa + QLatin1Char('e') + QString::number(text.mid(at + 1).toInt());
}

int decimals_for(double step) {
    return step > 0.0 ? std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 8) : 2;
}

QString bytes_with_decimals(double value, double step) {
    const double magnitude = std::max(std::abs(value), step);
    const double unit = magnitude >= 1e9 ? 1e9 : magnitude >= 1e6 ? 1e6 : magnitude >= 1e3 ? 1e3 : 1.0;
    const QString name = unit == 1e9   ? QStringLiteral("GB")
                         : unit == 1e6 ? QStringLiteral("MB")
                         : unit == 1e3 ? QStringLiteral("kB")
                                       : QStringLiteral("B");
    const QString number = step > 0.0 ? QString::number(value / unit, 'f', std::min(decimals_for(step / unit), 3))
                                      : without_trailing_zeros(QString::number(value / unit, 'g', 3));
    return number + QChar(QChar::Nbsp) + name;
}

}  // namespace

QString tick_text(double value, ValueFormat format, double step) {
    if (value == 0.0) return QStringLiteral("0");
    if (format == ValueFormat::Bytes) return bytes_with_decimals(value, step);
    if (std::abs(value) < 1e-3 || std::abs(value) >= 1e6) return exponent_text(value, step > 0.0 && std::abs(value) / step < 90 ? 1 : 2);
    return QLocale(QLocale::English).toString(value, 'f', step > 0.0 ? decimals_for(step) : (std::abs(value) < 1 ? 3 : 0));
}

QString value_text(double value, ValueFormat format) {
    if (std::isnan(value)) return QCoreApplication::translate("ChartText", "not a number");
    if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    if (format == ValueFormat::Bytes) return bytes_text(static_cast<std::int64_t>(value));
    const double size = std::abs(value);
    if (value == 0.0) return QStringLiteral("0");
    if (size < 1e-3 || size >= 1e7) return exponent_text(value, 2);
    if (format == ValueFormat::Count || size >= 1000) return QLocale(QLocale::English).toString(value, 'f', 0);
    if (format == ValueFormat::Rate) return without_trailing_zeros(QString::number(value, 'f', 6));
    return QString::number(value, 'f', size < 0.1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1);
}

}  // namespace lossmith::ui
