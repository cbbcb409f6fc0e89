#include "ui/compare/ScoreCards.h"

#include <QHBoxLayout>
#include <array>

#include "core/comparison/ComparisonPage.h"
#include "ui/widgets/Format.h"
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
    hide();
}

void ScoreCards::set_summaries(const std::vector<ScoreSummaries>& summaries, const std::vector<std::string>& models) {
    bool any = false;
    for (const ScoreKind& kind : score_kinds()) {
        StatCard* card = m_cards.value(QString::fromLatin1(kind.name));
        if (card == nullptr) continue;
        QString base;
        QStringList tuned;
        QStringList notes;
        QStringList tips;
        for (std::size_t i = 0; i < summaries.size(); ++i) {
            const auto found = summaries[i].find(kind.name);
            if (found == summaries[i].end()) continue;
            const ScoreSummary& score = found->second;
            base = text_from(shown_score(kind, score.base.mean));
            tuned += text_from(shown_score(kind, score.tuned.mean));
            notes += tr("%1, %2").arg(interval(kind, score.tuned), text_from(shown_p(score.p)));
            const QString name = i + 1 < models.size() ? text_from(models[i + 1]) : tr("tuned");
            tips += tr("95 % interval of base %1, of %2 %3;\n%4 by a paired permutation test over %5.")
                        .arg(interval(kind, score.base), name, interval(kind, score.tuned), text_from(shown_p(score.p)),
                             counted(score.rows, tr("1 row"), tr("%1 rows")));
        }
        card->setVisible(!tuned.isEmpty());
        if (tuned.isEmpty()) continue;
        any = true;
        card->set_values(base, tuned.join(QStringLiteral(" · ")), notes.join(QStringLiteral(" · ")));
        card->setToolTip(tr(kind.meaning) + QStringLiteral(".\n") + tips.join(QLatin1Char('\n')));
    }
    setVisible(any);
}

}  // namespace lossmith::ui

#include "moc_ScoreCards.cpp"
