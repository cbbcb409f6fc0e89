#include "ui/doctor/FindingCard.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <array>

#include "core/config/ConfigDifference.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

QLabel* selectable(const QString& text) {
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

}  // namespace

QString title_of_page(const std::string& name) {
    if (name == "data") return FindingCard::tr("Data");
    if (name == "loss") return FindingCard::tr("Loss");
    if (name == "playground") return FindingCard::tr("Playground");
    return FindingCard::tr("Train");
}

FindingCard::FindingCard(int number, const Finding& finding, const RunConfig& config, QWidget* parent)
    : Card(tr(kind_of(finding.cause).title), parent), m_finding(finding) {
    setObjectName(QStringLiteral("finding_") + QString::fromLatin1(kind_of(finding.cause).name));
    setAccessibleName(tr("Cause %1: %2").arg(number).arg(tr(kind_of(finding.cause).title)));
    auto* place = new Chip(number == 1 ? tr("worst") : tr("cause %1").arg(number));
    place->set_role(number == 1 ? Role::Bad : Role::Warn);
    header()->addWidget(place);

    auto* evidence = selectable(QString::fromStdString(finding.evidence));
    evidence->setObjectName(QStringLiteral("evidence"));
    body()->addWidget(evidence);
    body()->addWidget(new MutedLabel(tr(kind_of(finding.cause).effect)));
    auto* advice = selectable(tr("What to do: %1").arg(QString::fromStdString(finding.advice)));
    advice->setObjectName(QStringLiteral("advice"));
    body()->addWidget(advice);
    add_change(config);
    add_buttons();
}

void FindingCard::add_change(const RunConfig& config) {
    const auto changed = cured(config, std::array{m_finding});
    if (!changed) return;
    constexpr qsizetype most_changes = 5;
    QStringList changes;
    for (const ConfigDifference& difference : config_differences({config, *changed}))
        changes.append(tr("%1: %2 → %3")
                           .arg(QString::fromStdString(difference.label), QString::fromStdString(value_in_words(difference.values[0])),
                                QString::fromStdString(value_in_words(difference.values[1]))));
    if (changes.isEmpty()) return;
    if (const qsizetype more = changes.size() - most_changes; more > 0) {
        changes = changes.first(most_changes);
        changes.append(tr("and %1 more").arg(more));
    }
    auto* label = selectable(changes.join(QLatin1Char('\n')));
    label->setObjectName(QStringLiteral("changes"));
    label->setFont(Theme::token_font());
    body()->addWidget(label);
}

void FindingCard::add_buttons() {
    auto* row = new QHBoxLayout;
    if (!m_finding.changes.empty()) {
        auto* cure = new QPushButton(tr("Set this right in a new run"));
        cure->setObjectName(QStringLiteral("cure"));
        cure->setToolTip(tr("Opens Train with this run's config and the change made"));
        connect(cure, &QPushButton::clicked, this, &FindingCard::cure_wanted);
        row->addWidget(cure);
    }
    if (!m_finding.page.empty()) {
        auto* go = new QPushButton(tr("Go to %1").arg(title_of_page(m_finding.page)));
        go->setObjectName(QStringLiteral("go"));
        connect(go, &QPushButton::clicked, this, [this] { Q_EMIT page_wanted(QString::fromStdString(m_finding.page)); });
        row->addWidget(go);
    }
    row->addStretch();
    body()->addLayout(row);
}

}  // namespace lossmith::ui

#include "moc_FindingCard.cpp"
