// The form that a run's config is made in.
#include "ui/train/RunForm.h"

#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/train/FieldEditor.h"
#include "ui/train/FoldingCard.h"
#include "ui/train/FormGroups.h"
#include "ui/train/LossPicker.h"
#include "ui/train/ModelPicker.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

enum TemplateChoice { AsTheProject, SolutionOnly, ProblemToo, OwnTemplate };

Json::json_pointer pointer(const QString& key) {
    return Json::json_pointer("/" + QString(key).replace(QLatin1Char('.'), QLatin1Char('/')).toStdString());
}

/// "In `sampling`: `top_p` is 2, …" is about "sampling.top_p".
QString key_named_in(const std::string& message) {
    static const QRegularExpression quoted(QStringLiteral("`([a-z_0-9.]+)(?:\\[[0-9]+\\])?`"));
    auto match = quoted.globalMatch(QString::fromStdString(message));
    if (!match.hasNext()) return {};
    const QString first = match.next().captured(1);
    const bool nested = message.starts_with("In `");
    return nested && match.hasNext() ? first + QLatin1Char('.') + match.next().captured(1) : first;
}

/// "In `sampling`: `top_p` is 2, …" → "Top p is 2, …", since it stands beside that field.
QString in_the_forms_words(QString sentence, const QString& key, const QString& label) {
    const qsizetype dot = key.indexOf(QLatin1Char('.'));
    if (dot > 0) {
        sentence.remove(QStringLiteral("In `%1`: ").arg(key.left(dot)));
        sentence.replace(QStringLiteral("`%1`").arg(key.mid(dot + 1)), label);
    }
    return sentence.replace(QStringLiteral("`%1`").arg(key), label);
}

bool is_about_reward(const QString& key) {
    return key.startsWith(QLatin1String("reward."));
}

/// A reward as the picker has it; without one, its name is empty.
LossSpec picked_reward(const std::optional<RewardSpec>& reward) {
    if (!reward) return {std::string(), Json::object(), {}, "aligned"};
    return as_loss(*reward);
}

QString lora_key() {
    return QStringLiteral("lora");
}
bool is_about_lora(const QString& key) {
    return key.startsWith(QStringLiteral("lora."));
}

/// Labelled by a rule that the form does not name; it is made on the page Tokens.
bool has_a_rule_of_its_own(const TemplateSpec& spec) {
    return spec.labels != LabelRule::SolutionOnly && spec.labels != LabelRule::ProblemToo;
}

bool same_text(const TemplateSpec& one, TemplateSpec other) {
    other.labels = one.labels;
    return one == other;
}

}  // namespace

RunForm::RunForm(QWidget* parent) : QWidget(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(make_heading());
    for (const FormGroup& group : form_groups()) {
        if (group.fields.empty()) continue;
        auto* card = new FoldingCard(group.title, group.open, this);
        for (const FormField& field : group.fields) {
            auto* editor = new FieldEditor(*field.knowledge, field.key, card->inside());
            card->add_field(editor);
            m_editors.insert(field.key, editor);
            connect(editor, &FieldEditor::changed, this, &RunForm::edited);
        }
        if (is_about_reward(group.fields.front().key)) m_reward_group = card;
        m_groups.push_back(card);
        layout->addWidget(card);
    }
    layout->addStretch(1);
    set_config({});
}

