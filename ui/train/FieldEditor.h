// One field of a form, made from what is known of it: label, input, meaning, and beside it what is wrong with the value.
#pragma once

#include <QString>
#include <QWidget>

#include "core/config/RunFields.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace lossmith::ui {

class MutedLabel;

/// Truth values are a box to tick, choices a list, the rest is typed: "5e-5" as well as "0.00005".
class FieldEditor : public QWidget {
    Q_OBJECT

public:
    /// `key`: its place in the config's JSON, dotted for the insides of sampling.
    FieldEditor(const FieldKnowledge& field, QString key, QWidget* parent = nullptr);

    [[nodiscard]] const QString& key() const { return m_key; }
    [[nodiscard]] QString label() const;

    /// Null: the field is absent. Text that is no number comes as a string, and is found wrong when the config is read.
    [[nodiscard]] Json value() const;
    void set_value(const Json& value);
    [[nodiscard]] bool is_default() const;

    /// A sentence shown under the input instead of the meaning; empty: nothing is wrong.
    void set_error(const QString& sentence);
    [[nodiscard]] QString error() const { return m_error; }
    /// The widget that takes the typing or the tick.
    [[nodiscard]] QWidget* input() const;

Q_SIGNALS:
    void changed();

private:
    void value_changed();
    void show_state();

    FieldKnowledge m_field;
    QString m_key;
    QString m_error;
    QLabel* m_label;
    QLineEdit* m_text = nullptr;
    QComboBox* m_choice = nullptr;
    QCheckBox* m_tick = nullptr;
    MutedLabel* m_below;
};

/// "Above 0 and at most 1. By default 5e-5."
[[nodiscard]] QString limits_text(const FieldKnowledge& field);

}  // namespace lossmith::ui
