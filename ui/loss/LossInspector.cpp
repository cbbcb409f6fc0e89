// The findings of the check, one on a line.
#include "ui/loss/LossInspector.h"

#include <QVBoxLayout>

#include "ui/loss/ParameterForm.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

using Fact = FactList::Fact;

QString inspector_tr(const char* text) {
    return LossInspector::tr(text);
}

QString dash() {
    return QStringLiteral("–");
}

Fact truth_fact(const QString& label, std::optional<bool> truth, Role when_not) {
    if (!truth) return {label, dash(), Role::Muted};
    return *truth ? Fact{label, inspector_tr("yes"), Role::Ok} : Fact{label, inspector_tr("no"), when_not};
}

/// Whether a gradient reaches the model; nothing where the loss did not run to its end.
std::optional<bool> reaches_the_model(const LossReport& report) {
    if (!report.is_understood() || report.verdict == LossVerdict::NotFinite) return std::nullopt;
    return report.verdict == LossVerdict::Ok;
}

std::vector<Fact> findings(const LossReport& report) {
    const bool stands = report.is_understood();
    std::vector<Fact> facts = {
        {inspector_tr("Understood"), stands ? inspector_tr("yes") : inspector_tr("no"), stands ? Role::Ok : Role::Bad}};
    facts.push_back(
        {inspector_tr("Value"), report.value ? short_number(*report.value, 4) : dash(), report.value ? Role::Text : Role::Muted});
    // A reward is trained by policy gradient: it needs no slope of its own.
    if (report.is_reward) return facts;
    facts.push_back(truth_fact(inspector_tr("Gradient reaches the model"), reaches_the_model(report), Role::Bad));
    facts.push_back(truth_fact(inspector_tr("Agrees with finite differences"), report.differences_agree, Role::Bad));
    facts.push_back(truth_fact(inspector_tr("Same when the batch is split"), report.split_invariant, Role::Warn));
    facts.push_back(truth_fact(inspector_tr("By token, can be chunked"), report.separable_by_token, Role::Text));
    QString cost = dash();
    if (report.share_of_model) {
        const double percent = 100 * *report.share_of_model;
        cost = inspector_tr("%1 %").arg(QString::number(percent, 'f', percent < 10 ? 1 : 0));
    } else if (report.milliseconds) {
        cost = inspector_tr("%1 ms").arg(QString::number(*report.milliseconds, 'f', 1));
    }
    facts.push_back({inspector_tr("Cost beside the model"), cost, cost == dash() ? Role::Muted : Role::Text});
    return facts;
}

/// What the lines above leave unsaid: why not, and what the trainer does about it.
QString remarks(const LossReport& report) {
    QStringList sentences;
    if (report.split_invariant && !*report.split_invariant) sentences << report.split_reason << report.trainer_does;
    if (!report.differences_agree || !*report.differences_agree) sentences << report.differences_reason;
    sentences.removeAll(QString());
    return sentences.join(QLatin1Char(' '));
}

std::vector<Fact> argument_facts(const LossReport& report) {
    std::vector<Fact> facts;
    for (const LossArgument& argument : report.arguments) {
        const bool unused = argument.gradient == QLatin1String("unused");
        const QString kind = QStringList{shape_text(argument.shape), short_dtype(argument.dtype)}.join(QLatin1Char(' ')).trimmed();
        facts.push_back({argument.name, unused || kind.isEmpty() ? (unused ? inspector_tr("not used") : dash()) : kind, Role::Muted});
    }
    return facts;
}

}  // namespace

LossInspector::LossInspector(QWidget* parent)
    : QWidget(parent),
      m_about_heading(new SectionLabel(tr("About this loss"))),
      m_about(new MutedLabel),
      m_check(new FactList),
      m_remarks(new MutedLabel),
      m_parts_heading(new SectionLabel(tr("Parts"))),
      m_parts(new FactList),
      m_arguments(new FactList),
      m_no_arguments(new MutedLabel(tr("They are listed once the text is understood."))),
      m_logits_heading(new SectionLabel(tr("About logits"))),
      m_logits(new MutedLabel),
      m_parameters(new ParameterForm) {
    m_check->setObjectName(QStringLiteral("findings"));
    m_arguments->setObjectName(QStringLiteral("arguments"));
    m_remarks->setTextFormat(Qt::PlainText);
    m_about->setTextFormat(Qt::PlainText);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    layout->addWidget(m_about_heading);
    layout->addWidget(m_about);
    layout->addWidget(new SectionLabel(tr("Check")));
    layout->addWidget(m_check);
    layout->addWidget(m_remarks);
    layout->addWidget(m_parts_heading);
    layout->addWidget(m_parts);
    layout->addWidget(new SectionLabel(tr("Arguments")));
    layout->addWidget(m_arguments);
    layout->addWidget(m_no_arguments);
    layout->addWidget(m_logits_heading);
    layout->addWidget(m_logits);
    layout->addWidget(new SectionLabel(tr("Parameters")));
    layout->addWidget(m_parameters);
    layout->addStretch();
    set_about({}, {});
    clear_report();
}

void LossInspector::set_about(const QString& about, const QString& reference) {
    QStringList lines{about, reference};
    lines.removeAll(QString());
    m_about->setText(lines.join(QLatin1Char('\n')));
    m_about->setVisible(!lines.isEmpty());
    m_about_heading->setVisible(!lines.isEmpty());
}

void LossInspector::clear_report() {
    std::vector<Fact> facts = findings({});
    for (Fact& fact : facts) fact = {fact.label, dash(), Role::Muted};
    m_check->set_facts(facts);
    m_remarks->hide();
    show_parts({});
    m_arguments->set_facts({});
    m_arguments->hide();
    m_no_arguments->show();
    m_logits_heading->hide();
    m_logits->hide();
}

void LossInspector::set_report(const LossReport& report) {
    m_check->set_facts(findings(report));
    const QString said = report.is_reward ? QString() : remarks(report);
    m_remarks->setText(said);
    m_remarks->setVisible(!said.isEmpty());
    show_parts(report);
    if (!report.arguments.empty()) {
        m_arguments->set_facts(argument_facts(report));
        m_arguments->show();
        m_no_arguments->hide();
    }
    if (report.is_reward) {
        m_logits->hide();
        m_logits_heading->hide();
    } else if (report.smallest_logit && report.largest_logit) {
        m_logits->setText(
            tr("Scores before softmax; any real number, so also below 0. Only differences count: adding 100 to all changes nothing. "
               "Here %1 … %2. Softmax turns them into probabilities that add up to 1.")
                .arg(short_number(*report.smallest_logit), short_number(*report.largest_logit)));
        m_logits->show();
        m_logits_heading->show();
    }
}

void LossInspector::show_parts(const LossReport& report) {
    std::vector<Fact> facts;
    const bool in_the_card = report.is_reward && report.heat.empty();
    for (const LossPart& part : in_the_card ? std::vector<LossPart>() : report.parts)
        facts.push_back({part.name, part.value ? short_number(*part.value, 4) : dash(), Role::Text});
    m_parts->set_facts(facts);
    m_parts->setVisible(!facts.empty());
    m_parts_heading->setVisible(!facts.empty());
}

}  // namespace lossmith::ui

#include "moc_LossInspector.cpp"
