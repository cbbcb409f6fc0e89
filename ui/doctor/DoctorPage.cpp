#include "ui/doctor/DoctorPage.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/project/DiagnosisStore.h"
#include "core/project/Project.h"
#include "core/protocol/EngineClient.h"
#include "ui/charts/CurveChart.h"
#include "ui/doctor/CauseList.h"
#include "ui/doctor/FindingCard.h"
#include "ui/doctor/KindCurves.h"
#include "ui/shell/ProjectSession.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"

namespace lossmith::ui {
namespace {

QString run_label(const Run& run) {
    return DoctorPage::tr("run %1 · %2 · %3").arg(run.id).arg(QString::fromStdString(run.name), status_text(run.status));
}

/// A diagnosis that the run has since outgrown is no longer its own.
bool is_of_this_state(const Diagnosis& diagnosis, const Run& run) {
    return run.ended_at.empty() || diagnosis.at >= run.ended_at;
}

}  // namespace

struct DoctorPage::Found {
    Run run;
    std::optional<Diagnosis> diagnosis;
    std::vector<Metric> metrics;
};

DoctorPage::DoctorPage(EngineClient& engine, QWidget* parent)
    : Page(parent),
      m_engine(engine),
      m_header(new PageHeader(title())),
      m_picker(new ElidedComboBox),
      m_cure(new QPushButton(tr("Set all right in a new run"))),
      m_look(new QPushButton(tr("Look for causes"))),
      m_error(new ErrorBanner),
      m_progress(new ProgressStrip),
      m_views(new QStackedWidget),
      m_empty(new EmptyState(icon_name(), QString(), QString(), tr("Go to Train"))),
      m_verdict(new MutedLabel),
      m_curves(new KindCurves),
      m_content(new QWidget),
      m_findings(new QVBoxLayout),
      m_causes(new CauseList) {
    lay_out();
    connect(m_picker, &QComboBox::currentIndexChanged, this, [this] {
        stop();
        m_error->clear();
        read_run();
    });
    connect(m_look, &QPushButton::clicked, this, &DoctorPage::look);
    connect(m_progress, &ProgressStrip::stop_wanted, this, &DoctorPage::stop);
    connect(m_cure, &QPushButton::clicked, this, [this] {
        if (m_diagnosis) want_cure(m_diagnosis->findings);
    });
    connect(m_error, &ErrorBanner::action_wanted, this, &DoctorPage::look);
    connect(m_empty, &EmptyState::action_wanted, this,
            [this] { Q_EMIT page_wanted(m_session ? QStringLiteral("train") : QStringLiteral("start")); });
    connect(m_curves, &KindCurves::message, this, &DoctorPage::status_message);
    connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this), &QShortcut::activated, this, &DoctorPage::look);
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this, &DoctorPage::stop);
    show_state();
}

DoctorPage::~DoctorPage() {
    delete m_causes;
}

void DoctorPage::lay_out() {
    m_picker->setObjectName(QStringLiteral("run"));
    m_picker->setAccessibleName(tr("Run"));
    m_picker->setMinimumWidth(280);
    m_look->setObjectName(QStringLiteral("look"));
    m_look->setToolTip(tr("Asks both models of this run on a few dozen rows (Ctrl+Return)"));
    m_cure->setObjectName(QStringLiteral("cure_all"));
    m_cure->setToolTip(tr("Opens Train with this run's config and all of these changes made"));
    make_primary(m_cure);
    m_header->add_button(m_picker);
    m_header->add_button(m_look);
    m_header->add_button(m_cure);
    m_verdict->setObjectName(QStringLiteral("verdict"));
    QFont bold = m_verdict->font();
    bold.setBold(true);
    m_verdict->setFont(bold);

    auto* inside = new QVBoxLayout(m_content);
    inside->setContentsMargins(0, 0, 8, 0);
    inside->setSpacing(12);
    inside->addWidget(m_verdict);
    inside->addWidget(m_curves);
    m_findings->setSpacing(12);
    inside->addLayout(m_findings);
    inside->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_views->addWidget(m_empty);
    m_views->addWidget(scroll);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_progress);
    layout->addWidget(m_views, 1);
}

QWidget* DoctorPage::inspector() {
    return m_causes;
}

void DoctorPage::set_project(ProjectSession* session) {
    stop();
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_runs_read = m_run_read = m_reading = m_read_again = false;
    m_error->clear();
    take_runs({});
    m_runs_read = false;
    if (m_session) {
        connect(m_session, &ProjectSession::changed, this, &DoctorPage::read_runs);
        read_runs();
    }
    show_state();
}

bool DoctorPage::is_ready() const {
    return !m_session || (m_runs_read && (m_runs.empty() || (m_run_read && !m_reading)));
}

void DoctorPage::read_runs() {
    if (!m_session) return;
    m_session->ask(
        this, [](Project& project) { return project.runs().runs(); },
        [this, asked = m_session](Result<std::vector<Run>> runs) {
            if (asked != m_session) return;
            m_runs_read = true;
            if (!runs) {
                m_error->show_error(runs.error());
                return tell_if_ready();
            }
            std::erase_if(*runs, [](const Run& run) { return run.status == RunStatus::Queued; });
            take_runs(std::move(*runs));
            read_run();
            tell_if_ready();
        });
}

void DoctorPage::take_runs(std::vector<Run> runs) {
    m_runs = std::move(runs);
    const std::int64_t before = m_wanted_run != 0 ? m_wanted_run : chosen_run();
    {
        const QSignalBlocker quiet(m_picker);
        m_picker->clear();
        for (const Run& run : m_runs) m_picker->addItem(run_label(run), QVariant::fromValue<qint64>(run.id));
        const int index = m_picker->findData(QVariant::fromValue<qint64>(before));
        if (m_picker->count() > 0) m_picker->setCurrentIndex(std::max(0, index));
        if (index >= 0) m_wanted_run = 0;
    }
    show_state();
}

