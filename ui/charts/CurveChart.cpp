// A chart of curves that grow: its curves, what part of them it shows, and how it looks.
#include "ui/charts/CurveChart.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QShowEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/AxisTickers.h"
#include "ui/charts/CurveChartParts.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

constexpr int milliseconds_between_draws = 33;

/// Room above and below the values; from zero where the values come near it, so that heights can be compared.
QCPRange padded(QCPRange range) {
    if (range.size() <= 0.0) {
        const double room = range.lower == 0.0 ? 1.0 : std::abs(range.lower) * 0.2;
        return {range.lower - room, range.upper + room};
    }
    const double size = range.size();
    const bool from_zero = range.lower >= 0.0 && range.lower < 0.5 * range.upper;
    return {from_zero ? 0.0 : range.lower - 0.08 * size, range.upper + 0.06 * size};
}

QCPRange padded_logarithmically(QCPRange range) {
    const double room = std::max(1.1, std::pow(range.upper / range.lower, 0.05));
    return {range.lower / room, range.upper * room};
}

void widen(std::optional<QCPRange>& range, const std::optional<QCPRange>& other) {
    if (!other) return;
    if (range)
        range->expand(*other);
    else
        range = other;
}

}  // namespace

CurveChart::CurveChart(const QString& heading, Kind kind, QWidget* parent) : Card(heading, parent), m_parts(std::make_unique<Parts>()) {
    m_parts->kind = kind;
    m_parts->heading = heading;
    m_parts->x_name = tr("step");
    build();
}

CurveChart::~CurveChart() = default;

void CurveChart::build() {
    Parts& parts = *m_parts;
    parts.plot = new QCustomPlot(this);
    parts.plot->setFocusPolicy(Qt::NoFocus);
    parts.plot->setMouseTracking(true);
    parts.plot->installEventFilter(this);
    parts.plot->setPlottingHint(QCP::phFastPolylines, true);
    parts.plot->setInteraction(QCP::iRangeDrag, true);
    parts.plot->setNoAntialiasingOnDrag(false);
    parts.plot->axisRect()->setMinimumMargins(QMargins(30, 6, 8, 18));
    parts.plot->xAxis->grid()->setVisible(false);
    parts.plot->xAxis->setTicker(step_ticker(parts.kind == Kind::Full ? 6 : 4));
    parts.plot->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    parts.crosshair = new Crosshair(parts.plot);

    parts.toggle_row = new QWidget(this);
    auto* toggles = new QHBoxLayout(parts.toggle_row);
    toggles->setContentsMargins(0, 0, 0, 0);
    toggles->setSpacing(6);
    header()->addWidget(parts.toggle_row);
    parts.legend = new QLabel(this);
    parts.legend->setTextFormat(Qt::RichText);
    if (parts.kind == Kind::Full) {
        parts.log_toggle = new Chip(tr("log"), this);
        parts.log_toggle->setCheckable(true);
        parts.log_toggle->setToolTip(tr("Logarithmic vertical axis"));
        connect(parts.log_toggle, &Chip::toggled, this, &CurveChart::set_log_scale);
        header()->addWidget(parts.log_toggle);
    } else {
        header()->addWidget(parts.legend);
    }
    body()->addWidget(parts.plot, 1);
    if (parts.kind == Kind::Full) {
        auto* below = new QHBoxLayout;
        parts.legend->setWordWrap(true);
        parts.footnote = new QLabel(this);
        below->addWidget(parts.legend, 1);
        below->addWidget(parts.footnote, 0, Qt::AlignTop);
        body()->addLayout(below);
    }
    parts.refresh.setSingleShot(true);
    parts.refresh.setInterval(milliseconds_between_draws);
    connect(&parts.refresh, &QTimer::timeout, this, &CurveChart::refresh);
    for (const QCPAxis* axis : {parts.plot->xAxis, parts.plot->yAxis}) {
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this, [this](const QCPRange&) {
            if (!m_parts->fitting) user_took_the_view();
        });
    }
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Chart: %1").arg(parts.heading));
    apply_log_scale();
    dress();
    fit();
}

void CurveChart::dress() {
    QCustomPlot& plot = *m_parts->plot;
    plot.setBackground(QBrush(Theme::colour(Role::Panel)));
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() * 0.86));
    plot.setFont(small);
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
        axis->setNumberFormat(QStringLiteral("g"));  // our labels as they are, without typeset powers
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(Theme::colour(Role::Muted));
        axis->setTickLabelFont(small);
        axis->setTickLabelPadding(6);
        axis->grid()->setPen(QPen(Theme::colour(Role::Border), 1.0));
        axis->grid()->setZeroLinePen(QPen(Theme::colour(Role::Border), 1.0));
        axis->grid()->setAntialiased(false);
    }
    for (const auto& curve : m_parts->curves) curve->dress();
    update_legend();
    queue_draw();
}

void CurveChart::set_value_format(ValueFormat format) {
    m_parts->format = format;
    apply_log_scale();
}

void CurveChart::set_x_name(const QString& name) {
    m_parts->x_name = name;
}

void CurveChart::set_expected_end(double x) {
    if (m_parts->expected_end == x) return;
    m_parts->expected_end = x;
    queue_draw();
}

void CurveChart::set_footnote(const QString& text) {
    if (m_parts->footnote) m_parts->footnote->setText(text);
}

void CurveChart::add_curve(const CurveSpec& spec) {
    auto fresh = std::make_unique<CurveSeries>(*m_parts->plot, spec, m_parts->smoothing);
    const auto same = std::ranges::find_if(m_parts->curves, [&](const auto& curve) { return curve->spec().name == spec.name; });
    if (same != m_parts->curves.end()) {
        std::vector<QPointF> points;
        for (auto point = (*same)->points().constBegin(); point != (*same)->points().constEnd(); ++point) {
            points.emplace_back(point->key, point->value);
        }
        fresh->append(points);
        *same = std::move(fresh);
    } else {
        m_parts->curves.push_back(std::move(fresh));
    }
    update_toggles();
    queue_draw();
}

