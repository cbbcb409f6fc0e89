#include "ui/logits/InspectionCard.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

InspectionCard::InspectionCard(EngineClient& engine, QWidget* parent)
    : Card({}, parent), m_request(engine, this), m_base(new Chip(tr("base"))), m_tuned(new Chip(tr("tuned"))), m_note(new MutedLabel) {
    m_base->setObjectName(QStringLiteral("side_base"));
    m_tuned->setObjectName(QStringLiteral("side_tuned"));
    for (Chip* chip : {m_base, m_tuned}) {
        chip->setCheckable(true);
        chip->set_role(chip == m_base ? Role::Base : Role::Tuned);
        header()->addWidget(chip);
        connect(chip, &Chip::clicked, this, [this, chip] { set_side(chip == m_base ? ModelSide::Base : ModelSide::Tuned); });
    }
    m_tuned->setChecked(true);
    m_note->setObjectName(QStringLiteral("note"));
    m_note->hide();
    body()->addWidget(m_note);
    connect(&m_request, &LatestRequest::changed, this, &InspectionCard::busy_changed);
}

void InspectionCard::set_side(ModelSide side) {
    m_base->setChecked(side == ModelSide::Base);
    m_tuned->setChecked(side == ModelSide::Tuned);
    if (m_side == side) return;
    m_side = side;
    refresh();
}

void InspectionCard::set_inspection(InspectionPointer inspection) {
    m_inspection = std::move(inspection);
    const bool of_two = m_inspection && m_inspection->of_two();
    m_base->setVisible(of_two);
    m_tuned->setVisible(of_two);
    if (!of_two) {
        m_side = ModelSide::Tuned;
        m_base->setChecked(false);
        m_tuned->setChecked(true);
    }
    if (m_inspection) return refresh();
    m_request.forget();
    m_stale = false;
    clear_answer();
    say(tr("There is no text yet."));
}

void InspectionCard::set_place(int place) {
    if (m_place == place) return;
    m_place = place;
    place_changed();
}

void InspectionCard::refresh() {
    m_request.forget();
    m_stale = true;
    ask_if_needed();
}

void InspectionCard::ask_if_needed() {
    if (!m_stale || !m_inspection || !isVisible()) return;
    m_stale = false;
    say({});
    ask();
}

void InspectionCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    ask_if_needed();
}

void InspectionCard::stop() {
    if (!m_request.is_asking()) return;
    m_request.forget();
    say(tr("Stopped."));
}

void InspectionCard::say(const QString& line) {
    m_note->setText(line);
    m_note->setVisible(!line.isEmpty());
}

const Json* InspectionCard::taken(const Result<Json>& answer) {
    if (answer) return &*answer;
    clear_answer();
    const Error& error = answer.error();
    say(QString::fromStdString(error.hint.empty() ? error.message : error.message + " " + error.hint));
    return nullptr;
}

}  // namespace lossmith::ui

#include "moc_InspectionCard.cpp"
