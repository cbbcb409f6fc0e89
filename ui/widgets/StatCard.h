// One score before and after: a label, the base's value in violet, an arrow, the tuned one's in teal, and a note.
#pragma once

#include "ui/widgets/Card.h"

namespace lossmith::ui {

class ElidedLabel;
class MutedLabel;

class StatCard : public Card {
    Q_OBJECT

public:
    explicit StatCard(const QString& label, QWidget* parent = nullptr);

    void set_values(const QString& base, const QString& tuned, const QString& note = {});
    /// One number without a before and after.
    void set_value(const QString& value, const QString& note = {});

private:
    MutedLabel* m_base;
    MutedLabel* m_arrow;
    MutedLabel* m_tuned;
    ElidedLabel* m_note;
};

}  // namespace lossmith::ui
