// The card "Samples as it learns": choose a fixed prompt, read what the run makes of it from step to step.
#pragma once

#include <vector>

#include "core/project/RunStore.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QTableView;

namespace lossmith::ui {

class MutedLabel;
class SamplesModel;

class SamplesCard : public Card {
    Q_OBJECT

public:
    explicit SamplesCard(QWidget* parent = nullptr);

    void set_samples(const std::vector<Sample>& samples);
    void choose_prompt(int prompt);

private:
    void show_prompt();
    void fill_prompts();

    std::vector<Sample> m_samples;
    QComboBox* m_prompt;
    MutedLabel* m_problem;
    MutedLabel* m_empty;
    QTableView* m_table;
    SamplesModel* m_model;
    bool m_follows = true;  ///< the newest sample stays in view
};

}  // namespace lossmith::ui
