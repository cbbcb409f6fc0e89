// One device to tick: its name, memory and load.
#pragma once

#include <QString>

#include "ui/widgets/Card.h"

class QCheckBox;
class QLabel;

namespace lossmith::ui {

class MutedLabel;

/// The whole card takes the click; the box in it takes the focus.
class DeviceCard : public Card {
    Q_OBJECT

public:
    DeviceCard(QString id, const QString& kind, const QString& name, const QString& below, QWidget* parent = nullptr);

    [[nodiscard]] const QString& id() const { return m_id; }
    [[nodiscard]] bool is_ticked() const;
    void set_ticked(bool ticked);
    void set_usable(bool usable);

Q_SIGNALS:
    void ticked(bool on);

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    QString m_id;
    QCheckBox* m_box;
    QLabel* m_title;
    MutedLabel* m_below;
};

}  // namespace lossmith::ui
