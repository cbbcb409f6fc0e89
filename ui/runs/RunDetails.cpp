// The panel beside the Runs page: what made one run and where it began, or how several differ.
#include "ui/runs/RunDetails.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/config/ConfigDifference.h"
#include "ui/charts/ChartText.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

/// A digest's first digits tell it apart; the whole is in the file.
QString digest_text(const std::string& digest) {
    constexpr qsizetype digits = 12;
    return QString::fromStdString(digest).left(digits) + QStringLiteral("…");
}

QString text_of(const Json& value) {
    const QString text = QString::fromStdString(value_in_words(value));
    return text.size() == 64 && !text.contains(QLatin1Char(' ')) ? digest_text(text.toStdString()) : text;
}

/// What the engine recorded of a run, in words; what it is not known by name stands as it was written, so that nothing is lost.
void add_provenance(const Json& provenance, std::vector<FactList::Fact>& facts) {
    const std::map<std::string, QString> labels = {{"data", RunDetails::tr("Rows, digest")},
                                                   {"rows", RunDetails::tr("Rows trained on")},
                                                   {"tokens", RunDetails::tr("Tokens in them")},
                                                   {"labelled_tokens", RunDetails::tr("Labelled tokens")},
                                                   {"model_sha256", RunDetails::tr("Weights at first")},
                                                   {"model_folder", RunDetails::tr("Read from")},
                                                   {"loss_files", RunDetails::tr("The loss's files")},
                                                   {"lossmith", RunDetails::tr("Lossmith")},
                                                   {"torch", RunDetails::tr("LibTorch")},
                                                   {"device", RunDetails::tr("Computed on")},
                                                   {"cuda_visible_devices", RunDetails::tr("Cards it saw")},
                                                   {"driver", RunDetails::tr("Graphics driver")},
                                                   {"threads", RunDetails::tr("Threads")}};
    for (const auto& [name, value] : provenance.items()) {
        const auto known = labels.find(name);
        const QString label = known == labels.end() ? words_of_name(name) : known->second;
        if (value.is_object()) {
            for (const auto& [part, inner] : value.items())
                facts.push_back({label + QStringLiteral(": ") + QString::fromStdString(part), text_of(inner)});
        } else if (value.is_number_integer()) {
            facts.push_back({label, count_text(value.get<std::int64_t>())});
        } else {
            facts.push_back({label, name == "model_folder" ? QFileInfo(text_of(value)).fileName() : text_of(value)});
        }
    }
}

QLabel* source_label() {
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setFont(Theme::token_font());
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QString link_to(const RunOrigin& origin) {
    const QString text = origin.step > 0 ? RunDetails::tr("run %1, step %2").arg(origin.run).arg(count_text(origin.step))
                                         : RunDetails::tr("run %1").arg(origin.run);
    return QStringLiteral("<a href=\"%1\">%2</a>").arg(QString::number(origin.run), text);
}

}  // namespace

