#include "ui/logits/TokenInspector.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "ui/generation/SamplingForm.h"
#include "ui/logits/FilterBars.h"
#include "ui/logits/Measure.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

const QString sampling_setting = QStringLiteral("logits/sampling");

SamplingConfig sampling_at_first() {
    SamplingConfig config;
    config.do_sample = true;
    config.temperature = 0.8;
    config.top_k = 50;
    config.top_p = 0.9;
    config.max_new_tokens = 40;
    return config;
}

SamplingConfig kept_sampling() {
    const auto json = parse_json(QSettings().value(sampling_setting).toString().toStdString());
    return json ? sampling_config_from_json(*json).value_or(sampling_at_first()) : sampling_at_first();
}

/// The base's value in violet, an arrow, the tuned one's in teal.
QString before_and_after(const InspectedToken& token, const std::function<QString(const Prediction&)>& text) {
    const auto coloured = [](Role role, const QString& value) {
        return QStringLiteral("<span style=\"color:%1\">%2</span>").arg(Theme::colour(role).name(), value);
    };
    if (token.base && token.tuned)
        return coloured(Role::Base, text(*token.base)) + QStringLiteral(" → ") + coloured(Role::Tuned, text(*token.tuned));
    return token.tuned ? text(*token.tuned) : QStringLiteral("–");
}

QString bytes_of(const std::string& text) {
    constexpr qsizetype most = 24;
    const QByteArray hex = QByteArray::fromStdString(text.substr(0, most)).toHex(' ').toUpper();
    return QString::fromLatin1(hex) + (text.size() > most ? QStringLiteral(" …") : QString());
}

}  // namespace

TokenInspector::TokenInspector(QWidget* parent)
    : QWidget(parent),
      m_title(new SectionLabel(tr("Token"))),
      m_token(new QLabel),
      m_facts(new FactList),
      m_filters(new FilterBars),
      m_settings(new Chip(tr("settings of sampling"))),
      m_form_box(new QWidget(this)),
      m_candidate_label(new QLabel),
      m_force(new QPushButton(tr("Put it here and go on"))),
      m_change(new QPushButton(tr("Put it here, keep the rest"))) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(6);
    m_title->setObjectName(QStringLiteral("token_title"));
    QFont large = Theme::token_font();
    large.setPixelSize(18);
    m_token->setFont(large);
    m_token->setTextFormat(Qt::PlainText);
    m_token->setWordWrap(true);
    m_token->setObjectName(QStringLiteral("token_text"));
    layout->addWidget(m_title);
    layout->addWidget(m_token);
    layout->addWidget(m_facts);
    layout->addSpacing(8);
    layout->addWidget(new SectionLabel(tr("After sampling")));
    layout->addWidget(m_filters);
    m_settings->setCheckable(true);
    m_settings->setObjectName(QStringLiteral("sampling_settings"));
    layout->addWidget(m_settings, 0, Qt::AlignLeft);
    layout->addWidget(m_form_box);
    layout->addSpacing(8);
    add_force_box();
    layout->addStretch();
    m_config = kept_sampling();
    m_form_box->hide();
    connect(m_settings, &Chip::toggled, this, [this](bool on) {
        if (on) (void)sampling();
        m_form_box->setVisible(on);
    });
    show_token(nullptr, -1);
}

SamplingConfig TokenInspector::sampling_config() const {
    return m_sampling ? m_sampling->config() : m_config;
}

SamplingForm* TokenInspector::sampling() {
    if (m_sampling) return m_sampling;
    auto* box = new QVBoxLayout(m_form_box);
    box->setContentsMargins(0, 0, 0, 0);
    m_sampling = new SamplingForm(m_form_box);
    box->addWidget(m_sampling);
    m_sampling->set_config(m_config);
    connect(m_sampling, &SamplingForm::changed, this, [this] {
        if (!m_sampling->is_valid()) return;
        QSettings().setValue(sampling_setting, QString::fromStdString(Json(m_sampling->config()).dump()));
        Q_EMIT sampling_changed();
    });
    return m_sampling;
}

