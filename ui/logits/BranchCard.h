// The card "Branches": puts a token into the text, lets both models go on from it, and keeps what came as a tree with undo.
#pragma once

#include "core/config/SamplingConfig.h"
#include "ui/logits/BranchModel.h"
#include "ui/logits/Inspection.h"
#include "ui/logits/LatestRequest.h"
#include "ui/widgets/Card.h"

class QPushButton;
class QTreeView;
class QUndoStack;

namespace lossmith::ui {

class MutedLabel;

class BranchCard : public Card {
    Q_OBJECT

public:
    explicit BranchCard(EngineClient& engine, QWidget* parent = nullptr);
    ~BranchCard() override;

    /// Another text: earlier branches are forgotten. Null: none.
    void begin(InspectionPointer inspection);
    [[nodiscard]] BranchModel* model() const { return m_model; }
    [[nodiscard]] QUndoStack* undo_stack() const { return m_undo; }
    [[nodiscard]] int current() const { return m_current; }  ///< 0: none
    void choose(int branch);

    /// The current branch's text up to `place`, then this token; then each model goes on.
    void force(int place, std::int64_t id, const std::string& text, const SamplingConfig& sampling);
    /// The current branch's text with another token at `place`.
    void change(int place, std::int64_t id, const std::string& text);
    void stop();
    [[nodiscard]] bool is_generating() const { return m_base.is_asking() || m_tuned.is_asking(); }

Q_SIGNALS:
    /// A branch to be looked at: its ids.
    void chosen(int branch);
    void failed(const lossmith::Error& error);
    void busy_changed();

private:
    friend class PutToken;
    int put(Branch branch);
    void go_on(int from, ModelSide side, const SamplingConfig& sampling);
    void take(int branch, const Json& answer);
    void show_state();

    LatestRequest m_base, m_tuned;
    InspectionPointer m_inspection;  ///< of the text it began with; tells models and project
    BranchModel* m_model;
    QTreeView* m_tree;
    QUndoStack* m_undo;
    QPushButton* m_undo_button;
    MutedLabel* m_hint;
    int m_current = 0;
};

}  // namespace lossmith::ui
