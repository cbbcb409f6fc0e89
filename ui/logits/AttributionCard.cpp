#include "ui/logits/AttributionCard.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QSettings>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>

#include "ui/logits/TokenStrip.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

/// Walking along the tokens asks only where one rests: each question is a backward pass.
constexpr int rest_milliseconds = 120;
const QString method_key = QStringLiteral("logits/integrated_gradients");

QString score_text(double score) {
    return QString::number(score, 'f', 3);
}

}  // namespace

AttributionCard::AttributionCard(EngineClient& engine, QWidget* parent)
    : InspectionCard(engine, parent),
      m_integrated(QSettings().value(method_key, false).toBool()),
      m_gradient_chip(new Chip(tr("gradient × input"))),
      m_integrated_chip(new Chip(tr("integrated gradients"))),
      m_settle(new QTimer(this)),
      m_strip(new TokenStrip),
      m_legend(new ScaleLegend),
      m_about(new MutedLabel) {
    set_heading(tr("What its loss comes from"));
    auto* methods = new QHBoxLayout;
    for (Chip* chip : {m_gradient_chip, m_integrated_chip}) {
        chip->setCheckable(true);
        methods->addWidget(chip);
        connect(chip, &Chip::clicked, this, [this, chip] { choose_method(chip == m_integrated_chip); });
    }
    m_gradient_chip->setToolTip(tr("The loss's derivative by each token's embedding, times that embedding: one backward pass"));
    m_integrated_chip->setToolTip(
        tr("The same summed over 32 steps from the mean embedding (Sundararajan et al. 2017): the scores add up to the loss's change"));
    m_integrated_chip->setObjectName(QStringLiteral("integrated_gradients"));
    methods->addStretch();
    m_strip->setObjectName(QStringLiteral("attribution"));
    m_strip->setAccessibleName(tr("Tokens that the loss comes from"));
    auto* inside = new QWidget;
    inside->setObjectName(QStringLiteral("scroll_body"));
    auto* strip_layout = new QVBoxLayout(inside);
    strip_layout->setContentsMargins(0, 0, 0, 0);
    strip_layout->addWidget(m_strip);
    strip_layout->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    body()->addLayout(methods);
    body()->addWidget(m_legend, 0, Qt::AlignLeft);
    body()->addWidget(scroll, 1);
    body()->addWidget(m_about);
    m_settle->setSingleShot(true);
    m_settle->setInterval(rest_milliseconds);
    connect(m_settle, &QTimer::timeout, this, [this] { refresh(); });
    connect(m_strip, &TokenStrip::activated, this, &AttributionCard::place_chosen);
    m_strip->set_tips([this](std::size_t token) {
        const auto& cells = m_strip->cells();
        return token < cells.size() ? cells[token].text + QLatin1Char('\n') + cells[token].value_text : QString();
    });
    m_strip->set_values_shown(true);
    m_gradient_chip->setChecked(!m_integrated);
    m_integrated_chip->setChecked(m_integrated);
    clear_answer();
}

void AttributionCard::choose_method(bool integrated) {
    m_gradient_chip->setChecked(!integrated);
    m_integrated_chip->setChecked(integrated);
    if (m_integrated == integrated) return;
    m_integrated = integrated;
    QSettings().setValue(method_key, integrated);
    refresh();
}

void AttributionCard::place_changed() {
    m_request.forget();
    m_settle->start();
}

void AttributionCard::ask() {
    if (place() < 1) {
        clear_answer();
        return say(tr("Choose a token that something stands before."));
    }
    Json params = inspection()->params(side());
    params["place"] = place();
    params["method"] = m_integrated ? "integrated_gradients" : "gradient_x_input";
    m_request.ask(QStringLiteral("inspect/attribution"), params, [this](const Result<Json>& answer) {
        if (const Json* json = taken(answer)) take(*json);
    });
}

void AttributionCard::take(const Json& answer) {
    const Json& scores = list_in(answer, "scores");
    const auto& tokens = inspection()->text.tokens;
    std::vector<StripCell> cells;
    double largest = 0;
    for (std::size_t i = 0; i < std::min(scores.size(), tokens.size()); ++i) {
        const double score = scores[i].is_number() ? scores[i].get<double>() : 0.0;
        largest = std::max(largest, std::abs(score));
        cells.push_back({shown_token(tokens[i].text), score, score_text(score), tokens[i].labelled.value_or(false)});
    }
    m_strip->set_cells(std::move(cells), scale_around_zero(ColourScale::Kind::Pull, largest));
    m_strip->show();
    m_legend->set_scale(m_strip->scale(), tr("lowers the loss −%1").arg(score_text(largest)), tr("+%1 raises it").arg(score_text(largest)));
    m_legend->show();
    const std::string target = string_or_empty(answer.value("target", Json::object()), "text");
    QString about = tr("The loss of %1 here is %2 nats.").arg(shown_token(target), score_text(number_or_zero(answer, "loss")));
    if (const auto gap = number_in(answer, "completeness_gap"))
        about += QLatin1Char(' ') + tr("With mean embeddings in place of the tokens it is %1; the scores miss the change by %2.")
                                        .arg(score_text(number_or_zero(answer, "baseline_loss")), score_text(*gap));
    m_about->setText(about);
    m_about->show();
}

void AttributionCard::clear_answer() {
    m_strip->set_cells({}, {});
    m_strip->hide();
    m_legend->hide();
    m_about->hide();
}

}  // namespace lossmith::ui

#include "moc_AttributionCard.cpp"