void TokenInspector::add_force_box() {
    layout()->addWidget(new SectionLabel(tr("Force a token")));
    m_candidate_label->setTextFormat(Qt::PlainText);
    m_candidate_label->setWordWrap(true);
    m_force->setObjectName(QStringLiteral("force"));
    m_force->setToolTip(tr("The text up to here, this token, and then each model goes on from it"));
    m_change->setObjectName(QStringLiteral("change"));
    m_change->setToolTip(tr("Only this token is another; watch what the tokens after it become"));
    for (QWidget* part : std::initializer_list<QWidget*>{m_candidate_label, m_force, m_change}) layout()->addWidget(part);
    connect(m_force, &QPushButton::clicked, this, [this] { Q_EMIT force_wanted(m_candidate, m_candidate_text); });
    connect(m_change, &QPushButton::clicked, this, [this] { Q_EMIT change_wanted(m_candidate, m_candidate_text); });
}

void TokenInspector::show_candidate(qint64 id, const QString& text) {
    m_candidate = id;
    m_candidate_text = text;
    const bool can = id >= 0 && m_place >= 1;
    m_candidate_label->setText(id >= 0 ? shown_token(text.toStdString()) : tr("Choose a token of the list to put it here."));
    m_candidate_label->setFont(id >= 0 ? Theme::token_font() : font());
    m_force->setEnabled(can);
    m_change->setEnabled(can && m_inspection && m_place < m_inspection->places());
}

void TokenInspector::show_token(const InspectionPointer& inspection, int place) {
    m_inspection = inspection;
    m_place = place;
    show_facts();
    show_candidate(-1, {});
    if (place < 1) m_filters->set_place({});
}

void TokenInspector::show_place(const PlaceOfTwo& place) {
    m_filters->set_place(place);
}

void TokenInspector::show_facts() {
    const bool any = m_inspection && m_place >= 0;
    const bool stands = any && m_place < m_inspection->places();
    m_title->setText((stands ? tr("Token %1").arg(m_place) : any ? tr("Next token") : tr("Token")).toUpper());
    m_token->setVisible(stands);
    m_facts->setVisible(stands);
    if (!stands) return;
    const InspectedToken& token = m_inspection->text.tokens[static_cast<std::size_t>(m_place)];
    m_token->setText(shown_token(token.text));
    const auto fixed = [](double value) { return QString::number(value, 'f', 2); };
    std::vector<FactList::Fact> facts{{tr("id"), QString::number(token.id), Role::Text}, {tr("bytes"), bytes_of(token.text), Role::Text}};
    const auto add = [&](const QString& label, const std::function<QString(const Prediction&)>& text) {
        facts.push_back({label, before_and_after(token, text), Role::Text});
    };
    add(tr("probability"), [](const Prediction& told) { return probability_text(told.probability); });
    add(tr("log probability"), [&](const Prediction& told) { return fixed(told.log_probability); });
    add(tr("logit"), [&](const Prediction& told) { return fixed(told.logit); });
    add(tr("rank"), [](const Prediction& told) { return rank_text(told.rank); });
    add(tr("loss, nats"), [&](const Prediction& told) { return fixed(told.loss); });
    add(tr("surprise, bits"), [&](const Prediction& told) { return value_text(told, Measure::Surprise); });
    add(tr("entropy, nats"), [&](const Prediction& told) { return fixed(told.entropy); });
    if (token.divergence && token.base) facts.push_back({tr("KL(tuned‖base)"), fixed(*token.divergence), Role::Text});
    if (token.labelled)
        facts.push_back(
            {tr("label"), *token.labelled ? tr("solution, trained on") : tr("not trained on"), *token.labelled ? Role::Ok : Role::Muted});
    m_facts->set_facts(facts);
}

void TokenInspector::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) show_facts();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_TokenInspector.cpp"
