#include "ui/compare/CompareSetup.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/generation/CheckpointPicker.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int most_prompts = 10'000;
constexpr int usual_prompts = 50;

QString settings_key(const char* name) {
    return QStringLiteral("compare/") + QString::fromLatin1(name);
}

}  // namespace

CompareSetup::CompareSetup(QWidget* parent)
    : Card({}, parent),
      m_base(new CheckpointPicker(Role::Base)),
      m_tuned(new CheckpointPicker(Role::Tuned)),
      m_add(new QPushButton(tr("＋"))),
      m_further(new QHBoxLayout),
      m_source(new QComboBox),
      m_limit(new QSpinBox),
      m_choose_file(new QPushButton(tr("Choose…"))),
      m_sampling(new QPushButton),
      m_typed(new QPlainTextEdit) {
    m_base->setObjectName(QStringLiteral("base_model"));
    m_tuned->setObjectName(QStringLiteral("tuned_model"));
    m_source->addItems({tr("held-out rows"), tr("typed prompts"), tr("from a file")});
    m_source->setObjectName(QStringLiteral("prompt_source"));
    m_source->setAccessibleName(tr("Where the prompts come from"));
    m_limit->setObjectName(QStringLiteral("prompt_limit"));
    m_limit->setRange(1, most_prompts);
    m_limit->setValue(QSettings().value(settings_key("limit"), usual_prompts).toInt());
    m_limit->setPrefix(QStringLiteral("≤ "));
    m_limit->setToolTip(tr("At most so many prompts"));
    m_limit->setAccessibleName(tr("How many prompts"));
    m_limit->setGroupSeparatorShown(true);
    m_add->setObjectName(QStringLiteral("add_model"));
    m_add->setToolTip(tr("Compare one more checkpoint or run"));
    m_add->setAccessibleName(tr("Compare one more model"));
    m_sampling->setToolTip(tr("How text is generated"));
    m_sampling->setIcon(icon(QStringLiteral("configure")));
    m_typed->setObjectName(QStringLiteral("typed_prompts"));
    m_typed->setPlaceholderText(tr("One problem a line. After a tab, its true solution if you know it."));
    m_typed->setAccessibleName(tr("Typed prompts"));
    m_typed->setFixedHeight(5 * m_typed->fontMetrics().lineSpacing());
    m_typed->setPlainText(QSettings().value(settings_key("typed")).toString());
    m_typed->setTabChangesFocus(false);

    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_base, 2);
    line->addWidget(new MutedLabel(QStringLiteral("→")));
    line->addWidget(m_tuned, 4);
    line->addWidget(m_add);
    line->addSpacing(4);
    line->addWidget(m_source, 1);
    line->addWidget(m_choose_file);
    line->addWidget(m_limit);
    line->addSpacing(4);
    line->addWidget(m_sampling, 1);
    body()->addLayout(line);
    m_further->setSpacing(8);
    body()->addLayout(m_further);
    body()->addWidget(m_typed);

    connect(m_base, &QComboBox::currentIndexChanged, this, &CompareSetup::edited);
    connect(m_tuned, &QComboBox::currentIndexChanged, this, &CompareSetup::edited);
    connect(m_limit, &QSpinBox::valueChanged, this, &CompareSetup::edited);
    connect(m_typed, &QPlainTextEdit::textChanged, this, &CompareSetup::edited);
    connect(m_source, &QComboBox::currentIndexChanged, this, [this] {
        show_source();
        edited();
        if (source() == PromptSource::File && m_file.isEmpty() && isVisible()) choose_file();
    });
    connect(m_add, &QPushButton::clicked, this, &CompareSetup::add_tuned);
    connect(m_choose_file, &QPushButton::clicked, this, &CompareSetup::choose_file);
    connect(m_sampling, &QPushButton::clicked, this, &CompareSetup::sampling_wanted);
    show_source();
}

void CompareSetup::show_source() {
    m_typed->setVisible(source() == PromptSource::Typed);
    m_choose_file->setVisible(source() == PromptSource::File);
    m_limit->setVisible(source() != PromptSource::Typed);
}

void CompareSetup::set_models(const std::vector<ModelChoice>& choices) {
    m_choices = choices;
    m_tuned->set_choices(choices);
    m_base->set_choices(choices, m_tuned->choice());
    for (CheckpointPicker* other : m_others) other->set_choices(choices);
    m_add->setEnabled(choices.size() > m_others.size() + 2);
}

void CompareSetup::edited() {
    QSettings().setValue(settings_key("limit"), m_limit->value());
    QSettings().setValue(settings_key("typed"), m_typed->toPlainText());
    Q_EMIT changed();
}

