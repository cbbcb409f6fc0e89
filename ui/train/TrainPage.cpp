// The page Train: its parts, and which of them are on show.
#include "ui/train/TrainPage.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/project/DataStore.h"
#include "core/project/LossStore.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/ProjectSession.h"
#include "ui/train/CompletionsCard.h"
#include "ui/train/DevicePicker.h"
#include "ui/train/LossPicker.h"
#include "ui/train/RunCurves.h"
#include "ui/train/RunForm.h"
#include "ui/train/RunInspector.h"
#include "ui/train/RunQueue.h"
#include "ui/train/RunWatcher.h"
#include "ui/train/RunWords.h"
#include "ui/train/SamplesCard.h"
#include "ui/train/SlurmDialog.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

TrainPage::TrainPage(EngineClient& engine, QWidget* parent)
    : Page(parent),
      m_engine(engine),
      m_queue(new RunQueue(RunLauncher(), this)),
      m_watcher(new RunWatcher(this)),
      m_estimates(new EstimateAsker(engine, this)),
      m_inspector(new RunInspector(this)) {
    m_inspector->hide();
    lay_out();
    connect_parts();
    show_view();
}

TrainPage::~TrainPage() = default;

QWidget* TrainPage::inspector() {
    return m_inspector;
}

void TrainPage::set_run_program(const QString& program) {
    m_queue->set_launcher(RunLauncher(program));
}

QPushButton* TrainPage::add_button(const QString& text, const QString& icon_name, const QString& tip, void (TrainPage::*pressed)()) {
    auto* button = new QPushButton(text);
    if (!icon_name.isEmpty()) button->setIcon(icon(icon_name));
    button->setToolTip(tip);
    m_header->add_button(button);
    connect(button, &QPushButton::clicked, this, pressed);
    return button;
}

// Parents before their children: a style sheet is matched anew for all that hangs below a widget when it is given another parent.
void TrainPage::lay_out() {
    m_header = new PageHeader(title());
    m_run_chip = new Chip;
    m_run_chip->set_clickable(true);
    m_run_chip->setAccessibleName(tr("Which run is shown"));
    m_run_chip->setToolTip(tr("Show another run, or the form for a new one"));
    m_status_chip = new Chip;
    m_queue_chip = new Chip;
    m_queue_chip->set_role(Role::Warn);
    for (Chip* chip : {m_run_chip, m_status_chip, m_queue_chip}) m_header->add_chip(chip);
    make_buttons();

    m_banner = new ErrorBanner;
    m_no_project = new EmptyState(QStringLiteral("document-open"), tr("No project is open"),
                                  tr("A project holds your rows and every run made from them."), tr("Open or make a project"));
    m_no_data = new EmptyState(QStringLiteral("table"), tr("Nothing to learn from yet"),
                               tr("Import a CSV of problems and solutions; then a run can be started here."), tr("Import data"));
    m_views = new QStackedWidget(this);
    auto* form_scroll = new QScrollArea(m_views);
    m_form = new RunForm(form_scroll->viewport());
    m_form->setObjectName(QStringLiteral("scroll_body"));
    form_scroll->setWidgetResizable(true);
    form_scroll->setFrameShape(QFrame::NoFrame);
    form_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    form_scroll->setFocusPolicy(Qt::NoFocus);
    form_scroll->setWidget(m_form);

    auto* run_view = new QSplitter(Qt::Vertical, m_views);
    m_curves = new RunCurves(run_view);
    auto* texts = new QSplitter(Qt::Horizontal, run_view);
    m_samples = new SamplesCard(texts);
    m_completions = new CompletionsCard(texts);
    m_completions->hide();
    texts->setChildrenCollapsible(false);
    texts->setHandleWidth(12);
    texts->addWidget(m_samples);
    texts->addWidget(m_completions);
    texts->setStretchFactor(0, 1);
    texts->setStretchFactor(1, 1);
    run_view->setChildrenCollapsible(false);
    run_view->setHandleWidth(12);
    run_view->addWidget(m_curves);
    run_view->addWidget(texts);
    run_view->setStretchFactor(0, 2);
    run_view->setStretchFactor(1, 1);
    run_view->setSizes({500, 240});

    for (QWidget* view : std::initializer_list<QWidget*>{m_no_project, m_no_data, form_scroll, run_view}) m_views->addWidget(view);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_banner);
    layout->addWidget(m_views, 1);
}

