#include "ui/compare/ComparisonInspector.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/comparison/ComparisonPage.h"
#include "core/comparison/WordDiff.h"
#include "core/comparison/Words.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QString from(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::string_view part(const std::string& text, const TextRange& range) {
    return std::string_view(text).substr(range.begin, range.end - range.begin);
}

QString escaped(const QString& text) {
    return text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
}

/// Keeps some words on each side that has a difference next to it.
QString shortened(const QString& text, bool first, bool last) {
    constexpr qsizetype kept = 40;
    if (text.size() <= 3 * kept) return escaped(text);
    const QString dots = QStringLiteral(" … ");
    if (first) return dots + escaped(text.right(kept));
    if (last) return escaped(text.left(kept)) + dots;
    return escaped(text.left(kept)) + dots + escaped(text.right(kept));
}

}  // namespace

QString difference_html(const std::string& tuned, const std::string& reference, const QColor& wrong, const QColor& right) {
    QString html;
    const auto spans = word_diff(tuned, reference);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const DiffSpan& span = spans[i];
        if (span.kind == DiffKind::Same) {
            html += shortened(from(part(tuned, span.first)), i == 0, i + 1 == spans.size());
        } else if (span.kind == DiffKind::OnlyFirst) {
            html += QStringLiteral("<s style=\"color:%1\">%2</s> ").arg(wrong.name(), escaped(from(trimmed(part(tuned, span.first)))));
        } else {
            html += QStringLiteral("<span style=\"color:%1\">%2</span> ")
                        .arg(right.name(), escaped(from(trimmed(part(reference, span.second)))));
        }
    }
    return html;
}

QString doubt_at_difference(const std::string& text, const std::string& reference, const TokenTrace& trace) {
    for (const DiffSpan& span : word_diff(text, reference)) {
        if (span.kind != DiffKind::OnlyFirst) continue;
        const auto word = trimmed(part(text, span.first));
        const auto offset = static_cast<std::size_t>(word.data() - text.data());
        const std::size_t at = token_at(trace, offset);
        if (word.empty() || at >= trace.size() || trace[at].top.empty()) return {};
        QStringList options;
        for (const TokenAlternative& each : trace[at].top)
            options += QStringLiteral("%1 %2").arg(shown_token(each.text), QString::number(each.probability, 'f', 2));
        return ComparisonInspector::tr("At “%1”: %2.").arg(from(trimmed(trace[at].text)), options.join(QStringLiteral(", ")));
    }
    return {};
}

ComparisonInspector::ComparisonInspector(QWidget* parent) : QWidget(parent) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_nothing = new MutedLabel(tr("Choose a row to read it in full."));
    m_body = new QWidget;
    outer->addWidget(m_nothing);
    outer->addWidget(m_body);
    outer->addStretch();
    auto* layout = new QVBoxLayout(m_body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_problem = add_section(tr("Row"), QStringLiteral("problem"));
    m_solution = add_section(tr("True solution"), QStringLiteral("solution"));
    m_difference = add_section(tr("Where tuned differs from it"), QStringLiteral("difference"));
    m_difference.text->setTextFormat(Qt::RichText);
    m_doubt = new MutedLabel;
    m_doubt->setObjectName(QStringLiteral("doubt"));
    layout->addWidget(m_doubt);
    m_tuned = add_section(tr("Tuned"), QStringLiteral("tuned"));
    m_base = add_section(tr("Base"), QStringLiteral("base"));
    layout->addWidget(new SectionLabel(tr("Scores, base → tuned")));
    m_scores = new FactList;
    layout->addWidget(m_scores);
    m_copied = new MutedLabel;
    layout->addWidget(m_copied);
    m_playground = new QPushButton(tr("Open in Playground"));
    layout->addWidget(m_playground, 0, Qt::AlignLeft);
    auto* probabilities = new QPushButton(tr("Look at the probabilities"));
    probabilities->setObjectName(QStringLiteral("look_at_probabilities"));
    layout->addWidget(probabilities, 0, Qt::AlignLeft);
    connect(probabilities, &QPushButton::clicked, this,
            [this] { Q_EMIT logits_wanted(QString::fromStdString(m_row.prompt + m_row.tuned.text)); });
    connect(m_playground, &QPushButton::clicked, this,
            [this] { Q_EMIT playground_wanted(QString::fromStdString(m_row.problem), QString::fromStdString(m_row.solution)); });
    clear();
}

ComparisonInspector::Section ComparisonInspector::add_section(const QString& title, const QString& name) {
    Section section{new SectionLabel(title), new QLabel};
    section.text->setObjectName(name);
    section.text->setWordWrap(true);
    section.text->setTextFormat(Qt::PlainText);
    section.text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    section.text->setAccessibleName(title);
    m_body->layout()->addWidget(section.label);
    m_body->layout()->addWidget(section.text);
    return section;
}

void ComparisonInspector::set_text(Section& section, const std::string& text) {
    section.text->setText(from(trimmed(text)));
    section.label->setVisible(!trimmed(text).empty());
    section.text->setVisible(!trimmed(text).empty());
}

void ComparisonInspector::show_difference() {
    const bool both = !trimmed(m_row.solution).empty() && !trimmed(m_row.tuned.text).empty();
    const bool differ = both && trimmed(m_row.solution) != trimmed(m_row.tuned.text);
    m_difference.label->setVisible(both);
    m_difference.text->setVisible(both);
    m_difference.text->setText(differ ? difference_html(m_row.tuned.text, m_row.solution, Theme::colour(Role::Bad), Theme::colour(Role::Ok))
                                      : tr("Nowhere: they are equal."));
    const QString doubt = differ ? doubt_at_difference(m_row.tuned.text, m_row.solution, m_trace) : QString();
    m_doubt->setText(doubt);
    m_doubt->setVisible(!doubt.isEmpty());
}

void ComparisonInspector::show_row(int number, const ComparisonRow& row, const TokenTrace& tuned_trace) {
    m_row = row;
    m_trace = tuned_trace;
    m_nothing->hide();
    m_body->show();
    m_problem.label->setText(tr("Row %1").arg(number).toUpper());
    set_text(m_problem, row.problem.empty() ? row.prompt : row.problem);
    set_text(m_solution, row.solution);
    set_text(m_base, row.base.text);
    set_text(m_tuned, row.tuned.text);
    show_difference();
    std::vector<FactList::Fact> facts;
    for (const ScoreKind& kind : score_kinds()) {
        const auto& base = row.base.scores.*kind.value;
        const auto& tuned = row.tuned.scores.*kind.value;
        if (!base && !tuned) continue;
        const auto shown = [&](const std::optional<double>& value) {
            return value ? QString::fromStdString(shown_score(kind, *value)) : QStringLiteral("–");
        };
        facts.push_back({tr(kind.title), shown(base) + QStringLiteral(" → ") + shown(tuned), Role::Text});
    }
    m_scores->set_facts(facts);
    const auto& copied = row.tuned.scores.copied_from;
    m_copied->setVisible(copied.has_value());
    if (copied)
        m_copied->setText(counted(static_cast<std::int64_t>(row.tuned.scores.copied_words.value_or(0)),
                                  tr("Only single words of it are in training, the first in row %1.").arg(*copied),
                                  tr("Its longest run of words that is in training too has %1 words, from row %2.")
                                      .arg(QStringLiteral("%1"), QString::number(*copied))));
}

void ComparisonInspector::clear() {
    m_row = {};
    m_body->hide();
    m_nothing->show();
}

void ComparisonInspector::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_body->isVisible()) show_difference();
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_ComparisonInspector.cpp"
