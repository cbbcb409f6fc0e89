// One cause that was found: its evidence, what it does, what to do, and the button that does it.
#pragma once

#include "core/config/RunConfig.h"
#include "core/diagnosis/Diagnosis.h"
#include "ui/widgets/Card.h"

class QPushButton;

namespace lossmith::ui {

class FindingCard : public Card {
    Q_OBJECT

public:
    /// `number`: its place among the findings, from 1. `config`: the run's, to say what would change.
    FindingCard(int number, const Finding& finding, const RunConfig& config, QWidget* parent = nullptr);

    [[nodiscard]] const Finding& finding() const { return m_finding; }

Q_SIGNALS:
    /// A new run with what this one changes.
    void cure_wanted();
    /// The page on which it is set right by hand.
    void page_wanted(const QString& name);

private:
    void add_change(const RunConfig& config);
    void add_buttons();

    Finding m_finding;
};

/// A page's name as its title stands on the rail: "data" → "Data".
[[nodiscard]] QString title_of_page(const std::string& name);

}  // namespace lossmith::ui
