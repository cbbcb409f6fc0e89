// A card that asks the engine about the inspected text when it is looked at: for one model at a time, of two the chosen one.
#pragma once

#include "ui/logits/Inspection.h"
#include "ui/logits/LatestRequest.h"
#include "ui/widgets/Card.h"

namespace lossmith::ui {

class Chip;
class MutedLabel;

class InspectionCard : public Card {
    Q_OBJECT

public:
    InspectionCard(EngineClient& engine, QWidget* parent);

    /// Null: there is no text. What is not on show is asked for once it is.
    void set_inspection(InspectionPointer inspection);
    /// The token chosen in the strip; the number of tokens: the place after the last.
    void set_place(int place);
    [[nodiscard]] ModelSide side() const { return m_side; }
    void set_side(ModelSide side);
    [[nodiscard]] bool is_asking() const { return m_request.is_asking(); }
    /// Of what is on show, everything has been answered.
    [[nodiscard]] bool is_up_to_date() const { return !isVisible() || (!m_stale && !is_asking()); }
    void stop();

Q_SIGNALS:
    void place_chosen(int place);
    void busy_changed();

protected:
    /// To be asked now; there is an inspection.
    virtual void ask() = 0;
    virtual void clear_answer() = 0;
    virtual void place_changed() {}

    void showEvent(QShowEvent* event) override;
    /// Asks again at the next chance: now, when it is on show.
    void refresh();
    /// One line in place of an answer; empty: none.
    void say(const QString& line);
    /// The answer, or nothing after its error was said.
    [[nodiscard]] const Json* taken(const Result<Json>& answer);
    [[nodiscard]] const InspectionPointer& inspection() const { return m_inspection; }
    [[nodiscard]] int place() const { return m_place; }

    LatestRequest m_request;

private:
    void ask_if_needed();

    InspectionPointer m_inspection;
    int m_place = -1;
    ModelSide m_side = ModelSide::Tuned;
    bool m_stale = false;
    Chip* m_base;
    Chip* m_tuned;
    MutedLabel* m_note;
};

}  // namespace lossmith::ui
