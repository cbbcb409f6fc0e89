#include "ui/logits/ColourScale.h"

#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

/// matplotlib's viridis (Smith and van der Walt, CC0) at nine places; even in lightness, told apart by those who see few colours.
constexpr std::array<QRgb, 9> viridis{0xFF440154, 0xFF472D7B, 0xFF3B528B, 0xFF2C728E, 0xFF21918C,
                                      0xFF28AE80, 0xFF5EC962, 0xFFADDC30, 0xFFFDE725};

QColor mixed(const QColor& one, const QColor& other, double share) {
    const auto part = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {part(one.red(), other.red()), part(one.green(), other.green()), part(one.blue(), other.blue())};
}

QColor viridis_at(double position) {
    const double at = position * (viridis.size() - 1);
    const auto before = static_cast<std::size_t>(std::min(at, static_cast<double>(viridis.size() - 2)));
    return mixed(QColor(viridis[before]), QColor(viridis[before + 1]), at - static_cast<double>(before));
}

/// WCAG's relative luminance.
double luminance(const QColor& colour) {
    const auto linear = [](double part) { return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

constexpr int bar_width = 110;
constexpr int bar_height = 8;

}  // namespace

QColor ink_on(const QColor& ground) {
    // Of black and white one always has a contrast of 4.5 or more, which WCAG asks for; of anything softer not.
    constexpr double flare = 0.05;
    const double of_ground = luminance(ground) + flare;
    return of_ground / flare > (1 + flare) / of_ground ? QColor(Qt::black) : QColor(Qt::white);
}

ColourScale scale_around_zero(ColourScale::Kind kind, double largest) {
    const double end = largest > 0 && std::isfinite(largest) ? largest : 1.0;
    return {kind, -end, end, false};
}

double ColourScale::position(double value) const {
    if (std::isnan(value)) return 0.0;
    const auto scaled = [this](double number) { return logarithmic ? std::log(std::max(number, 1e-300)) : number; };
    const double span = scaled(high) - scaled(low);
    if (span == 0) return 0.0;
    return std::clamp((scaled(value) - scaled(low)) / span, 0.0, 1.0);
}

QColor ColourScale::ground_at(double position) const {
    if (kind == Kind::Sequential) return viridis_at(position);
    const double side = 2 * position - 1;
    const Role towards = kind == Kind::Change ? (side < 0 ? Role::Base : Role::Tuned) : (side < 0 ? Role::Accent : Role::Bad);
    constexpr double strongest = 0.72;
    return mixed(Theme::colour(Role::Panel), Theme::colour(towards), strongest * std::abs(side));
}

QColor ColourScale::ground(double value) const {
    return ground_at(position(value));
}

QColor ColourScale::ink(double value) const {
    return ink_on(ground(value));
}

ScaleLegend::ScaleLegend(QWidget* parent) : QWidget(parent) {
    QFont small = font();
    small.setPixelSize(11);
    setFont(small);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void ScaleLegend::set_scale(const ColourScale& scale, const QString& low, const QString& high) {
    m_scale = scale;
    m_low = low;
    m_high = high;
    setAccessibleName(tr("Colours from %1 to %2").arg(low, high));
    setToolTip(accessibleName());
    updateGeometry();
    update();
}

QSize ScaleLegend::sizeHint() const {
    const QFontMetrics metrics(font());
    return {metrics.horizontalAdvance(m_low) + metrics.horizontalAdvance(m_high) + bar_width + 12, metrics.height() + 4};
}

void ScaleLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int words = fontMetrics().horizontalAdvance(m_low);
    const QRectF bar(words + 6, (height() - bar_height) / 2.0, bar_width, bar_height);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    constexpr int stops = 16;
    for (int i = 0; i <= stops; ++i) gradient.setColorAt(i / double(stops), m_scale.ground_at(i / double(stops)));
    painter.setPen(QPen(Theme::colour(Role::Border)));
    painter.setBrush(gradient);
    painter.drawRoundedRect(bar, 2, 2);
    painter.setPen(Theme::colour(Role::Muted));
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, m_low);
    painter.drawText(rect(), Qt::AlignRight | Qt::AlignVCenter, m_high);
}

}  // namespace lossmith::ui

#include "moc_ColourScale.cpp"
