#include "ui/compare/ComparisonInspector.h"

#include <QComboBox>
#include <QCursor>
#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolTip>
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

/// Amber over the panel, as tokens of little probability stand on in the Playground.
QColor unsure_ground() {
    constexpr float share = 0.25F;
    const QColor under = Theme::colour(Role::Panel);
    const QColor over = Theme::colour(Role::Warn);
    const auto mixed = [&](float below, float above) { return below + (above - below) * share; };
    return QColor::fromRgbF(mixed(under.redF(), over.redF()), mixed(under.greenF(), over.greenF()), mixed(under.blueF(), over.blueF()));
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

QString token_probabilities(const TracedToken& token) {
    QString text = QStringLiteral("<b>%1</b> %2").arg(shown_token(token.text).toHtmlEscaped(), QString::number(token.probability, 'f', 3));
    for (const TokenAlternative& each : token.top)
        if (each.id != token.id)
            text += QStringLiteral("<br>%1 %2").arg(shown_token(each.text).toHtmlEscaped(), QString::number(each.probability, 'f', 3));
    return text;
}

QString linked_tokens(const TokenTrace& trace, const QColor& ink, const QColor& unsure_ground) {
    constexpr double unsure = 0.5;
    QString html;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        const QString text = escaped(i == 0 ? from(trimmed(trace[i].text)) : from(trace[i].text));
        const QString ground = trace[i].probability < unsure ? QStringLiteral(";background-color:%1").arg(unsure_ground.name()) : QString();
        html += QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none%3\">%4</a>")
                    .arg(QString::number(i), ink.name(), ground, text);
    }
    return QStringLiteral("<span style=\"white-space:pre-wrap\">%1</span>").arg(html);
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
    m_problem = add_section(*layout, tr("Row"), QStringLiteral("problem"));
    m_solution = add_section(*layout, tr("True solution"), QStringLiteral("solution"));
    m_model = new QComboBox;
    m_model->setObjectName(QStringLiteral("inspected_model"));
    m_model->setAccessibleName(tr("Which tuned model"));
    m_model->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    layout->addWidget(m_model);
    connect(m_model, &QComboBox::activated, this, &ComparisonInspector::show_chosen);
    m_difference = add_section(*layout, tr("Where tuned differs from it"), QStringLiteral("difference"));
    m_difference.text->setTextFormat(Qt::RichText);
    m_doubt = new MutedLabel;
    m_doubt->setObjectName(QStringLiteral("doubt"));
    layout->addWidget(m_doubt);
    m_texts = new QVBoxLayout;
    m_texts->setSpacing(6);
    layout->addLayout(m_texts);
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
    connect(probabilities, &QPushButton::clicked, this, [this] {
        if (chosen() < m_row.texts.size()) Q_EMIT logits_wanted(QString::fromStdString(m_row.prompt + m_row.texts[chosen()].text));
    });
    connect(m_playground, &QPushButton::clicked, this,
            [this] { Q_EMIT playground_wanted(QString::fromStdString(m_row.problem), QString::fromStdString(m_row.solution)); });
    clear();
}

ComparisonInspector::Section ComparisonInspector::add_section(QVBoxLayout& layout, const QString& title, const QString& name) {
    Section section{new SectionLabel(title), new QLabel};
    section.text->setObjectName(name);
    section.text->setWordWrap(true);
    section.text->setTextFormat(Qt::PlainText);
    section.text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    section.text->setAccessibleName(title);
    layout.addWidget(section.label);
    layout.addWidget(section.text);
    return section;
}

std::size_t ComparisonInspector::chosen() const {
    return static_cast<std::size_t>(std::max(0, m_model->currentIndex())) + 1;
}

void ComparisonInspector::set_text(Section& section, const std::string& text) {
    section.text->setText(from(trimmed(text)));
    section.label->setVisible(!trimmed(text).empty());
    section.text->setVisible(!trimmed(text).empty());
}

