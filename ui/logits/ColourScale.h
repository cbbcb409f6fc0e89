// From a value to the colour of its ground and of the text on it.
#pragma once

#include <QColor>
#include <QWidget>

namespace lossmith::ui {

struct ColourScale {
    enum class Kind {
        Sequential,  ///< viridis, from dark at `low` to bright at `high`; `low` may be the larger number
        Change,      ///< around 0: violet where the base has more, teal where the tuned has
        Pull,        ///< around 0: the colour of errors for what raises the loss, the accent for what lowers it
    };
    Kind kind = Kind::Sequential;
    double low = 0.0, high = 1.0;
    bool logarithmic = false;  ///< of a Sequential scale whose ends are above 0

    /// 0 at `low`, 1 at `high`, and nothing outside.
    [[nodiscard]] double position(double value) const;
    [[nodiscard]] QColor ground(double value) const;
    /// What reads on it: dark or light, whichever contrasts more.
    [[nodiscard]] QColor ink(double value) const;

    [[nodiscard]] QColor ground_at(double position) const;
};

/// Around 0, as far as the largest amount goes.
[[nodiscard]] ColourScale scale_around_zero(ColourScale::Kind kind, double largest);

/// Dark or light text, whichever contrasts more with this ground.
[[nodiscard]] QColor ink_on(const QColor& ground);

/// A bar with the scale's colours and what stands at its ends.
class ScaleLegend : public QWidget {
    Q_OBJECT

public:
    explicit ScaleLegend(QWidget* parent = nullptr);

    void set_scale(const ColourScale& scale, const QString& low, const QString& high);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ColourScale m_scale;
    QString m_low, m_high;
};

}  // namespace lossmith::ui
