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

/// "validation/loss/padding": what a token of one kind costs.
bool is_of_a_kind(std::string_view metric) {
    return metric.starts_with("validation/loss/");
}

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
      m_loss(new CurveChart(tr("Loss"), CurveChart::Kind::Full, this)),
      m_rate(new CurveChart(tr("Learning rate"), CurveChart::Kind::Compact, this)),
      m_norm(new CurveChart(tr("Gradient norm"), CurveChart::Kind::Compact, this)),
      m_speed(new CurveChart(tr("Tokens a second"), CurveChart::Kind::Compact, this)),
      m_memory(new CurveChart(tr("Memory"), CurveChart::Kind::Compact, this)),
      m_smooth(new Chip(tr("smooth"))) {
    m_loss->setObjectName(QStringLiteral("loss_chart"));
    m_smooth->setCheckable(true);
    m_smooth->setToolTip(tr("Shows the moving average of the curves over about twenty points"));
    connect(m_smooth, &Chip::toggled, m_loss, [this](bool on) { m_loss->set_smoothing(on ? smooth_weight : 0.0); });
    m_loss->header()->addWidget(m_smooth);
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

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(row_of({m_loss}), 3);
    layout->addWidget(row_of({m_rate, m_norm, m_speed, m_memory}), 2);
    for (CurveChart* chart : charts()) tell_of_exports(chart);
}

/// A widget a row: a layout whose charts are all hidden would still take its share of the height.
QWidget* RunCurves::row_of(const std::vector<CurveChart*>& charts) {
    auto* widget = new QWidget(this);
    auto* row = new QHBoxLayout(widget);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    for (CurveChart* chart : charts) row->addWidget(chart, 1);
    return widget;
}

void RunCurves::tell_of_exports(CurveChart* chart) {
    connect(chart, &CurveChart::exported, this, [this](const QString& path) { Q_EMIT message(tr("Saved %1").arg(path)); });
    connect(chart, &CurveChart::export_failed, this,
            [this](const Error& error) { Q_EMIT message(QString::fromStdString(describe(error))); });
}

/// Made with the first run by reward: charts take long to make, and most runs have none of these.
void RunCurves::make_reward_charts() {
    QWidget* first_row = m_loss->parentWidget();
    m_reward = new CurveChart(tr("Reward"), CurveChart::Kind::Full, first_row);
    m_kl = new CurveChart(tr("KL to the base"), CurveChart::Kind::Compact, this);
    m_entropy = new CurveChart(tr("Entropy"), CurveChart::Kind::Compact, this);
    m_spread = new CurveChart(tr("Spread of rewards"), CurveChart::Kind::Compact, this);
    m_length = new CurveChart(tr("Tokens a completion"), CurveChart::Kind::Compact, this);
    connect(m_smooth, &Chip::toggled, m_reward, [this](bool on) { m_reward->set_smoothing(on ? smooth_weight : 0.0); });
    m_reward->set_smoothing(m_smooth->isChecked() ? smooth_weight : 0.0);
    m_reward->setObjectName(QStringLiteral("reward_chart"));
    m_reward->add_curve(curve(QStringLiteral("reward"), tr("completions"), CurveColour::Blue));
    CurveSpec rewarded = curve(QStringLiteral("validation/reward"), tr("validation"), CurveColour::Amber);
    rewarded.marked = true;
    m_reward->add_curve(rewarded);
    m_kl->add_curve(curve(QStringLiteral("kl"), tr("KL to the base"), CurveColour::Blue));
    m_entropy->add_curve(curve(QStringLiteral("entropy"), tr("entropy"), CurveColour::Blue));
    m_spread->add_curve(curve(QStringLiteral("reward_std"), tr("deviation among a prompt's completions"), CurveColour::Blue));
    m_length->add_curve(curve(QStringLiteral("completion_tokens"), tr("tokens"), CurveColour::Blue));
    m_reward_row = row_of({m_kl, m_entropy, m_spread, m_length});
    static_cast<QHBoxLayout*>(first_row->layout())->insertWidget(0, m_reward, 1);
    static_cast<QVBoxLayout*>(layout())->insertWidget(1, m_reward_row, 2);
    for (CurveChart* chart : {m_reward, m_kl, m_entropy, m_spread, m_length}) tell_of_exports(chart);
}

std::vector<CurveChart*> RunCurves::charts() const {
    std::vector<CurveChart*> all = {m_loss, m_rate, m_norm, m_speed, m_memory};
    if (m_reward != nullptr) all.insert(all.end(), {m_reward, m_kl, m_entropy, m_spread, m_length});
    return all;
}

CurveChart* RunCurves::chart_of(const std::string& metric) const {
    if (metric == "train/loss" || metric == "validation/loss" || metric.starts_with("loss/") || is_of_a_kind(metric)) return m_loss;
    if (metric == "reward" || metric == "validation/reward" || metric.starts_with("reward/")) return m_reward;
    if (metric == "kl") return m_kl;
    if (metric == "entropy") return m_entropy;
    if (metric == "reward_std") return m_spread;
    if (metric == "completion_tokens") return m_length;
    if (metric == "learning_rate") return m_rate;
    if (metric == "gradient_norm") return m_norm;
    if (metric == "tokens_per_second") return m_speed;
    if (metric == "memory_bytes") return m_memory;
    return nullptr;
}

void RunCurves::add_part(CurveChart* chart, const QString& name) {
    int& parts = chart == m_reward ? m_reward_parts : m_parts;
    CurveSpec spec =
        curve(name, name.section(QLatin1Char('/'), 1), part_colours[static_cast<std::size_t>(parts++) % std::size(part_colours)]);
    spec.dashed = true;
    spec.group = tr("parts");
    if (is_of_a_kind(name.toStdString())) {
        spec.label = tr("%1 tokens").arg(name.section(QLatin1Char('/'), -1));
        spec.group = tr("by kind of token");
        spec.marked = true;
        spec.visible = false;
    }
    chart->add_curve(spec);
}

void RunCurves::take(const RunNews& news) {
    if (news.run.config.reward && m_reward == nullptr) make_reward_charts();
    if (news.from_the_start) {
        for (CurveChart* chart : charts())
            for (const QString& name : chart->curves())
                if (name.startsWith(QStringLiteral("loss/")) || name.startsWith(QStringLiteral("reward/")) ||
                    is_of_a_kind(name.toStdString()))
                    chart->remove_curve(name);
        m_parts = 0;
        m_reward_parts = 0;
        for (CurveChart* chart : charts()) chart->clear_points();
    }
    if (m_reward != nullptr)
        for (QWidget* part : std::initializer_list<QWidget*>{m_reward, m_reward_row}) part->setVisible(news.run.config.reward.has_value());
    const auto expected = static_cast<double>(news.run.total_steps);
    for (CurveChart* chart : charts()) chart->set_expected_end(expected);
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
        if (!chart->has_curve(name)) add_part(chart, name);
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