void CompareSetup::add_tuned() {
    if (static_cast<int>(m_others.size()) + 1 >= most_tuned) return;
    const auto chosen = models();
    auto* further = new QWidget(this);
    auto* inside = new QHBoxLayout(further);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(4);
    auto* picker = new CheckpointPicker(Role::Tuned, further);
    picker->setObjectName(QStringLiteral("tuned_model_%1").arg(m_others.size() + 2));
    auto* remove = new QPushButton(tr("×"), further);
    remove->setToolTip(tr("Leave this model out"));
    remove->setAccessibleName(tr("Leave this model out"));
    inside->addWidget(picker, 1);
    inside->addWidget(remove);
    m_further->addWidget(further, 1);
    m_others.push_back(picker);
    picker->set_choices(m_choices);
    const auto fresh = std::ranges::find_if(m_choices, [&](const ModelChoice& choice) {
        return std::ranges::none_of(chosen, [&](const ModelChoice& other) { return other.model == choice.model; });
    });
    if (fresh != m_choices.end()) picker->choose(fresh->model);
    connect(picker, &QComboBox::currentIndexChanged, this, &CompareSetup::edited);
    connect(remove, &QPushButton::clicked, this, [this, further] { remove_tuned(further); });
    m_add->setEnabled(static_cast<int>(m_others.size()) + 1 < most_tuned && m_choices.size() > m_others.size() + 2);
    edited();
}

void CompareSetup::remove_tuned(QWidget* further) {
    std::erase(m_others, further->findChild<CheckpointPicker*>());
    further->hide();
    further->deleteLater();
    m_add->setEnabled(true);
    edited();
}

std::vector<ModelChoice> CompareSetup::models() const {
    if (!m_base->choice() || !m_tuned->choice()) return {};
    std::vector<ModelChoice> chosen{*m_base->choice(), *m_tuned->choice()};
    for (const CheckpointPicker* other : m_others) {
        const auto choice = other->choice();
        if (choice && std::ranges::none_of(chosen, [&](const ModelChoice& each) { return each.model == choice->model; }))
            chosen.push_back(*choice);
    }
    return chosen;
}

std::optional<ModelChoice> CompareSetup::base() const {
    return m_base->choice();
}
std::optional<ModelChoice> CompareSetup::tuned() const {
    return m_tuned->choice();
}
PromptSource CompareSetup::source() const {
    return static_cast<PromptSource>(m_source->currentIndex());
}
void CompareSetup::set_source(PromptSource source) {
    m_source->setCurrentIndex(static_cast<int>(source));
}
int CompareSetup::limit() const {
    return m_limit->value();
}
void CompareSetup::set_limit(int limit) {
    m_limit->setValue(limit);
}
void CompareSetup::set_typed(const QString& text) {
    m_typed->setPlainText(text);
}

void CompareSetup::set_sampling_summary(const QString& text) {
    m_sampling->setText(QLatin1Char(' ') + text);
}

void CompareSetup::set_file(const QString& path) {
    m_file = path;
    m_choose_file->setText(one_line(QFileInfo(path).fileName(), 24));
    m_choose_file->setToolTip(path);
    set_source(PromptSource::File);
    Q_EMIT changed();
}

void CompareSetup::choose_file() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Prompts from a file"), {},
                                                      tr("Tables and texts (*.csv *.tsv *.jsonl *.txt);;All files (*)"));
    if (!path.isEmpty()) set_file(path);
}

QString CompareSetup::describe_prompts(int count) const {
    switch (source()) {
        case PromptSource::Typed: return counted(count, tr("1 typed prompt"), tr("%1 typed prompts"));
        case PromptSource::File: return counted(count, tr("1 prompt"), tr("%1 prompts")) + tr(" from %1").arg(QFileInfo(m_file).fileName());
        case PromptSource::HeldOut: break;
    }
    return m_split == Split::Test ? counted(count, tr("1 test row"), tr("%1 test rows"))
                                  : counted(count, tr("1 validation row"), tr("%1 validation rows"));
}

void CompareSetup::fetch_prompts(ProjectSession& session, QObject* context,
                                 std::function<void(Result<std::vector<ComparisonPrompt>>)> answer) {
    const auto wanted = static_cast<std::int64_t>(limit());
    if (source() == PromptSource::HeldOut) {
        session.ask(
            context, [wanted](Project& project) { return held_out_rows(project, wanted); },
            [this, answer](const Result<HeldOutRows>& rows) {
                if (!rows) return answer(failure(rows.error()));
                m_split = rows->split;
                if (rows->prompts.empty())
                    return answer(failure(Error::bad_input("The project holds no row back from training.")
                                              .with_hint("Set a share for test or validation on the Data page, or type prompts here.")));
                answer(rows->prompts);
            });
        return;
    }
    if (source() == PromptSource::Typed) {
        auto prompts = typed_prompts(m_typed->toPlainText().toStdString());
        if (prompts.empty()) return answer(failure(Error::bad_input("No prompt is typed.").with_hint("Type a problem a line.")));
        return answer(std::move(prompts));
    }
    if (m_file.isEmpty()) return answer(failure(Error::bad_input("No file is chosen.").with_hint("Choose a file with problems.")));
    session.ask(
        context, [path = m_file.toStdString(), wanted](Project&) { return prompts_from_file(path, wanted); },
        [answer](Result<std::vector<ComparisonPrompt>> prompts) { answer(std::move(prompts)); });
}

}  // namespace lossmith::ui

#include "moc_CompareSetup.cpp"
