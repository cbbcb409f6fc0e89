// The page Loss: its parts, and asking the engine about what is in the editor.
#include "ui/loss/LossPage.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "core/protocol/EngineClient.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/loss/CataloguePopup.h"
#include "ui/loss/HeatMap.h"
#include "ui/loss/LossChips.h"
#include "ui/loss/LossEditor.h"
#include "ui/loss/LossInspector.h"
#include "ui/loss/LossWords.h"
#include "ui/loss/NoticeBar.h"
#include "ui/loss/ParameterForm.h"
#include "ui/loss/VerdictCard.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int save_loss_after_milliseconds = 700;
constexpr int most_rows = 1'000'000;

QString splitter_key() {
    return QStringLiteral("loss/splitter");
}

}  // namespace

LossPage::LossPage(EngineClient& engine, QWidget* parent) : Page(parent), m_engine(engine), m_checker(new LossChecker(engine, this)) {
    m_save_timer.setSingleShot(true);
    m_save_timer.setInterval(save_loss_after_milliseconds);
    m_inspector = new LossInspector(this);
    m_inspector->hide();
    lay_out();
    make_actions();
    connect_parts();
    m_model->set_choices({{"starter", "starter", {}, 0, {}, {}}});
    m_verdict->set_sentence(tr("Waiting for the engine…"));
}

LossPage::~LossPage() {
    save_now();
}

QWidget* LossPage::inspector() {
    return m_inspector;
}

QWidget* LossPage::make_header() {
    auto* header = new QWidget;
    auto* heading = new QLabel(title());
    heading->setFont(Theme::heading_font());
    m_chips = new LossChips;
    m_insert = new QPushButton(tr("Insert"));
    m_insert->setObjectName(QStringLiteral("insert"));
    m_insert->setToolTip(tr("Lines that losses are often made of, put in below the caret"));
    auto* menu = new QMenu(m_insert);
    menu->setToolTipsVisible(true);
    for (const LossSnippet& snippet : loss_snippets()) {
        QAction* action = menu->addAction(snippet.title, this, [this, lines = snippet.lines] { m_editor->insert_lines(lines); });
        action->setToolTip(snippet.about);
    }
    m_insert->setMenu(menu);
    m_use = new QPushButton(tr("Use in a run"));
    m_use->setObjectName(QStringLiteral("use_in_a_run"));
    make_primary(m_use);
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(heading);
    layout->addWidget(m_chips, 1);
    layout->addWidget(m_insert);
    layout->addWidget(m_use);
    header->setMinimumHeight(30);
    return header;
}

QWidget* LossPage::make_editor_card() {
    auto* card = new QFrame;
    card->setProperty("card", true);
    m_editor = new LossEditor;
    m_model = new CheckpointPicker(Role::Base);
    m_model->setObjectName(QStringLiteral("model"));
    m_model->setAccessibleName(tr("Model to check on"));
    m_model->setMaximumWidth(220);
    m_first_row = new QSpinBox;
    m_first_row->setObjectName(QStringLiteral("first_row"));
    m_first_row->setRange(1, most_rows);
    m_first_row->setSingleStep(LossChecker::rows_checked);
    m_first_row->setAccessibleName(tr("First row to check on"));
    m_first_row->setToolTip(tr("The check runs on this row and the %1 after it").arg(LossChecker::rows_checked - 1));
    m_labels = new QComboBox;
    m_labels->setObjectName(QStringLiteral("labels"));
    m_labels->addItem(tr("aligned with the logits"), QStringLiteral("aligned"));
    m_labels->addItem(tr("unshifted, as Hugging Face has them"), QStringLiteral("unshifted"));
    m_labels->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_labels->setMinimumContentsLength(18);
    m_labels->setAccessibleName(tr("Labels"));
    m_labels->setToolTip(
        tr("Aligned: labels[i] is the token that logits[i] foretells. Unshifted: labels[i] is token i itself, and the loss shifts them."));
    m_saved = new ElidedLabel;
    m_saved->setObjectName(QStringLiteral("saved"));
    m_saved->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    const auto label_of = [](const QString& text, QWidget* input) {
        auto* label = new MutedLabel(text);
        label->setWordWrap(false);
        label->setBuddy(input);
        return label;
    };
    auto* below = new QHBoxLayout;
    below->setContentsMargins(4, 0, 4, 0);
    below->setSpacing(8);
    below->addWidget(label_of(tr("Checked on"), m_model));
    below->addWidget(m_model);
    below->addSpacing(6);
    below->addWidget(label_of(tr("from row"), m_first_row));
    below->addWidget(m_first_row);
    below->addSpacing(6);
    below->addWidget(label_of(tr("labels"), m_labels));
    below->addWidget(m_labels);
    below->addWidget(m_saved, 1);
    auto* layout = new QVBoxLayout(card);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(6);
    layout->addWidget(m_editor, 1);
    layout->addLayout(below);
    card->setMinimumHeight(150);
    return card;
}

