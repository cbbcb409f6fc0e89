// The page's frame: its cards, where they stand, what is remembered, and which models the project offers.
#include "ui/logits/LogitsPage.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/logits/AttentionCard.h"
#include "ui/logits/AttributionCard.h"
#include "ui/logits/BranchCard.h"
#include "ui/logits/DistributionCard.h"
#include "ui/logits/LensCard.h"
#include "ui/logits/OddsCard.h"
#include "ui/logits/PlaceInquiry.h"
#include "ui/logits/RunStripCard.h"
#include "ui/logits/SourceCard.h"
#include "ui/logits/StripsCard.h"
#include "ui/logits/TokenInspector.h"
#include "ui/logits/TokenStrip.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"

namespace lossmith::ui {

namespace {

constexpr int rest_milliseconds = 60;

QString setting(const char* name) {
    return QStringLiteral("logits/") + QString::fromLatin1(name);
}

struct Offered {
    std::vector<ModelChoice> models;
    TemplateSpec template_spec;
};

Result<Offered> read_offered(Project& project) {
    Offered offered;
    offered.models = LOSSMITH_TRY(model_choices(project));
    offered.template_spec = LOSSMITH_TRY(project.templates().current());
    return offered;
}

void keep_splitter(QSplitter* splitter, const char* name, const QList<int>& sizes) {
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(12);
    splitter->setSizes(sizes);
    splitter->restoreState(QSettings().value(setting(name)).toByteArray());
    QObject::connect(splitter, &QSplitter::splitterMoved, splitter,
                     [splitter, name] { QSettings().setValue(setting(name), splitter->saveState()); });
}

}  // namespace

LogitsPage::LogitsPage(EngineClient& engine, QWidget* parent)
    : Page(parent), m_request(engine, this), m_inquiry(new PlaceInquiry(engine, this)) {
    make_cards(engine);
    lay_out();
    connect_cards();
    set_two_models(QSettings().value(setting("two_models"), true).toBool());
    clear_inspection();
    show_state();
}

LogitsPage::~LogitsPage() {
    delete m_inspector;
}

QWidget* LogitsPage::inspector() {
    return m_inspector;
}

TokenInspector* LogitsPage::token_inspector() const {
    return m_inspector;
}

QUndoStack* LogitsPage::undo_stack() {
    return m_branches->undo_stack();
}

void LogitsPage::make_cards(EngineClient& engine) {
    m_header = new PageHeader(title(), this);
    m_base = new CheckpointPicker(Role::Base);
    m_tuned = new CheckpointPicker(Role::Tuned);
    m_two_models = new Chip(tr("beside the base"));
    m_copy = new QPushButton(tr("Copy as JSON"));
    m_stop = new QPushButton(tr("Stop"));
    m_error = new ErrorBanner;
    m_progress = new ProgressStrip;
    m_stack = new QStackedWidget(this);
    m_empty = new EmptyState(icon_name(), tr("No project is open"), tr("Open a project to look into its models."), tr("Go to Start"));
    m_splitter = new QSplitter(Qt::Vertical, m_stack);
    m_lower = new QSplitter(Qt::Horizontal, m_splitter);
    m_tabs = new QTabWidget(m_lower);
    m_rest = new QTimer(this);
    m_source = new SourceCard(m_stack);
    m_strips = new StripsCard(m_splitter);
    m_distribution = new DistributionCard(m_lower);
    m_lens = new LensCard(engine, m_tabs);
    m_attention = new AttentionCard(engine, m_tabs);
    m_attribution = new AttributionCard(engine, m_tabs);
    m_branches = new BranchCard(engine, m_tabs);
    m_odds = new OddsCard(engine, *m_progress, m_tabs);
    m_run = new RunStripCard(m_tabs);
    m_inspector = new TokenInspector;
}

void LogitsPage::lay_out() {
    m_base->setObjectName(QStringLiteral("base_model"));
    m_tuned->setObjectName(QStringLiteral("tuned_model"));
    m_two_models->setCheckable(true);
    m_two_models->setObjectName(QStringLiteral("two_models"));
    m_two_models->setToolTip(tr("Show what tuning changed: the base model reads the text too"));
    m_copy->setObjectName(QStringLiteral("copy_json"));
    m_copy->setToolTip(tr("The answer for the whole text, as lossmith-cli inspect --json gives it"));
    m_stop->setObjectName(QStringLiteral("stop"));
    m_stop->setIcon(icon(QStringLiteral("media-playback-stop")));
    m_stop->setToolTip(tr("Give up what the engine is asked (Escape)"));
    // A checkpoint's name has a run and a step in it.
    for (const auto& [picker, width] : {std::pair{m_base, 110}, {m_tuned, 160}}) {
        picker->setMinimumWidth(width);
        m_header->add_chip(picker);
    }
    m_header->add_chip(m_two_models);
    m_header->add_button(m_stop);
    m_header->add_button(m_copy);

    const std::tuple<QWidget*, QString, QString> pages[] = {
        {m_lens, tr("Layers"), tr("What each layer would have said (logit lens)")},
        {m_attention, tr("Attention"), tr("Which tokens each head looks at")},
        {m_attribution, tr("Causes"), tr("Which tokens the loss at the chosen one comes from")},
        {m_branches, tr("Branches"), tr("Put other tokens into the text and let both models go on")},
        {m_odds, tr("Odds"), tr("Which tokens changed most over the data")},
        {m_run, tr("Training"), tr("A run's fixed prompts from step to step")}};
    for (const auto& [page, name, about] : pages) m_tabs->setTabToolTip(m_tabs->addTab(page, name), about);
    m_tabs->setCurrentIndex(QSettings().value(setting("tab"), 0).toInt());
    m_tabs->setDocumentMode(true);
    m_lower->addWidget(m_distribution);
    m_lower->addWidget(m_tabs);
    m_splitter->addWidget(m_strips);
    m_splitter->addWidget(m_lower);
    keep_splitter(m_lower, "lower", {500, 500});
    keep_splitter(m_splitter, "splitter", {335, 345});

    auto* content = new QWidget(m_stack);
    auto* inside = new QVBoxLayout(content);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(12);
    inside->addWidget(m_source);
    inside->addWidget(m_splitter, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_progress);
    layout->addWidget(m_stack, 1);
    m_rest->setSingleShot(true);
    m_rest->setInterval(rest_milliseconds);
}

void LogitsPage::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_is_read = false;
    m_error->clear();
    m_request.forget();
    clear_inspection();
    for (CheckpointPicker* picker : {m_base, m_tuned}) picker->set_choices({});
    m_source->set_project(session);
    m_run->set_project(session);
    if (m_session) {
        connect(m_session, &ProjectSession::changed, this, &LogitsPage::reload);
        reload();
    }
    show_state();
}