QWidget* RunForm::make_heading() {
    auto* card = new Card(tr("What to train"), this);
    for (const Preset& preset : run_presets()) {
        auto* chip = new Chip(QString::fromStdString(preset.name), card);
        chip->setCheckable(true);
        chip->setToolTip(QString::fromStdString(preset.meaning));
        chip->setAccessibleName(tr("Preset “%1”").arg(chip->text()));
        connect(chip, &Chip::clicked, this, [this, preset] { apply_preset(preset); });
        card->header()->addWidget(chip);
        m_presets.emplace_back(preset.name, chip);
    }
    m_preset_meaning = new MutedLabel;
    m_preset_meaning->hide();
    card->body()->addWidget(m_preset_meaning);

    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(200);
    m_name->setPlaceholderText(tr("run N"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setToolTip(QString::fromStdString(find_field("name")->meaning));
    m_model = new ModelPicker;
    m_loss = new LossPicker(Picks::Loss);
    m_reward = new LossPicker(Picks::Reward);
    m_template = new QComboBox;
    m_template->setObjectName(QStringLiteral("template"));
    m_template->setAccessibleName(tr("What is learnt"));
    m_template->setToolTip(tr("Which tokens count in the loss. The template itself is edited on the Data page."));
    m_template->addItems({tr("as the project's template says"), tr("the solution only"), tr("problem and solution")});

    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(20);
    const auto add_labelled = [&](const QString& text, QWidget* input, const QString& below, int column) {
        auto* label = new QLabel(text);
        label->setBuddy(input);
        auto* meaning = new MutedLabel(below);
        QFont small = font();
        small.setPixelSize(11);
        meaning->setFont(small);
        auto* column_layout = new QVBoxLayout;
        column_layout->setSpacing(3);
        column_layout->addWidget(label);
        column_layout->addWidget(input);
        column_layout->addWidget(meaning);
        column_layout->addStretch();
        grid->addLayout(column_layout, 0, column);
    };
    grid->addWidget(m_model, 0, 0, Qt::AlignTop);
    add_labelled(tr("Name"), m_name, tr("Empty gives it a number."), 1);
    add_labelled(tr("What is learnt"), m_template, tr("Which tokens are labelled."), 2);
    grid->addWidget(m_loss, 0, 3, Qt::AlignTop);
    grid->addWidget(m_reward, 0, 4, Qt::AlignTop);
    for (int column = 0; column < 5; ++column) grid->setColumnStretch(column, 1);
    card->body()->addLayout(grid);

    connect(m_name, &QLineEdit::textChanged, this, &RunForm::edited);
    connect(m_model, &ModelPicker::changed, this, &RunForm::edited);
    connect(m_loss, &LossPicker::changed, this, &RunForm::edited);
    connect(m_reward, &LossPicker::changed, this, &RunForm::edited);
    connect(m_template, &QComboBox::activated, this, &RunForm::take_template_choice);
    return card;
}

void RunForm::set_config(const RunConfig& config) {
    m_filling = true;
    m_config = config;
    const Json json = config;
    m_name->setText(QString::fromStdString(config.name));
    m_model->set_model(QString::fromStdString(config.model));
    m_loss->set_loss(config.loss);
    m_reward->set_loss(picked_reward(config.reward));
    const Json reward = config.reward.value_or(RewardSpec{});
    const Json lora = config.lora.value_or(LoraSpec{});
    for (auto editor = m_editors.cbegin(); editor != m_editors.cend(); ++editor) {
        const auto place = pointer(editor.key());
        if (is_about_reward(editor.key()))
            editor.value()->set_value(reward.at(editor.key().section(QLatin1Char('.'), 1).toStdString()));
        else if (editor.key() == lora_key())
            editor.value()->set_value(config.lora.has_value());
        else if (is_about_lora(editor.key()))
            editor.value()->set_value(lora.at(editor.key().section(QLatin1Char('.'), 1).toStdString()));
        else
            editor.value()->set_value(json.contains(place) ? json.at(place) : Json());
    }
    show_template_choice();
    m_filling = false;
    show_preset({});
    edited();
}

void RunForm::apply_preset(const Preset& preset) {
    RunConfig config = preset.config;
    config.name = m_name->text().toStdString();
    config.model = m_model->model().toStdString();
    config.devices = m_config.devices;
    config.threads = m_config.threads;
    config.loss = m_loss->loss();
    config.reward = m_config.reward;
    if (config.template_spec && m_project_template) {
        // The preset says what is learnt; how the text is made is the project's.
        TemplateSpec spec = *m_project_template;
        spec.labels = config.template_spec->labels;
        config.template_spec = spec;
    }
    set_config(config);
    show_preset(QString::fromStdString(preset.name));
}

void RunForm::show_preset(const QString& name) {
    QString meaning;
    for (const auto& [preset, chip] : m_presets) {
        chip->setChecked(QString::fromStdString(preset) == name);
        if (chip->isChecked()) meaning = chip->toolTip();
    }
    m_preset_meaning->setText(meaning);
    m_preset_meaning->setVisible(!meaning.isEmpty());
}

void RunForm::set_models(const std::vector<StoredModel>& models, const std::vector<Run>& runs, const QString& project_path) {
    m_model->set_choices(models, runs, project_path);
}

void RunForm::set_project_template(const TemplateSpec& spec) {
    m_project_template = spec;
    show_template_choice();
}

void RunForm::use_loss(const LossSpec& loss) {
    const bool reward = loss.source.empty() ? m_reward->has_shipped(loss.name) : is_reward_text(loss.source);
    (reward ? m_reward : m_loss)->set_loss(loss);
    edited();
}

void RunForm::set_devices(const std::vector<std::string>& devices, int threads) {
    if (m_config.devices == devices && m_config.threads == threads) return;
    m_config.devices = devices;
    m_config.threads = threads;
    check();
    Q_EMIT changed();
}

void RunForm::take_template_choice(int choice) {
    if (choice == AsTheProject) {
        m_config.template_spec.reset();
    } else if (choice != OwnTemplate) {
        TemplateSpec spec = m_config.template_spec ? *m_config.template_spec : m_project_template.value_or(TemplateSpec{});
        spec.labels = choice == SolutionOnly ? LabelRule::SolutionOnly : LabelRule::ProblemToo;
        m_config.template_spec = spec;
    }
    edited();
}

void RunForm::show_template_choice() {
    const QSignalBlocker quiet(m_template);
    const bool own = m_config.template_spec && m_project_template &&
                     (!same_text(*m_config.template_spec, *m_project_template) || has_a_rule_of_its_own(*m_config.template_spec));
    while (m_template->count() > OwnTemplate) m_template->removeItem(OwnTemplate);
    if (own) m_template->addItem(tr("as the earlier run's own template says"));
    if (own)
        m_template->setCurrentIndex(OwnTemplate);
    else if (!m_config.template_spec)
        m_template->setCurrentIndex(AsTheProject);
    else
        m_template->setCurrentIndex(m_config.template_spec->labels == LabelRule::SolutionOnly ? SolutionOnly : ProblemToo);
}

void RunForm::edited() {
    if (m_filling) return;
    show_preset({});
    show_reward_group();
    for (auto editor = m_editors.cbegin(); editor != m_editors.cend(); ++editor)
        if (is_about_lora(editor.key())) editor.value()->setEnabled(has_lora());
    check();
    Q_EMIT changed();
}

bool RunForm::has_lora() const {
    return m_editors.value(lora_key())->value() == Json(true);
}

void RunForm::change(const Json& fields) {
    Json json = m_config;
    json.update(fields);
    if (const auto config = run_config_from_json(json)) set_config(*config);
}

void RunForm::show_reward_group() {
    m_reward_group->setVisible(!m_reward->has_none());
}

std::optional<RunConfig> RunForm::check() {
    Json json = m_config;
    json["name"] = m_name->text().trimmed().toStdString();
    json["model"] = m_model->model().toStdString();
    json["loss"] = m_loss->loss();
    const bool rewarded = !m_reward->has_none();
    json.erase("reward");
    if (rewarded) {
        RewardSpec reward = m_config.reward.value_or(RewardSpec{});
        reward.name = m_reward->loss().name;
        reward.parameters = m_reward->loss().parameters;
        reward.source = m_reward->loss().source;
        json["reward"] = reward;
    }
    const bool with_lora = has_lora();
    json.erase("lora");
    if (with_lora) json["lora"] = m_config.lora.value_or(LoraSpec{});
    const Json untouched = json;
    const auto left_out = [rewarded, with_lora](const QString& key) {
        return key == lora_key() || (is_about_reward(key) && !rewarded) || (is_about_lora(key) && !with_lora);
    };
    const auto put = [&json, &left_out](const QString& key, const Json& value) {
        if (left_out(key)) return;
        const auto place = pointer(key);
        if (!value.is_null())
            json[place] = value;
        else if (json.contains(place))
            json.at(place.parent_pointer()).erase(place.back());
    };
    for (auto editor = m_editors.cbegin(); editor != m_editors.cend(); ++editor) put(editor.key(), editor.value()->value());
    QHash<QString, QString> unreadable;
    auto config = run_config_from_json(json);
    if (!config) {
        // Each value alone, so that one that cannot be read does not hide what is wrong with the others.
        json = untouched;
        for (auto editor = m_editors.cbegin(); editor != m_editors.cend(); ++editor) {
            if (left_out(editor.key())) continue;
            const Json value = editor.value()->value();
            Json alone = Json::object();
            if (!value.is_null()) alone[pointer(editor.key())] = value;
            if (const auto read = run_config_from_json(alone))
                put(editor.key(), value);
            else
                unreadable.insert(editor.key(), QString::fromStdString(read.error().message));
        }
        config = run_config_from_json(json);
    }
    std::vector<Error> errors;
    if (config)
        errors = config->validate();
    else
        errors.push_back(config.error());
    const bool good = unreadable.isEmpty() && errors.empty();
    show_errors(errors, std::move(unreadable));
    if (!good) return std::nullopt;
    m_config = *config;
    return *config;
}

void RunForm::show_errors(const std::vector<Error>& errors, QHash<QString, QString> found) {
    m_other_errors.clear();
    for (const Error& error : errors) {
        const QString key = key_named_in(error.message);
        const QString sentence = QString::fromStdString(error.message);
        if (found.contains(key)) continue;
        const QString part = key.section(QLatin1Char('.'), 0, 0);
        if (part == QStringLiteral("loss") || (part == QStringLiteral("reward") && !m_editors.contains(key)))
            found.insert(part, sentence);
        else if (m_editors.contains(key) || key == QStringLiteral("model"))
            found.insert(key, sentence);
        else
            m_other_errors.append(sentence);
    }
    m_model->set_error(found.value(QStringLiteral("model")));
    m_loss->set_error(found.value(QStringLiteral("loss")));
    m_reward->set_error(found.value(QStringLiteral("reward")));
    for (auto editor = m_editors.cbegin(); editor != m_editors.cend(); ++editor) {
        editor.value()->set_error(in_the_forms_words(found.value(editor.key()), editor.key(), editor.value()->label()));
    }
    for (FoldingCard* group : m_groups) group->refresh_summary();
}

}  // namespace lossmith::ui

#include "moc_RunForm.cpp"