void DoctorPage::choose_run(std::int64_t run) {
    const int index = m_picker->findData(QVariant::fromValue<qint64>(run));
    if (index < 0)
        m_wanted_run = run;
    else
        m_picker->setCurrentIndex(index);
}

std::int64_t DoctorPage::chosen_run() const {
    return m_picker->currentData().toLongLong();
}

void DoctorPage::read_run() {
    const std::int64_t id = chosen_run();
    if (!m_session || id == 0) {
        m_run.reset();
        m_diagnosis.reset();
        return show_state();
    }
    if (m_reading) {
        m_read_again = true;
        return;
    }
    m_reading = true;
    m_session->ask(
        this,
        [id](Project& project) -> Result<Found> {
            Found found;
            found.run = LOSSMITH_TRY(project.runs().run(id));
            found.diagnosis = LOSSMITH_TRY(project.diagnoses().of_run(id));
            found.metrics = LOSSMITH_TRY(project.metrics().read(id));
            return found;
        },
        [this, id, asked = m_session](Result<Found> found) {
            if (asked != m_session) return;
            m_reading = false;
            m_run_read = true;
            if (!found)
                m_error->show_error(found.error());
            else if (id == chosen_run())
                show_found(std::move(*found));
            if (std::exchange(m_read_again, false)) read_run();
            tell_if_ready();
        });
}

void DoctorPage::show_found(Found found) {
    const bool other_run = !m_run || m_run->id != found.run.id;
    if (found.diagnosis && !is_of_this_state(*found.diagnosis, found.run)) found.diagnosis.reset();
    const bool other_diagnosis = other_run || found.diagnosis != m_diagnosis;
    m_run = std::move(found.run);
    m_diagnosis = std::move(found.diagnosis);
    m_curves->set_metrics(found.metrics);
    if (other_diagnosis) show_findings();
    show_state();
}

void DoctorPage::show_findings() {
    while (QLayoutItem* item = m_findings->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (m_causes) m_causes->show_diagnosis(m_diagnosis);
    if (!m_diagnosis || !m_run) return;
    int number = 0;
    for (const Finding& finding : m_diagnosis->findings) {
        auto* card = new FindingCard(++number, finding, m_run->config);
        connect(card, &FindingCard::cure_wanted, this, [this, card] { want_cure({card->finding()}); });
        connect(card, &FindingCard::page_wanted, this, &DoctorPage::page_wanted);
        m_findings->addWidget(card);
    }
}

void DoctorPage::show_state() {
    const bool nothing = m_picker->count() == 0;
    if (!m_session)
        m_empty->set_text(tr("No project is open"), tr("Open a project to see why a run of it disappointed."), tr("Go to Start"));
    else
        m_empty->set_text(tr("No run yet"), tr("The Doctor looks at a run once it has begun, and by itself when it ends."),
                          tr("Go to Train"));
    m_views->setCurrentIndex(nothing && (!m_session || m_runs_read) ? 0 : 1);
    for (QWidget* part : std::initializer_list<QWidget*>{m_picker, m_look, m_cure}) part->setVisible(!nothing);
    m_look->setEnabled(m_run.has_value() && m_question == 0);
    m_look->setText(m_diagnosis ? tr("Look again") : tr("Look for causes"));
    const bool curable = m_diagnosis && std::ranges::any_of(m_diagnosis->findings, [](const Finding& one) { return !one.changes.empty(); });
    m_cure->setEnabled(curable);
    if (!m_diagnosis) {
        m_verdict->set_role(Role::Muted);
        m_verdict->setText(!m_run ? QString()
                           : is_under_way(m_run->status)
                               ? tr("This run is still under way; the Doctor looks at it when it ends, or now if you ask.")
                               : tr("This run was not looked at yet."));
        return;
    }
    const auto count = static_cast<qint64>(m_diagnosis->findings.size());
    m_verdict->set_role(count == 0 ? Role::Ok : Role::Bad);
    m_verdict->setText(count == 0 ? tr("Nothing was found that would be wrong with this run.")
                                  : counted(count, tr("One cause was found."), tr("%1 causes were found, the worst first.")));
}

void DoctorPage::look() {
    if (!m_session || chosen_run() == 0 || m_question != 0) return;
    m_error->clear();
    m_progress->start(tr("Looking for causes"));
    const Json params = {{"project", m_session->path().string()}, {"run", chosen_run()}};
    m_question = m_engine.request(
        QStringLiteral("doctor"), params, this,
        [this, id = chosen_run()](const Result<Json>& answer) {
            m_question = 0;
            m_progress->finish();
            if (!answer)
                m_error->show_error(answer.error(), tr("Try again"));
            else if (id == chosen_run())
                read_run();
            show_state();
            Q_EMIT looked();
        },
        [this](const Json& value) {
            m_progress->set_progress({std::string(), value.value("done", std::int64_t{0}), value.value("total", std::int64_t{0})});
        });
    show_state();
}

void DoctorPage::stop() {
    if (m_question != 0) m_engine.cancel(m_question);
}

void DoctorPage::want_cure(std::vector<Finding> findings) {
    if (!m_run) return;
    const auto config = cured(m_run->config, findings);
    if (!config) return m_error->show_error(config.error());
    Q_EMIT page_wanted(QStringLiteral("train"));
    Q_EMIT cure_wanted(*config);
}

}  // namespace lossmith::ui

#include "moc_DoctorPage.cpp"
