// The panel beside the Runs page: what made one run, or how two differ.
#include "ui/runs/RunDetails.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/charts/ChartText.h"
#include "ui/runs/ConfigDifference.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

constexpr qsizetype digest_digits = 16;

QString value_of(const Json& value) {
    if (value.is_string()) {
        const QString text = QString::fromStdString(value.get<std::string>());
        // A digest's first digits tell it apart; the whole is in the file.
        const bool digest = text.size() == 64 && !text.contains(QLatin1Char(' '));
        return digest ? text.left(digest_digits) + QStringLiteral("…") : text;
    }
    if (value.is_number_integer()) return count_text(value.get<std::int64_t>());
    if (value.is_number_float()) return plain_number(value.get<double>());
    return QString::fromStdString(value.dump());
}

void add_facts(const Json& json, const QString& prefix, std::vector<FactList::Fact>& facts) {
    for (const auto& [name, value] : json.items()) {
        const QString label = prefix + words_of_name(name);
        if (value.is_object())
            add_facts(value, label + QStringLiteral(": "), facts);
        else
            facts.push_back({label, value_of(value)});
    }
}

}  // namespace

RunDetails::RunDetails(QWidget* parent)
    : QWidget(parent),
      m_heading(new SectionLabel({})),
      m_hint(new MutedLabel),
      m_result(new FactList),
      m_made_heading(new SectionLabel(tr("What made it"))),
      m_made(new FactList),
      m_text_heading(new SectionLabel(tr("Template"))),
      m_text(new QLabel),
      m_difference(new QWidget),
      m_grid(new QGridLayout(m_difference)) {
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setFont(Theme::token_font());
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(0, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    for (QWidget* part :
         std::initializer_list<QWidget*>{m_heading, m_hint, m_result, m_made_heading, m_made, m_text_heading, m_text, m_difference}) {
        layout->addWidget(part);
    }
    layout->addStretch();
    show_runs({});
}

void RunDetails::clear() {
    for (QWidget* part :
         std::initializer_list<QWidget*>{m_heading, m_hint, m_result, m_made_heading, m_made, m_text_heading, m_text, m_difference}) {
        part->hide();
    }
}

void RunDetails::show_runs(const std::vector<Run>& runs) {
    clear();
    if (runs.size() == 1) return show_one(runs.front());
    if (runs.size() == 2) return show_difference(runs[0], runs[1]);
    m_hint->setText(runs.empty()
                        ? tr("Choose a run to see what made it, two to see how they differ, more to lay their curves over one another.")
                        : tr("%n runs are chosen; their curves lie over one another. Choose two to see how they differ.", nullptr,
                             static_cast<int>(runs.size())));
    m_hint->show();
}

void RunDetails::show_one(const Run& run) {
    m_heading->setText(tr("Run %1").arg(run.id).toUpper());
    m_heading->show();
    std::vector<FactList::Fact> facts = {{tr("Status"), status_text(run.status), status_role(run.status)}};
    if (!run.message.empty()) facts.push_back({tr("Why"), QString::fromStdString(run.message)});
    if (run.best_validation_loss) {
        // A run by reward chooses its best by the reward; the loss is the one at that step.
        facts.push_back({run.config.reward ? tr("Validation loss of its best") : tr("Best validation loss"),
                         tr("%1 at step %2").arg(value_text(*run.best_validation_loss, ValueFormat::Number)).arg(run.best_step)});
    }
    if (const auto seconds = seconds_of(run)) facts.push_back({tr("Time"), duration_text(*seconds)});
    m_result->set_facts(facts);
    m_result->show();

    std::vector<FactList::Fact> made = {{tr("Model"), QString::fromStdString(run.config.model)},
                                        {tr("Seed"), QString::number(run.config.seed)}};
    add_facts(run.provenance, {}, made);
    m_made->set_facts(made);
    m_made_heading->show();
    m_made->show();
    if (!run.config.template_spec) return;
    const TemplateSpec& spec = *run.config.template_spec;
    m_text->setText(QString::fromStdString(spec.start_token + spec.prompt + spec.completion + spec.end_token));
    m_text_heading->show();
    m_text->show();
}

void RunDetails::show_difference(const Run& first, const Run& second) {
    m_heading->setText(tr("Runs %1 and %2 differ in").arg(first.id).arg(second.id).toUpper());
    m_heading->show();
    const std::vector<ConfigDifference> differences = config_differences(first.config, second.config);
    if (differences.empty()) {
        m_hint->setText(tr("Nothing: their configs are the same."));
        m_hint->show();
        return;
    }
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
    int row = 0;
    const auto add = [&](const QString& label, const QString& one, const QString& other, bool heading) {
        auto* name = new QLabel(label);
        name->setWordWrap(true);
        m_grid->addWidget(name, row, 0, Qt::AlignTop);
        int column = 1;
        for (const QString& text : {one, other}) {
            auto* value = new MutedLabel(one_line(text, 120));
            value->set_role(heading ? Role::Muted : Role::Text);
            value->setToolTip(text);
            value->setAlignment(Qt::AlignRight | Qt::AlignTop);
            value->setWordWrap(text.size() > 14);
            m_grid->addWidget(value, row, column++);
        }
        ++row;
    };
    add({}, tr("run %1").arg(first.id), tr("run %1").arg(second.id), true);
    for (const ConfigDifference& difference : differences) add(difference.label, difference.first, difference.second, false);
    m_difference->show();
}

}  // namespace lossmith::ui

#include "moc_RunDetails.cpp"
