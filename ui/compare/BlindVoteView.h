// Voting on one pair after the other: 1 or A for the left text, 2 or B for the right one, 0 for neither, backspace to go back.
#pragma once

#include <QWidget>
#include <optional>

#include "ui/compare/BlindVote.h"

class QLabel;
class QPushButton;
class QStackedLayout;

namespace lossmith::ui {

class Card;
class MutedLabel;

class BlindVoteView : public QWidget {
    Q_OBJECT

public:
    explicit BlindVoteView(QWidget* parent = nullptr);

    /// `models`: their names, the base first.
    void start(BlindVote vote, std::vector<std::string> models);
    [[nodiscard]] const std::optional<BlindVote>& vote() const { return m_vote; }
    [[nodiscard]] QString result_text() const;

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* make_ballot();
    QWidget* make_result();
    void cast(Vote vote);
    void show_state();

    [[nodiscard]] QString headline() const;

    std::optional<BlindVote> m_vote;
    std::vector<std::string> m_models;
    QStackedLayout* m_stack;
    MutedLabel* m_counter;
    QLabel* m_problem;
    QLabel* m_solution;
    QLabel* m_first;
    QLabel* m_second;
    QPushButton* m_back;
    QPushButton* m_show_solution;
    QLabel* m_headline;
    MutedLabel* m_result;
};

}  // namespace lossmith::ui
