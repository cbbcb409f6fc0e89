// The inspector of the page: the chosen token in figures, what sampling leaves at its place, its settings, and putting another there.
#pragma once

#include <QWidget>

#include "core/config/SamplingConfig.h"
#include "ui/logits/Inspection.h"
#include "ui/logits/PlaceDistribution.h"

class QLabel;
class QPushButton;

namespace lossmith::ui {

class Chip;
class FactList;
class FilterBars;
class MutedLabel;
class SamplingForm;
class SectionLabel;

class TokenInspector : public QWidget {
    Q_OBJECT

public:
    explicit TokenInspector(QWidget* parent = nullptr);

    void show_token(const InspectionPointer& inspection, int place);  ///< null: none
    void show_place(const PlaceOfTwo& place);
    /// The token of the list that the buttons put into the text.
    void show_candidate(qint64 id, const QString& text);
    [[nodiscard]] SamplingConfig sampling_config() const;
    /// Made when it is first wanted: it is most of what the inspector costs.
    [[nodiscard]] SamplingForm* sampling();
    [[nodiscard]] FilterBars* filters() const { return m_filters; }

Q_SIGNALS:
    void force_wanted(qint64 id, const QString& text);
    void change_wanted(qint64 id, const QString& text);
    void sampling_changed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void show_facts();
    void add_force_box();

    InspectionPointer m_inspection;
    int m_place = -1;
    qint64 m_candidate = -1;
    QString m_candidate_text;
    SectionLabel* m_title;
    QLabel* m_token;
    FactList* m_facts;
    FilterBars* m_filters;
    Chip* m_settings;
    QWidget* m_form_box;
    SamplingForm* m_sampling = nullptr;
    SamplingConfig m_config;  ///< while there is no form
    QLabel* m_candidate_label;
    QPushButton* m_force;
    QPushButton* m_change;
};

}  // namespace lossmith::ui
