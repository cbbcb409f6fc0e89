// One device to tick.
#include "ui/train/DeviceCard.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"

namespace lossmith::ui {

DeviceCard::DeviceCard(QString id, const QString& kind, const QString& name, const QString& below, QWidget* parent)
    : Card({}, parent), m_id(std::move(id)), m_box(new QCheckBox), m_title(new QLabel), m_below(new MutedLabel(below)) {
    m_title->setTextFormat(Qt::RichText);
    m_title->setWordWrap(true);
    m_title->setText(name.isEmpty() ? QStringLiteral("<b>%1</b>").arg(kind.toHtmlEscaped())
                                    : QStringLiteral("<b>%1</b> · %2").arg(kind.toHtmlEscaped(), name.toHtmlEscaped()));
    if (below.isEmpty()) m_below->hide();
    m_box->setObjectName(QStringLiteral("device_") + m_id);
    m_box->setAccessibleName(kind + QLatin1Char(' ') + name);
    m_box->setAccessibleDescription(below);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(1);
    grid->setColumnStretch(1, 1);
    grid->addWidget(m_box, 0, 0, 2, 1, Qt::AlignVCenter);
    grid->addWidget(m_title, 0, 1);
    grid->addWidget(m_below, 1, 1);
    body()->addLayout(grid);
    setAccessibleName(m_box->accessibleName());
    connect(m_box, &QCheckBox::toggled, this, [this](bool on) {
        set_selected(on);
        Q_EMIT ticked(on);
    });
}

bool DeviceCard::is_ticked() const {
    return m_box->isChecked();
}
void DeviceCard::set_ticked(bool on) {
    m_box->setChecked(on);
}

void DeviceCard::set_usable(bool usable) {
    m_box->setEnabled(usable);
    m_title->setEnabled(usable || is_ticked());
}

void DeviceCard::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()) && m_box->isEnabled()) m_box->toggle();
    Card::mouseReleaseEvent(event);
}

}  // namespace lossmith::ui

#include "moc_DeviceCard.cpp"
