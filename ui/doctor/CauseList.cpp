#include "ui/doctor/CauseList.h"

#include <QVBoxLayout>
#include <algorithm>

#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

CauseList::CauseList(QWidget* parent) : QWidget(parent), m_causes(new FactList), m_looked(new MutedLabel) {
    m_looked->setObjectName(QStringLiteral("looked"));
    m_looked->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->addWidget(new SectionLabel(tr("Causes it knows")));
    layout->addWidget(m_causes);
    layout->addWidget(new SectionLabel(tr("What was looked at")));
    layout->addWidget(m_looked);
    layout->addStretch();
    show_diagnosis({});
}

void CauseList::show_diagnosis(const std::optional<Diagnosis>& diagnosis) {
    std::vector<FactList::Fact> facts;
    for (const CauseKind& kind : cause_kinds()) {
        FactList::Fact fact{tr(kind.title), tr("–"), Role::Muted};
        if (diagnosis) {
            const bool found = std::ranges::find(diagnosis->findings, kind.cause, &Finding::cause) != diagnosis->findings.end();
            fact.value = found ? tr("found") : tr("no");
            fact.role = found ? Role::Bad : Role::Muted;
        }
        facts.push_back(std::move(fact));
    }
    m_causes->set_facts(facts);
    QStringList lines;
    if (diagnosis) {
        for (const std::string& line : diagnosis->looked) lines.append(QString::fromStdString(line));
        for (const std::string& line : diagnosis->passed) lines.append(tr("Not looked at: %1").arg(QString::fromStdString(line)));
        lines.append(tr("Looked at on %1.").arg(time_text(QString::fromStdString(diagnosis->at))));
    } else {
        lines.append(tr("Labels, rows, curves, both models on held-out rows, prompts and settings."));
    }
    m_looked->setText(lines.join(QStringLiteral("\n\n")));
}

}  // namespace lossmith::ui

#include "moc_CauseList.cpp"
