// The card "What it wrote and learnt from": a run by reward's completions at a step, with what each token was pulled by.
#pragma once

#include <QAbstractTableModel>
#include <QStyledItemDelegate>
#include <vector>

#include "core/project/RunStore.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QTableView;

namespace lossmith::ui {

class MutedLabel;

/// The completions of one prompt at one step.
class CompletionsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { RewardColumn, AdvantageColumn, TextColumn, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void set_completions(std::vector<RewardedCompletion> completions);
    [[nodiscard]] const RewardedCompletion& completion(int row) const { return m_completions[static_cast<std::size_t>(row)]; }
    /// How strongly the step pulls at a token: advantage · (1 - probability), the gradient of the policy at its own logit. Above 0: towards
    /// it.
    [[nodiscard]] double pull(int row, int token) const;
    [[nodiscard]] double largest_pull() const { return m_largest; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<RewardedCompletion> m_completions;
    double m_largest = 0.0;
};

/// Paints a completion's tokens on green where the step makes them more likely and on red where less, and tells of the one under the
/// pointer.
class CompletionDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit CompletionDelegate(CompletionsModel& model, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index) override;
    /// What the token at this place says, e.g. its log-probability; empty where there is none.
    [[nodiscard]] QString tip_of(int row, int token) const;

private:
    /// Where each token stands in a cell of this width, from its left upper corner.
    [[nodiscard]] std::vector<QRect> places(const QFontMetrics& metrics, int row, int width) const;

    CompletionsModel& m_model;
};

class CompletionsCard : public Card {
    Q_OBJECT

public:
    explicit CompletionsCard(QWidget* parent = nullptr);

    void clear();
    /// Those of steps that came since the last call.
    void add_completions(const std::vector<RewardedCompletion>& completions);

private:
    void fill_steps();
    void fill_prompts();
    void show_chosen();

    std::vector<RewardedCompletion> m_completions;
    QComboBox* m_step;
    QComboBox* m_prompt;
    MutedLabel* m_solution;
    MutedLabel* m_empty;
    QTableView* m_table;
    CompletionsModel* m_model;
    CompletionDelegate* m_delegate;
};

}  // namespace lossmith::ui
