// Which tokens are labelled, as a rule for all rows: a choice and the one field that it needs.
#pragma once

#include <QWidget>

#include "core/data/Template.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace lossmith::ui {

class MutedLabel;

class LabelRuleForm : public QWidget {
    Q_OBJECT

public:
    explicit LabelRuleForm(QWidget* parent = nullptr);

    /// Only the fields of the rule are shown; the others are kept as they are.
    void set_spec(const TemplateSpec& spec);
    [[nodiscard]] const TemplateSpec& spec() const { return m_spec; }

Q_SIGNALS:
    /// The user changed it, and it can be used.
    void changed();

private:
    void read_controls();
    void show_fields();

    TemplateSpec m_spec;
    QComboBox* m_rule;
    QLineEdit* m_marker;
    QSpinBox* m_count;
    QLineEdit* m_pattern;
    QCheckBox* m_padding;
    MutedLabel* m_error;
};

}  // namespace lossmith::ui
