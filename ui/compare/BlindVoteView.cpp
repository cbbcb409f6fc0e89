#include "ui/compare/BlindVoteView.h"

#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>

#include "core/comparison/ComparisonPage.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QLabel* text_label(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

Card* text_card(const QString& heading, QLabel* label) {
    auto* card = new Card(heading);
    auto* scroll = new QScrollArea;
    auto* inside = new QWidget;
    inside->setObjectName(QStringLiteral("scroll_body"));
    auto* room = new QVBoxLayout(inside);
    room->setContentsMargins(0, 0, 0, 0);
    room->addWidget(label);
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    card->body()->addWidget(scroll);
    return card;
}

QString shown(const std::string& text) {
    const QString whole = QString::fromStdString(text).trimmed();
    return whole.isEmpty() ? BlindVoteView::tr("(no text)") : whole;
}

}  // namespace

BlindVoteView::BlindVoteView(QWidget* parent) : QWidget(parent), m_stack(new QStackedLayout(this)) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Blind vote"));
    m_stack->addWidget(make_ballot());
    m_stack->addWidget(make_result());
}

QWidget* BlindVoteView::make_ballot() {
    auto* page = new QWidget(this);
    m_counter = new MutedLabel;
    m_problem = text_label(QStringLiteral("vote_problem"));
    m_solution = text_label(QStringLiteral("vote_solution"));
    m_first = text_label(QStringLiteral("vote_first"));
    m_second = text_label(QStringLiteral("vote_second"));

    auto* problem = new Card(tr("Problem"));
    problem->body()->addWidget(m_problem);
    m_show_solution = new QPushButton(tr("Show the true solution"));
    m_show_solution->setCheckable(true);
    problem->header()->addWidget(m_counter);
    problem->header()->addWidget(m_show_solution);
    auto* solution_label = new SectionLabel(tr("True solution"));
    problem->body()->addWidget(solution_label);
    problem->body()->addWidget(m_solution);
    const auto reveal = [this, solution_label](bool shown_now) {
        solution_label->setVisible(shown_now);
        m_solution->setVisible(shown_now);
    };
    connect(m_show_solution, &QPushButton::toggled, this, reveal);
    reveal(false);

    auto* texts = new QHBoxLayout;
    texts->setSpacing(12);
    texts->addWidget(text_card(tr("A"), m_first), 1);
    texts->addWidget(text_card(tr("B"), m_second), 1);

    const auto button = [this](const QString& text, const QString& name, Vote vote) {
        auto* made = new QPushButton(text);
        made->setObjectName(name);
        made->setFocusPolicy(Qt::TabFocus);
        connect(made, &QPushButton::clicked, this, [this, vote] { cast(vote); });
        return made;
    };
    m_back = new QPushButton(tr("Back"));
    m_back->setFocusPolicy(Qt::TabFocus);
    connect(m_back, &QPushButton::clicked, this, [this] {
        m_vote->back();
        show_state();
    });
    auto* end = new QPushButton(tr("End and show the result"));
    end->setObjectName(QStringLiteral("vote_end"));
    connect(end, &QPushButton::clicked, this, [this] {
        m_vote->end();
        show_state();
    });
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_back);
    buttons->addStretch();
    buttons->addWidget(button(tr("A is better  (1)"), QStringLiteral("vote_a"), Vote::First));
    buttons->addWidget(button(tr("Neither  (0)"), QStringLiteral("vote_neither"), Vote::Neither));
    buttons->addWidget(button(tr("B is better  (2)"), QStringLiteral("vote_b"), Vote::Second));
    buttons->addStretch();
    buttons->addWidget(end);

    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(problem);
    layout->addLayout(texts, 1);
    layout->addLayout(buttons);
    return page;
}

QWidget* BlindVoteView::make_result() {
    auto* page = new QWidget;
    m_headline = new QLabel;
    m_headline->setFont(Theme::heading_font());
    m_headline->setAlignment(Qt::AlignCenter);
    m_result = new MutedLabel;
    m_result->setAlignment(Qt::AlignCenter);
    auto* close = new QPushButton(tr("Back to the table"));
    close->setObjectName(QStringLiteral("vote_close"));
    make_primary(close);
    connect(close, &QPushButton::clicked, this, &BlindVoteView::closed);
    auto* layout = new QVBoxLayout(page);
    layout->setSpacing(12);
    layout->addStretch();
    layout->addWidget(m_headline);
    layout->addWidget(m_result);
    layout->addWidget(close, 0, Qt::AlignCenter);
    layout->addStretch();
    return page;
}

void BlindVoteView::start(BlindVote vote, std::vector<std::string> models) {
    m_models = std::move(models);
    m_vote = std::move(vote);
    m_show_solution->setChecked(false);
    show_state();
    setFocus();
}

void BlindVoteView::cast(Vote vote) {
    m_vote->cast(vote);
    show_state();
    setFocus();
}

void BlindVoteView::show_state() {
    m_stack->setCurrentIndex(m_vote->is_over() ? 1 : 0);
    if (m_vote->is_over()) {
        m_headline->setText(headline());
        m_result->setText(result_text());
        return;
    }
    const Ballot& ballot = m_vote->current();
    m_counter->setText(tr("%1 of %2").arg(m_vote->position() + 1).arg(m_vote->size()));
    m_problem->setText(shown(ballot.problem));
    m_solution->setText(shown(ballot.solution));
    m_show_solution->setVisible(!ballot.solution.empty());
    m_first->setText(shown(ballot.first));
    m_second->setText(shown(ballot.second));
    m_back->setEnabled(m_vote->position() > 0);
}

QString BlindVoteView::headline() const {
    if (m_models.size() > 2) return tr("The vote is over");
    const VoteResult result = m_vote->result();
    if (result.tuned == result.base) return tr("Neither is ahead");
    return result.tuned > result.base ? tr("Tuned is ahead") : tr("Base is ahead");
}

QString BlindVoteView::result_text() const {
    if (!m_vote) return {};
    const auto times = [](int count) { return counted(count, tr("once"), tr("%1 times")); };
    QStringList sentences;
    for (std::size_t model = 1; model < m_models.size(); ++model) {
        const VoteResult result = m_vote->result(model);
        if (result.tuned + result.base + result.neither == 0) continue;
        const QString name = m_models.size() == 2 ? tr("Tuned") : QString::fromStdString(m_models[model]);
        sentences +=
            tr("%1 was better %2, base %3, neither %4; %5 by the sign test.")
                .arg(name, times(result.tuned), times(result.base), times(result.neither), QString::fromStdString(shown_p(result.p)));
    }
    return sentences.isEmpty() ? tr("Nothing was voted on.") : sentences.join(QLatin1Char('\n'));
}

void BlindVoteView::keyPressEvent(QKeyEvent* event) {
    if (!m_vote) return;
    const bool over = m_vote->is_over();
    switch (event->key()) {
        case Qt::Key_1:
        case Qt::Key_A: return over ? void() : cast(Vote::First);
        case Qt::Key_2:
        case Qt::Key_B: return over ? void() : cast(Vote::Second);
        case Qt::Key_0:
        case Qt::Key_N: return over ? void() : cast(Vote::Neither);
        case Qt::Key_Backspace: m_vote->back(); return show_state();
        case Qt::Key_Escape: return Q_EMIT closed();
        default: QWidget::keyPressEvent(event);
    }
}

}  // namespace lossmith::ui

#include "moc_BlindVoteView.cpp"
