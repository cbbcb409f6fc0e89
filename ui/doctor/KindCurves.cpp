#include "ui/doctor/KindCurves.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <map>

#include "core/base/Error.h"
#include "ui/charts/CurveChart.h"
#include "ui/widgets/StatCard.h"

namespace lossmith::ui {
namespace {

struct KindCurve {
    const char* metric;
    const char* label;
    CurveColour colour;
    bool dashed;
};

constexpr KindCurve kind_curves[] = {
    {"train/loss", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "train"), CurveColour::Blue, false},
    {"validation/loss", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "validation"), CurveColour::Amber, false},
    {"validation/loss/solution", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "solution"), CurveColour::Rose, true},
    {"validation/loss/end", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "end"), CurveColour::Green, true},
    {"validation/loss/prompt", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "prompt"), CurveColour::Slate, true},
    {"validation/loss/padding", QT_TRANSLATE_NOOP("lossmith::ui::KindCurves", "padding"), CurveColour::Teal, true},
};

CurveSpec spec_of(const KindCurve& curve) {
    CurveSpec spec;
    spec.name = QString::fromLatin1(curve.metric);
    spec.label = KindCurves::tr(curve.label);
    spec.colour = curve.colour;
    spec.dashed = curve.dashed;
    spec.marked = spec.name.startsWith(QLatin1String("validation"));
    return spec;
}

}  // namespace

KindCurves::KindCurves(QWidget* parent) : QWidget(parent), m_chart(new CurveChart(tr("Loss, and what a token of each kind costs"))) {
    m_chart->setObjectName(QStringLiteral("kind_chart"));
    m_chart->set_x_name(tr("step"));
    auto* cards = new QHBoxLayout;
    cards->setSpacing(12);
    for (const KindCurve& curve : kind_curves) {
        const CurveSpec spec = spec_of(curve);
        if (spec.name == QLatin1String("train/loss")) continue;
        auto* card = new StatCard(spec.name == QLatin1String("validation/loss") ? tr("validation loss") : tr("%1 tokens").arg(spec.label));
        card->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
        card->setObjectName(QStringLiteral("stat_") + spec.name.section(QLatin1Char('/'), -1));
        cards->addWidget(card, 1);
        m_kinds.push_back({curve.metric, card});
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_chart);
    layout->addLayout(cards);
    m_chart->setMinimumHeight(230);
    connect(m_chart, &CurveChart::exported, this, [this](const QString& path) { Q_EMIT message(tr("Saved %1").arg(path)); });
    connect(m_chart, &CurveChart::export_failed, this,
            [this](const Error& error) { Q_EMIT message(QString::fromStdString(describe(error))); });
}

void KindCurves::set_metrics(const std::vector<Metric>& metrics) {
    std::map<std::string, std::vector<QPointF>> points;
    for (const Metric& metric : metrics) points[metric.name].emplace_back(static_cast<double>(metric.step), metric.value);
    m_chart->clear_points();
    for (const KindCurve& curve : kind_curves) {
        const CurveSpec spec = spec_of(curve);
        const auto found = points.find(curve.metric);
        // A kind that does not occur in this run has no place in its legend.
        if (found == points.end()) {
            m_chart->remove_curve(spec.name);
            continue;
        }
        if (!m_chart->has_curve(spec.name)) m_chart->add_curve(spec);
        m_chart->append(spec.name, found->second);
    }
    for (const Kind& kind : m_kinds) {
        const auto found = points.find(kind.metric);
        kind.card->setVisible(found != points.end());
        if (found == points.end()) continue;
        kind.card->set_values(value_text(found->second.front().y(), ValueFormat::Number),
                              value_text(found->second.back().y(), ValueFormat::Number), tr("nats, held-out rows"));
    }
}

}  // namespace lossmith::ui

#include "moc_KindCurves.cpp"