void LossPage::lay_out() {
    m_popup = new CataloguePopup(this);
    m_error = new ErrorBanner;
    m_notice = new NoticeBar;
    m_notice->setObjectName(QStringLiteral("notice"));
    m_undo_removal = new NoticeBar;
    m_undo_removal->setObjectName(QStringLiteral("undo_removal"));
    m_verdict = new VerdictCard;
    m_heat = new HeatCard;
    m_heat->setMinimumHeight(110);

    auto* below = new QWidget;
    below->setObjectName(QStringLiteral("scroll_body"));
    auto* column = new QVBoxLayout(below);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_verdict);
    column->addWidget(m_heat, 1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(below);

    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(12);
    m_splitter->addWidget(make_editor_card());
    m_splitter->addWidget(scroll);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setSizes({250, 470});
    m_splitter->restoreState(QSettings().value(splitter_key()).toByteArray());
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] { QSettings().setValue(splitter_key(), m_splitter->saveState()); });

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(make_header());
    layout->addWidget(m_error);
    layout->addWidget(m_undo_removal);
    layout->addWidget(m_notice);
    layout->addWidget(m_splitter, 1);
}

void LossPage::make_actions() {
    const auto add = [this](const QString& text, const QKeySequence& keys, auto run) {
        auto* action = new QAction(text, this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, run);
        addAction(action);
    };
    add(tr("Check the loss now"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { check_now(); });
    add(tr("Next mark in the loss"), QKeySequence(Qt::Key_F8), [this] { m_editor->go_to_mark(false); });
    add(tr("Previous mark in the loss"), QKeySequence(Qt::SHIFT | Qt::Key_F8), [this] { m_editor->go_to_mark(true); });
    add(tr("Comment the lines, or uncomment them"), QKeySequence(Qt::CTRL | Qt::Key_Slash), [this] { m_editor->comment_lines(); });
    add(tr("Complete the word"), QKeySequence(Qt::CTRL | Qt::Key_Space), [this] { m_editor->show_completion(); });
    add(tr("New loss"), {}, [this] { new_loss(); });
    add(tr("Make this loss mine"), {}, [this] { make_mine(); });
    add(tr("Use this loss in a run"), {}, [this] { use_in_a_run(); });
}

void LossPage::connect_parts() {
    connect(m_editor, &LossEditor::edited, this, &LossPage::edited);
    connect(&m_save_timer, &QTimer::timeout, this, &LossPage::save_now);
    connect(m_use, &QPushButton::clicked, this, &LossPage::use_in_a_run);
    connect(m_chips, &LossChips::chosen, this, &LossPage::choose);
    connect(m_chips, &LossChips::new_wanted, this, &LossPage::new_loss);
    connect(m_chips, &LossChips::sum_wanted, this, &LossPage::put_together);
    connect(m_chips, &LossChips::catalogue_wanted, this, [this] { m_popup->show_below(m_chips->catalogue_chip()); });
    connect(m_chips, &LossChips::rename_wanted, this, [this](const QString&, const QString& name) { rename_own(m_open.own, name); });
    connect(m_chips, &LossChips::duplicate_wanted, this, [this] { duplicate_own(m_open.own); });
    connect(m_chips, &LossChips::removal_wanted, this, [this] { remove_own(m_open.own); });
    connect(m_popup, &CataloguePopup::chosen, this, &LossPage::open_entry);
    connect(m_undo_removal, &NoticeBar::pressed, this, &LossPage::bring_back);
    connect(m_notice, &NoticeBar::pressed, this, [this] { m_open.own == 0 ? make_mine() : accept(); });
    connect(m_verdict, &VerdictCard::rewrite_wanted, this, [this](const LossRewrite& rewrite) {
        m_editor->replace_text(rewrite.source);
        check_now();
        m_editor->setFocus();
    });
    connect(&m_inspector->parameters(), &ParameterForm::changed, this, &LossPage::parameters_changed);
    connect(m_labels, &QComboBox::activated, this, &LossPage::labels_chosen);
    connect(m_first_row, &QSpinBox::valueChanged, this, &LossPage::ask);
    connect(m_model, &QComboBox::currentIndexChanged, this, &LossPage::ask);
    connect(m_model, &QComboBox::currentTextChanged, this,
            [this](const QString& text) { m_model->setToolTip(tr("The check runs under this model: %1").arg(text)); });
    connect(m_heat, &HeatCard::more_rows_wanted, this, [this](int direction) { m_first_row->stepBy(direction); });
    connect(m_checker, &LossChecker::answered, this, &LossPage::take_report);
    connect(m_checker, &LossChecker::failed, this, &LossPage::take_failure);
    connect(m_checker, &LossChecker::is_slow, m_verdict, &VerdictCard::set_slow);
    connect(m_error, &ErrorBanner::action_wanted, this, [this] {
        m_error->clear();
        if (!m_knows_catalogue || m_catalogue.empty()) read_catalogue();
        check_now();
    });
}

/// One comes here to type.
void LossPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_editor->setFocus();
}

