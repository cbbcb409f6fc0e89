#include "ui/logits/BranchCard.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeView>
#include <QUndoStack>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"

namespace lossmith::ui {

/// Puts a branch into the tree; taken back with all that hangs on it, and put back with it, nothing being generated anew.
class PutToken : public QUndoCommand {
public:
    PutToken(BranchCard& card, Branch branch)
        : QUndoCommand(BranchCard::tr("put a token")), m_card(card), m_before(card.current()), m_branches{std::move(branch)} {}

    void redo() override {
        int first = 0;
        for (const Branch& branch : m_branches) {
            const int added = m_card.m_model->add(branch);
            if (first == 0) first = added;
        }
        m_put = first;
        m_card.choose(first);
    }
    void undo() override {
        m_card.stop();
        m_branches = m_card.m_model->remove(m_put);
        m_card.choose(m_before);
    }

private:
    BranchCard& m_card;
    int m_before;
    int m_put = 0;
    std::vector<Branch> m_branches;
};

BranchCard::BranchCard(EngineClient& engine, QWidget* parent)
    : Card(tr("Branches"), parent),
      m_base(engine, this),
      m_tuned(engine, this),
      m_model(new BranchModel(this)),
      m_tree(new QTreeView),
      m_undo(new QUndoStack(this)),
      m_undo_button(new QPushButton(tr("Undo"))),
      m_hint(new MutedLabel(tr("Double click a token of the list at the left (or Return on it) to put it there: both models go on from it. "
                               "Ctrl+Return puts it there and keeps the rest."))) {
    m_undo_button->setObjectName(QStringLiteral("undo_branch"));
    m_undo_button->setToolTip(tr("Take the last token back (Ctrl+Z)"));
    header()->addWidget(m_undo_button);
    m_tree->setModel(m_model);
    m_tree->setObjectName(QStringLiteral("branches"));
    m_tree->setAccessibleName(tr("Branches of the text"));
    m_tree->setUniformRowHeights(true);
    m_tree->setAllColumnsShowFocus(true);
    m_tree->header()->setSectionResizeMode(BranchModel::What, QHeaderView::ResizeToContents);
    body()->addWidget(m_tree, 1);
    body()->addWidget(m_hint);
    connect(m_undo_button, &QPushButton::clicked, m_undo, &QUndoStack::undo);
    connect(m_undo, &QUndoStack::indexChanged, this, &BranchCard::show_state);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        const Branch* branch = index.isValid() ? m_model->branch_at(index) : nullptr;
        if (!branch || branch->id == m_current) return;
        m_current = branch->id;
        Q_EMIT chosen(m_current);
    });
    for (LatestRequest* request : {&m_base, &m_tuned}) connect(request, &LatestRequest::changed, this, &BranchCard::busy_changed);
    show_state();
}

BranchCard::~BranchCard() {
    // A stack that goes says that it is empty, when the model is gone already.
    disconnect(m_undo, nullptr, this, nullptr);
}

void BranchCard::show_state() {
    m_undo_button->setEnabled(m_undo->canUndo());
    const bool any = m_model->rowCount() > 0;
    m_tree->setVisible(any);
}

void BranchCard::begin(InspectionPointer inspection) {
    stop();
    m_undo->clear();
    m_inspection = std::move(inspection);
    m_current = 0;
    if (m_inspection)
        m_current = m_model->begin(m_inspection->text.ids(), m_inspection->text.text());
    else
        m_model->clear();
    m_tree->setCurrentIndex(m_model->index_of(m_current));
    show_state();
}

void BranchCard::choose(int branch) {
    if (!m_model->branch(branch)) return;
    const QModelIndex index = m_model->index_of(branch);
    m_tree->expand(index.parent());
    m_tree->expand(index);
    if (m_current == branch) return;
    m_tree->setCurrentIndex(index);
}

int BranchCard::put(Branch branch) {
    m_undo->push(new PutToken(*this, std::move(branch)));
    return m_current;
}

void BranchCard::force(int place, std::int64_t id, const std::string& text, const SamplingConfig& sampling) {
    const Branch* from = m_model->branch(m_current);
    if (!from || place < 1 || place > static_cast<int>(from->ids.size())) return;
    stop();
    Branch forced{0, m_current, BranchKind::Forced, ModelSide::Tuned, place, text, from->ids};
    forced.ids.resize(static_cast<std::size_t>(place));
    forced.ids.push_back(id);
    const int branch = put(std::move(forced));
    if (m_inspection->of_two()) go_on(branch, ModelSide::Base, sampling);
    go_on(branch, ModelSide::Tuned, sampling);
}

void BranchCard::change(int place, std::int64_t id, const std::string& text) {
    const Branch* from = m_model->branch(m_current);
    if (!from || place < 1 || place >= static_cast<int>(from->ids.size())) return;
    Branch changed{0, m_current, BranchKind::Changed, ModelSide::Tuned, place, text, from->ids};
    changed.ids[static_cast<std::size_t>(place)] = id;
    put(std::move(changed));
}

void BranchCard::go_on(int from, ModelSide side, const SamplingConfig& sampling) {
    Branch branch{0, from, BranchKind::Continued, side, 0, {}, m_model->branch(from)->ids};
    branch.place = static_cast<int>(branch.ids.size());
    const Json params = {
        {"model", m_inspection->model(side)}, {"project", m_inspection->project}, {"ids", branch.ids}, {"sampling", sampling}};
    const int added = m_model->add(std::move(branch));
    m_tree->expand(m_model->index_of(from));
    LatestRequest& request = side == ModelSide::Base ? m_base : m_tuned;
    request.ask(
        QStringLiteral("generate"), params,
        [this, added, side](const Result<Json>& answer) {
            if (!answer) return Q_EMIT failed(answer.error());
            take(added, *answer);
            // The tuned model's is the one to look at; whoever looks elsewhere by then is left there.
            const Branch* looked_at = m_model->branch(m_current);
            const Branch* told = m_model->branch(added);
            if (side == ModelSide::Tuned && looked_at && told && told->parent == looked_at->id) choose(added);
        },
        [this, added](const Json& value) { m_model->go_on(added, whole_number_in(value, "id"), string_or_empty(value, "text")); });
}

void BranchCard::take(int branch, const Json& answer) {
    const Branch* added = m_model->branch(branch);
    if (!added) return;
    if (!answer.is_array() || answer.size() != 1 || !answer[0].is_object()) return Q_EMIT failed(unreadable_answer());
    std::vector<std::int64_t> ids(added->ids.begin(), added->ids.begin() + added->place);
    for (const Json& id : list_in(answer[0], "ids"))
        if (id.is_number_integer()) ids.push_back(id.get<std::int64_t>());
    m_model->set_continuation(branch, std::move(ids), string_or_empty(answer[0], "text"));
}

void BranchCard::stop() {
    m_base.forget();
    m_tuned.forget();
}

}  // namespace lossmith::ui

#include "moc_BranchCard.cpp"
