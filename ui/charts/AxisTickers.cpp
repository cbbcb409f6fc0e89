// Axis labels in this program's words, on linear and logarithmic axes.
#include "ui/charts/AxisTickers.h"

#include <algorithm>
#include <cmath>

namespace lossmith::ui {
namespace {

class LinearTicker : public QCPAxisTicker {
public:
    LinearTicker(ValueFormat format, int ticks) : m_format(format) { setTickCount(ticks); }

protected:
    double getTickStep(const QCPRange& range) override { return m_step = QCPAxisTicker::getTickStep(range); }
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        // The ticker makes multiples of the step; what is left over near zero is rounding.
        return tick_text(std::abs(tick) < m_step * 1e-6 ? 0.0 : tick, m_format, m_step);
    }

private:
    ValueFormat m_format;
    double m_step = 0.0;
};

class StepTicker : public LinearTicker {
public:
    explicit StepTicker(int ticks) : LinearTicker(ValueFormat::Count, ticks) {}

protected:
    double getTickStep(const QCPRange& range) override {
        return m_whole = std::max(1.0, std::ceil(LinearTicker::getTickStep(range) - 1e-9));
    }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return QLocale(QLocale::English).toString(static_cast<qlonglong>(std::llround(tick)));
    }

private:
    double m_whole = 1.0;
};

/// Powers of ten, and 2 and 5 times them where less than two decades are shown: losses seldom span more.
class LogarithmicTicker : public QCPAxisTicker {
public:
    explicit LogarithmicTicker(ValueFormat format) : m_format(format) {}

    void generate(const QCPRange& range, const QLocale&, QChar, int, QVector<double>& ticks, QVector<double>* sub_ticks,
                  QVector<QString>* labels) override {
        ticks.clear();
        if (sub_ticks) sub_ticks->clear();
        if (labels) labels->clear();
        if (range.lower <= 0.0 || range.upper <= range.lower) return;
        const double decades = std::log10(range.upper / range.lower);
        const int first = static_cast<int>(std::floor(std::log10(range.lower)));
        const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
        const int stride = std::max(1, (last - first) / 8);
        for (int power = first; power <= last; power += stride) {
            for (const double factor : {1.0, 2.0, 5.0}) {
                if (factor > 1.0 && decades > 2.2) break;
                const double tick = factor * std::pow(10.0, power);
                if (tick < range.lower * (1 - 1e-9) || tick > range.upper * (1 + 1e-9)) continue;
                ticks.append(tick);
                if (labels) labels->append(label_of(tick));
            }
        }
    }

private:
    [[nodiscard]] QString label_of(double tick) const {
        if (m_format == ValueFormat::Bytes) return tick_text(tick, m_format);
        if (tick < 1e-3 || tick >= 1e6) return tick_text(tick, m_format);
        return tick_text(tick, m_format, tick);
    }

    ValueFormat m_format;
};

}  // namespace

QSharedPointer<QCPAxisTicker> linear_ticker(ValueFormat format, int ticks) {
    return QSharedPointer<LinearTicker>::create(format, ticks);
}
QSharedPointer<QCPAxisTicker> logarithmic_ticker(ValueFormat format) {
    return QSharedPointer<LogarithmicTicker>::create(format);
}
QSharedPointer<QCPAxisTicker> step_ticker(int ticks) {
    return QSharedPointer<StepTicker>::create(ticks);
}

}  // namespace lossmith::ui