void TrainPage::make_buttons() {
    m_checkpoint =
        add_button(tr("Checkpoint now"), {}, tr("Write the weights as they are after the current step"), &TrainPage::checkpoint_now);
    m_sample = add_button(tr("Sample now"), {}, tr("Generate from the fixed prompts after the current step"), &TrainPage::sample_now);
    m_pause = add_button(tr("Pause"), {}, tr("Hold the run after its current step; it keeps its memory"), &TrainPage::pause_or_continue);
    m_stop = add_button(tr("Stop"), {}, tr("End the run after its current step, with a checkpoint to resume from"), &TrainPage::stop_run);
    m_again = add_button(tr("Run again with…"), {}, tr("A new run, the form filled with this one's config"), &TrainPage::run_again);
    m_new = add_button(tr("New run"), {}, tr("The form for a new run"), &TrainPage::show_form);
    m_resume = add_button(tr("Resume"), {}, tr("Go on from the last checkpoint"), &TrainPage::resume_run);
    m_batch_script = add_button(tr("Batch script…"), {}, tr("This run as a script for a cluster (Slurm)"), &TrainPage::write_batch_script);
    m_batch_script->setObjectName(QStringLiteral("batch_script"));
    m_start = add_button(tr("Start"), {}, tr("Start the run (Ctrl+Return)"), &TrainPage::start_run);
    m_start->setObjectName(QStringLiteral("start"));
    m_stop->setObjectName(QStringLiteral("stop"));
    m_pause->setObjectName(QStringLiteral("pause"));
    m_resume->setObjectName(QStringLiteral("resume"));
    m_checkpoint->setObjectName(QStringLiteral("checkpoint_now"));
    m_sample->setObjectName(QStringLiteral("sample_now"));
    m_again->setObjectName(QStringLiteral("run_again"));
    m_new->setObjectName(QStringLiteral("new_run"));
    m_queue_chip->hide();
    make_primary(m_start);
    make_primary(m_resume);
}

void TrainPage::connect_parts() {
    connect(m_run_chip, &Chip::clicked, this, &TrainPage::open_run_menu);
    connect(m_no_project, &EmptyState::action_wanted, this, [this] { Q_EMIT page_wanted(QStringLiteral("start")); });
    connect(m_no_data, &EmptyState::action_wanted, this, [this] { Q_EMIT page_wanted(QStringLiteral("data")); });
    connect(m_form, &RunForm::changed, this, &TrainPage::form_changed);
    connect(m_curves, &RunCurves::message, this, &TrainPage::status_message);
    connect(m_queue, &RunQueue::runs_changed, this, &TrainPage::take_runs);
    connect(m_queue, &RunQueue::launch_failed, this, [this](qint64, const Error& error) { m_banner->show_error(error); });
    connect(m_watcher, &RunWatcher::news, this, &TrainPage::take_news);
    connect(m_watcher, &RunWatcher::failed, this, [this](const Error& error) { m_banner->show_error(error); });
    connect(&m_inspector->devices(), &DevicePicker::changed, this, [this] {
        if (m_shown_run == 0 && m_inspector) m_form->set_devices(m_inspector->devices().chosen(), m_inspector->devices().threads());
    });
    connect(m_inspector, &RunInspector::change_wanted, m_form, &RunForm::change);
    connect(m_estimates, &EstimateAsker::asking, this, [this] {
        if (m_inspector) m_inspector->set_estimate_note(tr("Reckoning…"), false);
    });
    connect(m_estimates, &EstimateAsker::estimated, this, [this](const RunEstimate& estimate) {
        if (!m_inspector) return;
        m_inspector->set_estimate(estimate);
        m_inspector->set_estimate_note({}, false);
        tell_if_ready();
    });
    connect(m_estimates, &EstimateAsker::failed, this, [this](const Error& error) {
        if (!m_inspector || error.kind == ErrorKind::Cancelled) return;
        m_inspector->set_estimate({});
        m_inspector->set_estimate_note(QString::fromStdString(describe(error)), true);
        tell_if_ready();
    });
    connect(m_banner, &ErrorBanner::action_wanted, this, [this] { m_refused_loss ? show_loss_page(*m_refused_loss) : resume_run(); });
    for (LossPicker* picker : {&m_form->loss(), &m_form->reward()})
        connect(picker, &LossPicker::edit_wanted, this,
                [this, picker] { show_loss_page(picker->has_none() ? LossSpec{} : picker->loss()); });
    auto* start = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this);
    start->setContext(Qt::WidgetWithChildrenShortcut);
    connect(start, &QShortcut::activated, m_start, &QPushButton::click);
}