void LossPage::hideEvent(QHideEvent* event) {
    save_now();
    Page::hideEvent(event);
}

bool LossPage::is_ready() const {
    return m_knows_catalogue && (!m_session || m_knows_losses) && m_is_open && !m_checker->is_asking();
}

LossQuestion LossPage::question() const {
    LossQuestion question;
    if (m_session) question.project = QString::fromStdString(m_session->path().string());
    const auto model = m_model->choice();
    question.model = model ? QString::fromStdString(model->model) : QStringLiteral("starter");
    question.source = m_editor->text();
    question.parameters = spec().parameters;
    question.labels = QString::fromStdString(m_open.labels);
    question.first_row = m_first_row->value() - 1;
    return question;
}

void LossPage::ask() {
    if (m_is_open) m_checker->ask(question());
}

void LossPage::check_now() {
    if (m_is_open) m_checker->ask_now(question());
}

void LossPage::take_report(const LossReport& report) {
    m_report = report;
    m_error->clear();
    m_editor->set_report(report);
    m_editor->set_words(loss_words(report));
    m_verdict->set_report(report, m_session != nullptr, !m_editor->is_read_only());
    m_heat->set_report(report);
    if (m_inspector) {
        m_inspector->set_report(report);
        // A text that is not understood for the moment keeps its fields.
        if (report.is_understood() || !report.parameters.empty())
            m_inspector->parameters().set_parameters(known_parameters(), m_open.parameters);
    }
    show_use();
    Q_EMIT checked();
    tell_if_ready();
}

/// As the check found them, with what only the catalogue knows of them.
std::vector<LossParameter> LossPage::known_parameters() const {
    std::vector<LossParameter> parameters = m_report ? m_report->parameters : std::vector<LossParameter>();
    const CatalogueEntry* shipped = m_open.own == 0 ? entry(m_open.entry) : nullptr;
    if (shipped == nullptr) return parameters;
    for (LossParameter& parameter : parameters) {
        const auto known = std::ranges::find(shipped->parameters, parameter.name, &LossParameter::name);
        if (known == shipped->parameters.end()) continue;
        parameter.minimum = known->minimum;
        parameter.maximum = known->maximum;
        parameter.about = known->about;
    }
    return parameters;
}

void LossPage::take_failure(const Error& error) {
    if (error.kind != ErrorKind::Cancelled) {
        m_error->show_error(error, tr("Check again"));
        if (!m_report) m_verdict->set_sentence(tr("The loss has not been checked."));
    }
    show_use();
    tell_if_ready();
}

LossSpec LossPage::spec() const {
    LossSpec spec;
    spec.parameters = m_open.parameters;
    // A field that the text has no more keeps its value only for the case that it comes back.
    if (m_report && m_report->is_understood())
        for (const auto& [field, value] : m_open.parameters.items())
            if (std::ranges::find(m_report->parameters, QString::fromStdString(field), &LossParameter::name) == m_report->parameters.end())
                spec.parameters.erase(field);
    spec.labels = m_open.labels;
    if (const StoredLoss* mine = own(m_open.own)) {
        spec.name = mine->name;
        spec.source = m_editor->text().toStdString();
        return spec;
    }
    spec.name = m_open.entry.toStdString();
    const CatalogueEntry* shipped = entry(m_open.entry);
    // A sample has no place under its name in a run, and a reward is told from a loss by its text.
    if (shipped != nullptr && shipped->kind != QLatin1String("loss")) spec.source = shipped->source.toStdString();
    return spec;
}

QString LossPage::reason_not_to_use() const {
    if (!m_is_open) return tr("No loss is open.");
    if (!m_session) return tr("Open a project first: a run needs its rows.");
    if (!m_open.accepted) return tr("Read the loss and accept it first.");
    if (m_report && !m_report->is_understood()) return tr("The loss is not understood yet.");
    if (m_report && !m_report->can_train()) return tr("No gradient reaches the model: a run would learn nothing.");
    return {};
}

void LossPage::show_use() {
    const QString reason = reason_not_to_use();
    m_use->setEnabled(reason.isEmpty());
    m_use->setToolTip(reason.isEmpty() ? tr("Opens Train with this loss chosen") : reason);
}

void LossPage::use_in_a_run() {
    if (!reason_not_to_use().isEmpty()) return;
    save_now();
    LossSpec chosen = spec();
    // A reward of the catalogue is known to a run by its name.
    const CatalogueEntry* shipped = own(m_open.own) != nullptr ? nullptr : entry(m_open.entry);
    if (shipped != nullptr && shipped->kind == QLatin1String("reward")) chosen.source.clear();
    if (!chosen.source.empty()) m_accepted.accept(chosen.source);
    Q_EMIT page_wanted(QStringLiteral("train"));
    Q_EMIT use_wanted(chosen);
}

}  // namespace lossmith::ui

#include "moc_LossPage.cpp"
