#include "ui/compare/ScoreCards.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <algorithm>
#include <array>

#include "core/comparison/ComparisonPage.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/StatCard.h"

namespace lossmith::ui {

namespace {

/// Those worth a card; all are in the inspector and in the exports.
constexpr std::array shown_kinds{"exact_match", "number_match", "rouge_l", "bleu", "perplexity", "words", "copied_share"};

bool is_shown(const ScoreKind& kind) {
    return std::ranges::any_of(shown_kinds, [&](const char* name) { return std::string_view(name) == kind.name; });
}

QString text_from(const std::string& text) {
    return QString::fromStdString(text);
}

QString interval(const ScoreKind& kind, const Interval& of) {
    QString low = text_from(shown_score(kind, of.low));
    const QString high = text_from(shown_score(kind, of.high));
    const QString unit = QStringLiteral(" %");
    if (low.endsWith(unit) && high.endsWith(unit)) low.chop(unit.size());
    return low + QStringLiteral(" – ") + high;
}

QString explained(const ScoreKind& kind, const ScoreSummary& score) {
    return ScoreCards::tr("%1.\n95 % interval of base %2, of tuned %3;\n%4 by a paired permutation test over %5.")
        .arg(ScoreCards::tr(kind.meaning), interval(kind, score.base), interval(kind, score.tuned), text_from(shown_p(score.p)),
             counted(score.rows, ScoreCards::tr("1 row"), ScoreCards::tr("%1 rows")));
}

}  // namespace

ScoreCards::ScoreCards(QWidget* parent) : QWidget(parent), m_layout(new QHBoxLayout(this)) {
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(12);
    for (const ScoreKind& kind : score_kinds()) {
        if (!is_shown(kind)) continue;
        auto* card = new StatCard(tr(kind.title));
        card->setObjectName(QString::fromLatin1(kind.name));
        card->hide();
        m_layout->addWidget(card, 1);
        m_cards.insert(card->objectName(), card);
    }
    m_board = new Card({}, this);
    m_board->setObjectName(QStringLiteral("score_board"));
    m_board->setAccessibleName(tr("Scores of each model"));
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(18);
    m_grid->setVerticalSpacing(4);
    m_board->body()->addLayout(m_grid);
    m_layout->addWidget(m_board, 1);
    m_board->hide();
    hide();
}

void ScoreCards::set_summaries(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models) {
    const bool any = std::ranges::any_of(summaries, [](const ScoreSummaries& each) { return !each.empty(); });
    const bool several = summaries.size() > 1;
    m_board->setVisible(any && several);
    show_cards(any && !several ? summaries.front() : ScoreSummaries{});
    if (any && several) show_grid(summaries, models);
    setVisible(any);
}

void ScoreCards::show_cards(const ScoreSummaries& summary) {
    for (const ScoreKind& kind : score_kinds()) {
        StatCard* card = m_cards.value(QString::fromLatin1(kind.name));
        if (card == nullptr) continue;
        const auto found = summary.find(kind.name);
        card->setVisible(found != summary.end());
        if (found == summary.end()) continue;
        const ScoreSummary& score = found->second;
        card->set_values(text_from(shown_score(kind, score.base.mean)), text_from(shown_score(kind, score.tuned.mean)),
                         tr("%1, %2").arg(interval(kind, score.tuned), text_from(shown_p(score.p))));
        card->setToolTip(explained(kind, score));
    }
}

void ScoreCards::show_grid(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models) {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto add = [this](const QString& text, Role role, int row, int column, const QString& tip, const QString& name) {
        MutedLabel* label = column == 0 ? new ElidedLabel(text, m_board) : new MutedLabel(text, m_board);
        label->set_role(role);
        label->setToolTip(tip);
        label->setObjectName(name);
        label->setWordWrap(false);
        if (column > 0) label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_grid->addWidget(label, row, column);
    };
    for (std::size_t model = 0; model < models.size(); ++model)
        add(text_from(models[model]), model == 0 ? Role::Base : Role::Tuned, static_cast<int>(model) + 1, 0, text_from(models[model]), {});
    int column = 0;
    for (const ScoreKind& kind : score_kinds()) {
        const auto has_score = [&](const ScoreSummaries& each) { return each.contains(kind.name); };
        if (!is_shown(kind) || std::ranges::none_of(summaries, has_score)) continue;
        ++column;
        add(tr(kind.title), Role::Muted, 0, column, tr(kind.meaning), {});
        for (std::size_t model = 1; model < models.size(); ++model) {
            const auto found = summaries[model - 1].find(kind.name);
            if (found == summaries[model - 1].end()) continue;
            const ScoreSummary& score = found->second;
            const QString name = QString::fromLatin1(kind.name) + QLatin1Char('_');
            if (model == 1) add(text_from(shown_score(kind, score.base.mean)), Role::Base, 1, column, {}, name + QLatin1Char('0'));
            // What may be chance is said so where it is read.
            const QString value = text_from(shown_score(kind, score.tuned.mean)) + (score.p < 0.05 ? QString() : tr(" n.s."));
            add(value, Role::Tuned, static_cast<int>(model) + 1, column, explained(kind, score), name + QString::number(model));
        }
    }
    m_grid->setColumnStretch(0, 1);
}

}  // namespace lossmith::ui

#include "moc_ScoreCards.cpp"