void TrainPage::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_runs.clear();
    m_run.reset();
    m_shown_run = 0;
    m_train_rows = -1;
    m_knows_runs = false;
    m_reading = false;
    m_starting = false;
    m_knows_devices = false;
    m_banner->clear();
    m_estimates->forget();
    if (m_inspector) {
        m_inspector->show_form();
        m_inspector->set_estimate({});
    }
    m_watcher->set_project(session);
    m_queue->set_project(session);
    if (session) {
        connect(session, &ProjectSession::changed, this, &TrainPage::read_project);
        read_project();
        m_engine.request(QStringLiteral("devices"), Json::object(), this, [this](const Result<Json>& answer) {
            if (m_inspector) m_inspector->devices().set_devices(answer);
            m_knows_devices = true;
            tell_if_ready();
        });
        read_catalogue();
    }
    show_view();
}

bool TrainPage::is_ready() const {
    if (!m_session) return true;
    if (m_train_rows < 0 || !m_knows_runs || !m_knows_devices || m_estimates->is_asking()) return false;
    return m_shown_run == 0 || m_run.has_value();
}

QString TrainPage::project_path() const {
    return m_session ? QString::fromStdString(m_session->path().string()) : QString();
}

void TrainPage::read_project() {
    // While a run is on show, counting rows ten times a second would serve nobody.
    if (!m_session || m_reading || (m_shown_run != 0 && m_train_rows >= 0)) return;
    m_reading = true;
    struct Facts {
        std::int64_t train = 0;
        std::int64_t validation = 0;
        TemplateSpec text;
        std::vector<StoredModel> models;
        std::vector<StoredLoss> losses;
    };
    m_session->ask(
        this,
        [](Project& project) -> Result<Facts> {
            Facts facts;
            facts.train = LOSSMITH_TRY(project.data().count(Split::Train));
            facts.validation = LOSSMITH_TRY(project.data().count(Split::Validation));
            facts.text = LOSSMITH_TRY(project.templates().current());
            facts.models = LOSSMITH_TRY(project.models().models());
            facts.losses = LOSSMITH_TRY(project.losses().losses());
            return facts;
        },
        [this, asked = m_session](const Result<Facts>& facts) {
            if (asked != m_session) return;
            m_reading = false;
            if (!facts) return m_banner->show_error(facts.error());
            m_form->set_project_template(facts->text);
            m_models = facts->models;
            m_form->loss().set_own(facts->losses);
            m_form->reward().set_own(facts->losses);
            m_form->set_models(m_models, m_runs, project_path());
            const bool other_rows = facts->train != m_train_rows;
            m_train_rows = facts->train;
            if (m_inspector) m_inspector->set_rows(facts->train, facts->validation);
            if (other_rows) form_changed();
            show_view();
            tell_if_ready();
        });
}

