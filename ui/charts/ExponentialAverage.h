// An exponential moving average that is right from its first value on, and takes one value at a time.
#pragma once

#include <cmath>

namespace lossmith::ui {

/// y_n = (w·s_{n-1} + (1 - w)·x_n) / (1 - w^n): without the division the average would start near zero
/// (the bias correction of Adam: Kingma & Ba 2015, section 3).
class ExponentialAverage {
public:
    explicit ExponentialAverage(double weight = 0.9) : m_weight(weight) {}

    /// The average after `value`. A value that is not finite leaves the average as it was.
    double add(double value) {
        if (!std::isfinite(value)) return m_average;
        m_sum = m_weight * m_sum + (1.0 - m_weight) * value;
        m_decay *= m_weight;
        m_average = m_sum / (1.0 - m_decay);
        return m_average;
    }

private:
    double m_weight;
    double m_sum = 0.0;
    double m_decay = 1.0;
    double m_average = 0.0;
};

}  // namespace lossmith::ui