void LogitsPage::reload() {
    if (!m_session) return;
    m_session->ask(this, read_offered, [this, asked_of = m_session](Result<Offered> offered) {
        if (!m_session || m_session != asked_of) return;
        const bool first = !std::exchange(m_is_read, true);
        if (!offered) return show_error(offered.error());
        m_project_template = offered->template_spec;
        m_tuned->set_choices(offered->models);
        m_base->set_choices(offered->models, m_tuned->choice());
        if (first) {
            m_tuned->choose(QSettings().value(setting("tuned")).toString().toStdString());
            m_base->choose(QSettings().value(setting("base")).toString().toStdString());
            take_models();
        }
    });
}

bool LogitsPage::is_ready() const {
    if (!m_session) return true;
    const bool asks = m_request.is_asking() || m_rest->isActive() || m_inquiry->is_asking() || m_branches->is_generating();
    return m_is_read && m_source->is_read() && !asks && m_lens->is_up_to_date() && m_attention->is_up_to_date() &&
           m_attribution->is_up_to_date();
}

void LogitsPage::set_two_models(bool two) {
    m_two_models->setChecked(two);
    m_base->setVisible(two);
    QSettings().setValue(setting("two_models"), two);
}

void LogitsPage::copy_as_json() {
    QGuiApplication::clipboard()->setText(QString::fromStdString(m_answer.dump(2, ' ', false, Json::error_handler_t::replace)));
    Q_EMIT status_message(tr("The text's probabilities are in the clipboard as JSON."));
}

void LogitsPage::show_error(const Error& error) {
    m_error->show_error(error);
    show_state();
}

void LogitsPage::show_state() {
    m_stack->setCurrentIndex(m_session ? 1 : 0);
    for (QWidget* part : std::initializer_list<QWidget*>{m_tuned, m_two_models, m_copy, m_stop}) part->setVisible(m_session != nullptr);
    m_base->setVisible(m_session && m_two_models->isChecked());
    m_copy->setEnabled(m_inspection != nullptr);
    m_stop->setEnabled(m_request.is_asking() || m_inquiry->is_asking() || m_lens->is_asking() || m_attention->is_asking() ||
                       m_attribution->is_asking() || m_branches->is_generating() || m_odds->is_asking());
    const bool ready_now = is_ready();
    if (ready_now && !std::exchange(m_was_ready, ready_now)) Q_EMIT ready();
    m_was_ready = ready_now;
}

}  // namespace lossmith::ui

#include "moc_LogitsPage.cpp"