/// An engine that has no catalogue still has cross-entropy, which the form offers by itself.
void TrainPage::read_catalogue() {
    m_engine.request(QStringLiteral("loss/catalogue"), Json::object(), this, [this](const Result<Json>& answer) {
        if (!answer) return;
        m_form->loss().set_catalogue(shipped_losses_from_json(*answer, Picks::Loss));
        m_form->reward().set_catalogue(shipped_losses_from_json(*answer, Picks::Reward));
    });
}

void TrainPage::write_batch_script() {
    if (!m_config) return;
    auto* dialog = new SlurmDialog(*m_config, project_path(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void TrainPage::show_loss_page(const LossSpec& loss) {
    Q_EMIT page_wanted(QStringLiteral("loss"));
    Q_EMIT loss_wanted(loss);
}

void TrainPage::form_changed() {
    m_config = m_form->check();
    if (m_inspector && m_shown_run == 0) m_inspector->devices().set_error(m_form->other_errors().join(QLatin1Char('\n')));
    if (m_shown_run == 0 && m_session && m_config && m_train_rows > 0) m_estimates->ask(project_path(), *m_config);
    show_header();
}

QString TrainPage::reason_not_to_start() const {
    if (m_starting) return tr("The run is being queued.");
    if (!m_session) return tr("No project is open.");
    if (m_train_rows == 0) return tr("There are no rows to learn from yet.");
    if (!m_config) return tr("Something in the form is wrong; it is said beside its field.");
    return {};
}

void TrainPage::show_view() {
    View view = View::Form;
    if (!m_session)
        view = View::NoProject;
    else if (m_shown_run != 0)
        view = View::Run;
    else if (m_train_rows == 0)
        view = View::NoData;
    m_views->setCurrentIndex(static_cast<int>(view));
    show_header();
}

void TrainPage::show_header() {
    const bool form = m_shown_run == 0;
    const bool live = m_run && (m_run->status == RunStatus::Running || m_run->status == RunStatus::Paused);
    const bool waiting = m_run && m_run->status == RunStatus::Queued;
    const QString reason = reason_not_to_start();
    m_start->setVisible(form && m_session);
    m_start->setEnabled(reason.isEmpty());
    m_start->setToolTip(reason.isEmpty() ? tr("Start the run (Ctrl+Return)") : reason);
    m_start->setText(m_runs.empty() || !is_busy() ? tr("Start") : tr("Queue"));
    m_batch_script->setVisible(form && m_session);
    m_batch_script->setEnabled(m_config.has_value());
    m_new->setVisible(!form);
    m_again->setVisible(m_run && !live && !waiting);
    m_resume->setVisible(m_run && can_resume(*m_run));
    m_resume->setEnabled(!m_sent);
    m_checkpoint->setVisible(live);
    m_sample->setVisible(live);
    m_pause->setVisible(live);
    m_stop->setVisible(live || waiting);
    m_stop->setText(waiting ? tr("Take out of the queue") : tr("Stop"));
    m_pause->setText(m_run && m_run->status == RunStatus::Paused ? tr("Continue") : tr("Pause"));
    m_pause->setEnabled(!m_sent);
    m_stop->setEnabled(!m_sent || *m_sent != RunCommand::Stop);

    m_run_chip->setVisible(m_session && (!m_runs.empty() || !form));
    m_run_chip->setText(form ? tr("new run ▾") : tr("run %1 ▾").arg(m_shown_run));
    m_run_chip->updateGeometry();
    m_status_chip->setVisible(m_run.has_value());
    if (!m_run) {
        m_header->set_summary(form && m_session && m_train_rows != 0 ? reason : QString());
        return;
    }
    m_status_chip->setText(status_text(m_run->status));
    m_status_chip->set_role(status_role(m_run->status));
    m_status_chip->updateGeometry();
    const QString named = QString::fromStdString(m_run->name);
    const QString summary = config_summary(m_run->config);
    m_header->set_summary(named == tr("run %1").arg(m_run->id) ? summary : named + QStringLiteral(" · ") + summary);
}

}  // namespace lossmith::ui

#include "moc_TrainPage.cpp"