void CurveChart::remove_curve(const QString& name) {
    std::erase_if(m_parts->curves, [&](const auto& curve) { return curve->spec().name == name; });
    update_toggles();
    queue_draw();
}

void CurveChart::remove_curves() {
    m_parts->curves.clear();
    m_parts->crosshair->hide();
    update_toggles();
    show_all();
}

bool CurveChart::has_curve(const QString& name) const {
    return m_parts->find(name) != nullptr;
}

QStringList CurveChart::curves() const {
    QStringList names;
    for (const auto& curve : m_parts->curves) names.append(curve->spec().name);
    return names;
}

void CurveChart::append(const QString& name, std::span<const QPointF> points) {
    if (CurveSeries* curve = m_parts->find(name)) {
        curve->append(points);
        queue_draw();
    }
}

void CurveChart::clear_points() {
    for (const auto& curve : m_parts->curves) curve->clear();
    m_parts->crosshair->hide();
    show_all();
}

void CurveChart::set_curve_visible(const QString& name, bool visible) {
    if (CurveSeries* curve = m_parts->find(name)) {
        curve->set_visible(visible);
        update_toggles();
        queue_draw();
    }
}

bool CurveChart::is_curve_visible(const QString& name) const {
    const CurveSeries* curve = m_parts->find(name);
    return curve && curve->spec().visible;
}

void CurveChart::set_log_scale(bool on) {
    if (m_parts->log_scale == on) return;
    m_parts->log_scale = on;
    if (m_parts->log_toggle) m_parts->log_toggle->setChecked(on);
    apply_log_scale();
    show_all();
}

bool CurveChart::log_scale() const {
    return m_parts->log_scale;
}

void CurveChart::apply_log_scale() {
    QCPAxis& axis = *m_parts->plot->yAxis;
    m_parts->fitting = true;
    axis.setScaleType(m_parts->log_scale ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis.setTicker(m_parts->log_scale ? logarithmic_ticker(m_parts->format)
                                      : linear_ticker(m_parts->format, m_parts->kind == Kind::Full ? 5 : 4));
    m_parts->fitting = false;
    queue_draw();
}

void CurveChart::set_smoothing(double weight) {
    m_parts->smoothing = std::clamp(weight, 0.0, 0.9999);
    for (const auto& curve : m_parts->curves) curve->set_smoothing(m_parts->smoothing);
    queue_draw();
}

double CurveChart::smoothing() const {
    return m_parts->smoothing;
}

qsizetype CurveChart::point_count(const QString& name) const {
    const CurveSeries* curve = m_parts->find(name);
    return curve ? curve->size() : 0;
}

std::optional<QPointF> CurveChart::last_point(const QString& name) const {
    const CurveSeries* curve = m_parts->find(name);
    return curve ? curve->last() : std::nullopt;
}

std::pair<double, double> CurveChart::x_range() const {
    return {m_parts->plot->xAxis->range().lower, m_parts->plot->xAxis->range().upper};
}

std::pair<double, double> CurveChart::y_range() const {
    return {m_parts->plot->yAxis->range().lower, m_parts->plot->yAxis->range().upper};
}

bool CurveChart::is_following() const {
    return m_parts->following;
}

void CurveChart::show_all() {
    m_parts->following = true;
    fit();
    queue_draw();
    Q_EMIT view_changed();
}

void CurveChart::user_took_the_view() {
    m_parts->following = false;
    Q_EMIT view_changed();
}

void CurveChart::fit() {
    std::optional<QCPRange> x;
    std::optional<QCPRange> y;
    for (const auto& curve : m_parts->curves) {
        if (!curve->spec().visible) continue;
        widen(x, curve->x_range());
        widen(y, m_parts->log_scale ? curve->positive_y_range() : curve->y_range());
    }
    QCPRange across = x.value_or(QCPRange(0.0, 1.0));
    across.upper = std::max({across.upper, m_parts->expected_end, across.lower + 1.0});
    if (across.lower > 0.0 && across.lower < 0.05 * across.upper) across.lower = 0.0;
    m_parts->fitting = true;
    m_parts->plot->xAxis->setRange(across);
    if (m_parts->log_scale)
        m_parts->plot->yAxis->setRange(padded_logarithmically(y.value_or(QCPRange(0.1, 10.0))));
    else
        m_parts->plot->yAxis->setRange(y ? padded(*y) : QCPRange(0.0, 1.0));
    m_parts->fitting = false;
}

void CurveChart::queue_draw() {
    if (isVisible() && !m_parts->refresh.isActive()) m_parts->refresh.start();
}

void CurveChart::refresh() {
    if (m_parts->following) fit();
    update_legend();
    m_parts->plot->replot(QCustomPlot::rpImmediateRefresh);
}

double CurveChart::draw_now() {
    m_parts->refresh.stop();
    refresh();
    return m_parts->plot->replotTime();
}

void CurveChart::changeEvent(QEvent* event) {
    Card::changeEvent(event);
    // The base class may send these while this object is still being made.
    if (!m_parts || !m_parts->plot) return;
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) dress();
}

void CurveChart::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    queue_draw();
}

QSize CurveChart::sizeHint() const {
    return m_parts->kind == Kind::Full ? QSize(640, 300) : QSize(260, 150);
}
QSize CurveChart::minimumSizeHint() const {
    return m_parts->kind == Kind::Full ? QSize(320, 200) : QSize(150, 110);
}

}  // namespace lossmith::ui

#include "moc_CurveChart.cpp"
