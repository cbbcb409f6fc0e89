// The curves of a run: loss large, the rest small below it.
#include "ui/train/RunCurves.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <vector>

#include "core/base/Error.h"
#include "ui/charts/CurveSpec.h"
#include "ui/train/RunWatcher.h"
#include "ui/widgets/Chip.h"

namespace lossmith::ui {
namespace {

constexpr double smooth_weight = 0.95;
constexpr CurveColour part_colours[] = {CurveColour::Slate, CurveColour::Teal, CurveColour::Rose, CurveColour::Sky, CurveColour::Green};

CurveSpec curve(const QString& name, const QString& label, CurveColour colour) {
    CurveSpec spec;
    spec.name = name;
    spec.label = label;
    spec.colour = colour;
    return spec;
}

}  // namespace

RunCurves::RunCurves(QWidget* parent)
    : QWidget(parent),
      m_loss(new CurveChart(tr("Loss"))),
      m_rate(new CurveChart(tr("Learning rate"), CurveChart::Kind::Compact)),
      m_norm(new CurveChart(tr("Gradient norm"), CurveChart::Kind::Compact)),
      m_speed(new CurveChart(tr("Tokens a second"), CurveChart::Kind::Compact)),
      m_memory(new CurveChart(tr("Memory"), CurveChart::Kind::Compact)) {
    m_loss->setObjectName(QStringLiteral("loss_chart"));
    auto* smooth = new Chip(tr("smooth"));
    smooth->setCheckable(true);
    smooth->setToolTip(tr("Shows the moving average of the curves over about twenty points"));
    connect(smooth, &Chip::toggled, m_loss, [this](bool on) { m_loss->set_smoothing(on ? smooth_weight : 0.0); });
    m_loss->header()->addWidget(smooth);

    m_loss->add_curve(curve(QStringLiteral("train/loss"), tr("train"), CurveColour::Blue));
    CurveSpec validation = curve(QStringLiteral("validation/loss"), tr("validation"), CurveColour::Amber);
    validation.marked = true;
    m_loss->add_curve(validation);
    m_rate->set_value_format(ValueFormat::Rate);
    m_rate->add_curve(curve(QStringLiteral("learning_rate"), tr("learning rate"), CurveColour::Blue));
    m_norm->add_curve(curve(QStringLiteral("gradient_norm"), tr("gradient norm"), CurveColour::Blue));
    m_speed->set_value_format(ValueFormat::Count);
    m_speed->add_curve(curve(QStringLiteral("tokens_per_second"), tr("tokens a second"), CurveColour::Blue));
    m_memory->set_value_format(ValueFormat::Bytes);
    m_memory->add_curve(curve(QStringLiteral("memory_bytes"), tr("memory"), CurveColour::Blue));

    auto* small = new QHBoxLayout;
    small->setSpacing(12);
    for (CurveChart* chart : {m_rate, m_norm, m_speed, m_memory}) small->addWidget(chart, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_loss, 3);
    layout->addLayout(small, 2);
    for (CurveChart* chart : {m_loss, m_rate, m_norm, m_speed, m_memory}) {
        connect(chart, &CurveChart::exported, this, [this](const QString& path) { Q_EMIT message(tr("Saved %1").arg(path)); });
        connect(chart, &CurveChart::export_failed, this,
                [this](const Error& error) { Q_EMIT message(QString::fromStdString(describe(error))); });
    }
}

CurveChart* RunCurves::chart_of(const std::string& metric) const {
    if (metric == "train/loss" || metric == "validation/loss" || metric.starts_with("loss/")) return m_loss;
    if (metric == "learning_rate") return m_rate;
    if (metric == "gradient_norm") return m_norm;
    if (metric == "tokens_per_second") return m_speed;
    if (metric == "memory_bytes") return m_memory;
    return nullptr;
}

void RunCurves::add_part(const QString& name) {
    CurveSpec spec = curve(name, name.mid(5), part_colours[static_cast<std::size_t>(m_parts++) % std::size(part_colours)]);
    spec.dashed = true;
    spec.group = tr("parts");
    m_loss->add_curve(spec);
}

void RunCurves::take(const RunNews& news) {
    if (news.from_the_start) {
        for (const QString& name : m_loss->curves()) {
            if (name.startsWith(QStringLiteral("loss/"))) m_loss->remove_curve(name);
        }
        m_parts = 0;
        for (CurveChart* chart : {m_loss, m_rate, m_norm, m_speed, m_memory}) chart->clear_points();
    }
    const auto expected = static_cast<double>(news.run.total_steps);
    for (CurveChart* chart : {m_loss, m_rate, m_norm, m_speed, m_memory}) chart->set_expected_end(expected);
    std::vector<QPointF> points;
    for (std::size_t i = 0; i < news.metrics.size();) {
        const std::string& metric = news.metrics[i].name;
        points.clear();
        for (; i < news.metrics.size() && news.metrics[i].name == metric; ++i) {
            points.emplace_back(static_cast<double>(news.metrics[i].step), news.metrics[i].value);
        }
        CurveChart* chart = chart_of(metric);
        if (!chart) continue;
        const QString name = QString::fromStdString(metric);
        if (!chart->has_curve(name)) add_part(name);
        chart->append(name, points);
    }
    show_footnote(news);
}

void RunCurves::show_footnote(const RunNews& news) {
    if (!news.run.best_validation_loss) return m_loss->set_footnote({});
    bool kept = false;
    for (const Checkpoint& checkpoint : news.checkpoints) kept = kept || checkpoint.step == news.run.best_step;
    const QString best =
        tr("best %1 at step %2").arg(value_text(*news.run.best_validation_loss, ValueFormat::Number)).arg(news.run.best_step);
    m_loss->set_footnote(kept ? best + tr(" · kept") : best);
}

}  // namespace lossmith::ui

#include "moc_RunCurves.cpp"