void ComparisonInspector::show_difference() {
    const std::string& tuned = m_row.texts[chosen()].text;
    const bool both = !trimmed(m_row.solution).empty() && !trimmed(tuned).empty();
    const bool differ = both && trimmed(m_row.solution) != trimmed(tuned);
    m_difference.label->setVisible(both);
    m_difference.text->setVisible(both);
    m_difference.text->setText(differ ? difference_html(tuned, m_row.solution, Theme::colour(Role::Bad), Theme::colour(Role::Ok))
                                      : tr("Nowhere: they are equal."));
    const QString doubt = differ ? doubt_at_difference(tuned, m_row.solution, m_traces[chosen()]) : QString();
    m_doubt->setText(doubt);
    m_doubt->setVisible(!doubt.isEmpty());
}

/// The tuned models first, as one reads them first; each word tells its probabilities under the pointer.
void ComparisonInspector::show_texts() {
    if (m_sections.size() != m_models.size()) {
        for (const Section& section : m_sections) {
            delete section.label;
            delete section.text;
        }
        m_sections.resize(m_models.size());
        for (std::size_t place = 0; place < m_models.size(); ++place) {
            const std::size_t model = (place + 1) % m_models.size();
            const QString name = model == 0   ? QStringLiteral("base")
                                 : model == 1 ? QStringLiteral("tuned")
                                              : QStringLiteral("tuned_%1").arg(model);
            m_sections[model] = add_section(*m_texts, {}, name);
            QLabel* label = m_sections[model].text;
            connect(label, &QLabel::linkHovered, this, [this, model, label](const QString& link) {
                const std::size_t token = link.toULong();
                const bool known = !link.isEmpty() && model < m_traces.size() && token < m_traces[model].size();
                QToolTip::showText(QCursor::pos(), known ? token_probabilities(m_traces[model][token]) : QString(), label);
            });
        }
    }
    for (std::size_t model = 0; model < m_models.size(); ++model) {
        Section& section = m_sections[model];
        const QString title = model == 0 ? tr("Base") : m_models.size() == 2 ? tr("Tuned") : from(m_models[model]);
        section.label->setText(title.toUpper());
        section.text->setAccessibleName(title);
        const bool traced = !m_traces[model].empty();
        section.text->setTextFormat(traced ? Qt::RichText : Qt::PlainText);
        section.text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard |
                                              (traced ? Qt::LinksAccessibleByMouse : Qt::NoTextInteraction));
        set_text(section, m_row.texts[model].text);
        if (traced) section.text->setText(linked_tokens(m_traces[model], Theme::colour(Role::Text), unsure_ground()));
    }
}

void ComparisonInspector::show_row(int number, const ComparisonRow& row, const std::vector<std::string>& models,
                                   std::vector<TokenTrace> traces) {
    m_row = row;
    m_traces = std::move(traces);
    if (models != m_models) {
        m_models = models;
        m_model->clear();
        for (std::size_t model = 1; model < models.size(); ++model) m_model->addItem(from(models[model]));
        m_model->setVisible(models.size() > 2);
    }
    m_nothing->hide();
    m_body->show();
    m_problem.label->setText(tr("Row %1").arg(number).toUpper());
    set_text(m_problem, row.problem.empty() ? row.prompt : row.problem);
    set_text(m_solution, row.solution);
    show_texts();
    show_chosen();
}

void ComparisonInspector::show_chosen() {
    show_difference();
    const Scores& of_base = m_row.texts.front().scores;
    const Scores& of_tuned = m_row.texts[chosen()].scores;
    std::vector<FactList::Fact> facts;
    for (const ScoreKind& kind : score_kinds()) {
        const auto& base = of_base.*kind.value;
        const auto& tuned = of_tuned.*kind.value;
        if (!base && !tuned) continue;
        const auto shown = [&](const std::optional<double>& value) {
            return value ? QString::fromStdString(shown_score(kind, *value)) : QStringLiteral("–");
        };
        facts.push_back({tr(kind.title), shown(base) + QStringLiteral(" → ") + shown(tuned), Role::Text});
    }
    m_scores->set_facts(facts);
    const auto& copied = of_tuned.copied_from;
    m_copied->setVisible(copied.has_value());
    if (copied)
        m_copied->setText(counted(static_cast<std::int64_t>(of_tuned.copied_words.value_or(0)),
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
    if (event->type() == QEvent::PaletteChange && !m_row.texts.empty()) {
        show_texts();
        show_difference();
    }
    QWidget::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_ComparisonInspector.cpp"
