// Beside the loss: each finding of the check on a line, the arguments, what logits are, and the parameters as fields.
#pragma once

#include <QWidget>

#include "ui/loss/LossReport.h"

namespace lossmith::ui {

class FactList;
class MutedLabel;
class ParameterForm;
class SectionLabel;

class LossInspector : public QWidget {
    Q_OBJECT

public:
    explicit LossInspector(QWidget* parent = nullptr);

    void set_report(const LossReport& report);
    void clear_report();
    /// What stands over everything else about a loss of the catalogue; empty: nothing.
    void set_about(const QString& about, const QString& reference);
    [[nodiscard]] ParameterForm& parameters() { return *m_parameters; }

private:
    void show_parts(const LossReport& report);

    SectionLabel* m_about_heading;
    MutedLabel* m_about;
    FactList* m_check;
    MutedLabel* m_remarks;
    SectionLabel* m_parts_heading;
    FactList* m_parts;
    FactList* m_arguments;
    MutedLabel* m_no_arguments;
    SectionLabel* m_logits_heading;
    MutedLabel* m_logits;
    ParameterForm* m_parameters;
};

}  // namespace lossmith::ui