RunDetails::RunDetails(QWidget* parent)
    : QWidget(parent),
      m_heading(new SectionLabel({})),
      m_hint(new MutedLabel),
      m_result(new FactList),
      m_lineage_heading(new SectionLabel(tr("Began from"))),
      m_lineage(new QLabel),
      m_made_heading(new SectionLabel(tr("What made it"))),
      m_made(new FactList),
      m_save_config(new QPushButton(tr("Save its config…"))),
      m_text_heading(new SectionLabel(tr("Template"))),
      m_text(source_label()),
      m_loss_heading(new SectionLabel(tr("Loss"))),
      m_loss(source_label()),
      m_reward_heading(new SectionLabel(tr("Reward"))),
      m_reward(source_label()),
      m_difference(new QWidget),
      m_grid(new QGridLayout(m_difference)) {
    m_lineage->setObjectName(QStringLiteral("lineage"));
    m_lineage->setWordWrap(true);
    m_lineage->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    connect(m_lineage, &QLabel::linkActivated, this, [this](const QString& run) { Q_EMIT run_clicked(run.toLongLong()); });
    m_save_config->setObjectName(QStringLiteral("save_config"));
    m_save_config->setToolTip(tr("A JSON file from which “lossmith-cli train PROJECT --config FILE” makes the run again"));
    connect(m_save_config, &QPushButton::clicked, this, &RunDetails::config_wanted);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(0, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    for (QWidget* part : std::initializer_list<QWidget*>{m_heading, m_hint, m_result, m_lineage_heading, m_lineage, m_made_heading, m_made})
        layout->addWidget(part);
    layout->addWidget(m_save_config, 0, Qt::AlignLeft);
    for (QWidget* part :
         std::initializer_list<QWidget*>{m_text_heading, m_text, m_loss_heading, m_loss, m_reward_heading, m_reward, m_difference})
        layout->addWidget(part);
    layout->addStretch();
    show_runs({});
}

void RunDetails::clear() {
    for (QWidget* part : findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) part->hide();
}

void RunDetails::show_runs(const std::vector<Run>& runs) {
    clear();
    if (runs.size() == 1) return show_one(runs.front());
    if (runs.size() >= 2 && runs.size() <= most_compared) return show_difference(runs);
    m_hint->setText(runs.empty()
                        ? tr("Choose a run to see what made it, some to see how they differ and to lay their curves over one another.")
                        : tr("%1 runs are chosen; their curves lie over one another. Choose at most %2 to see how they differ.")
                              .arg(static_cast<int>(runs.size()))
                              .arg(static_cast<int>(most_compared)));
    m_hint->show();
}

void RunDetails::set_lineage(const std::vector<Run>& runs, std::map<std::int64_t, RunOrigin> origins) {
    m_origins = std::move(origins);
    m_models.clear();
    for (const Run& run : runs) {
        const QString model = QString::fromStdString(run.config.model);
        m_models[run.id] = model.contains(QLatin1Char('/')) ? QFileInfo(model).fileName() : model;
    }
}

QString RunDetails::lineage_of(const Run& run) const {
    QStringList chain;
    std::int64_t at = run.id;
    for (auto origin = m_origins.find(at); origin != m_origins.end() && chain.size() < 20; origin = m_origins.find(at)) {
        chain.prepend(link_to(origin->second));
        at = origin->second.run;
    }
    if (const auto first = m_models.find(at); first != m_models.end()) chain.prepend(first->second.toHtmlEscaped());
    QString text = chain.join(QStringLiteral(" → ")) + QStringLiteral(" → ") + tr("this run");
    QStringList later;
    for (const auto& [other, origin] : m_origins) {
        if (origin.run == run.id) later.append(link_to({other, 0}));
    }
    if (!later.isEmpty()) text += QStringLiteral("<br>") + tr("From it began %1.").arg(later.join(QStringLiteral(", ")));
    return text;
}

void RunDetails::show_text(SectionLabel* heading, QLabel* label, const std::string& text) {
    label->setText(QString::fromStdString(text));
    heading->setVisible(!text.empty());
    label->setVisible(!text.empty());
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
    m_lineage->setText(lineage_of(run));
    m_lineage_heading->show();
    m_lineage->show();

    std::vector<FactList::Fact> made = {{tr("Seed"), QString::number(run.config.seed)}, {tr("Loss"), words_of_name(run.config.loss.name)}};
    if (run.config.reward) made.push_back({tr("Reward"), words_of_name(run.config.reward->name)});
    for (const auto& [name, value] : run.config.loss.parameters.items())
        made.push_back({tr("Loss: %1").arg(words_of_name(name)), text_of(value)});
    add_provenance(run.provenance, made);
    m_made->set_facts(made);
    m_made_heading->show();
    m_made->show();
    m_save_config->show();
    const TemplateSpec spec = run.config.template_spec.value_or(TemplateSpec{});
    show_text(m_text_heading, m_text, run.config.template_spec ? spec.start_token + spec.prompt + spec.completion + spec.end_token : "");
    show_text(m_loss_heading, m_loss, run.config.loss.source);
    show_text(m_reward_heading, m_reward, run.config.reward ? run.config.reward->source : std::string());
}

void RunDetails::show_difference(const std::vector<Run>& runs) {
    QStringList numbers;
    std::vector<RunConfig> configs;
    for (const Run& run : runs) {
        numbers.append(QString::number(run.id));
        configs.push_back(run.config);
    }
    const QString last = numbers.takeLast();
    m_heading->setText(tr("Runs %1 and %2 differ in").arg(numbers.join(QStringLiteral(", ")), last).toUpper());
    m_heading->show();
    std::vector<ConfigDifference> differences = config_differences(configs);
    // The config may be one and the rows another.
    ConfigDifference rows{"data", tr("Rows of the project").toStdString(), {}};
    for (const Run& run : runs) rows.values.emplace_back(run.provenance.contains("data") ? run.provenance.at("data") : Json());
    if (!std::ranges::all_of(rows.values, [&](const Json& value) { return value == rows.values.front(); })) differences.push_back(rows);
    if (differences.empty()) {
        m_hint->setText(tr("Nothing: their configs are the same."));
        m_hint->show();
        return;
    }
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    const auto add = [&](const QString& label, const QStringList& values, bool heading) {
        auto* name = new QLabel(label);
        name->setWordWrap(true);
        m_grid->addWidget(name, row, 0, Qt::AlignTop);
        int column = 1;
        for (const QString& text : values) {
            auto* value = new MutedLabel(one_line(text, 120));
            value->set_role(heading ? Role::Muted : Role::Text);
            value->setToolTip(text);
            value->setAlignment(Qt::AlignRight | Qt::AlignTop);
            value->setWordWrap(text.size() > 14 || values.size() > 2);
            m_grid->addWidget(value, row, column++);
        }
        ++row;
    };
    QStringList heads;
    for (const Run& run : runs) heads.append(tr("run %1").arg(run.id));
    add({}, heads, true);
    for (const ConfigDifference& difference : differences) {
        QStringList values;
        for (const Json& value : difference.values) values.append(text_of(value));
        add(QString::fromStdString(difference.label), values, false);
    }
    m_difference->show();
}

}  // namespace lossmith::ui

#include "moc_RunDetails.cpp"
