// The page Train and its runs: starting, watching, commanding, and going back to earlier ones.
#include <QMenu>
#include <algorithm>

#include "core/project/Project.h"
#include "core/project/RunStore.h"
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
#include "ui/train/TrainPage.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ErrorBanner.h"

namespace lossmith::ui {
namespace {
constexpr std::size_t runs_in_menu = 20;
}

bool TrainPage::is_busy() const {
    return std::ranges::any_of(m_runs, [](const Run& run) { return is_under_way(run.status); });
}

void TrainPage::take_runs(const std::vector<Run>& runs) {
    const bool others =
        runs.size() != m_runs.size() || !std::ranges::equal(runs, m_runs, [](const Run& one, const Run& other) {
            return one.id == other.id && one.status == other.status && one.best_step == other.best_step && one.name == other.name;
        });
    m_runs = runs;
    if (others) m_form->set_models(m_models, m_runs, project_path());
    const auto waiting = std::ranges::count_if(m_runs, [](const Run& run) { return run.status == RunStatus::Queued; });
    m_queue_chip->setVisible(waiting > 0);
    m_queue_chip->setText(tr("%n in the queue", nullptr, static_cast<int>(waiting)));
    m_queue_chip->updateGeometry();
    if (!std::exchange(m_knows_runs, true) && m_shown_run == 0) {
        // What was under way when the window was closed is found again; what waits comes after what runs.
        const auto running = std::ranges::find_if(m_runs, [](const Run& run) {
            return run.status == RunStatus::Running || run.status == RunStatus::Paused || run.status == RunStatus::Lost;
        });
        const auto queued = std::ranges::find(m_runs, RunStatus::Queued, &Run::status);
        if (running != m_runs.end()) return show_run(running->id);
        if (queued != m_runs.end()) return show_run(queued->id);
    }
    const bool gone = m_shown_run != 0 && std::ranges::find(m_runs, m_shown_run, &Run::id) == m_runs.end();
    if (gone) return show_form();
    if (m_shown_run != 0 && others) m_watcher->look_again();
    show_header();
    tell_if_ready();
}

void TrainPage::show_run(std::int64_t run) {
    m_shown_run = run;
    m_resume_when_read = false;
    m_run.reset();
    m_sent.reset();
    m_banner->clear();
    m_estimates->forget();
    if (m_inspector) {
        m_inspector->set_estimate({});
        m_inspector->set_estimate_note({}, false);
    }
    m_watcher->watch(run);
    show_view();
}

void TrainPage::resume(std::int64_t run) {
    show_run(run);
    m_resume_when_read = true;
}

void TrainPage::show_form() {
    m_shown_run = 0;
    m_run.reset();
    m_sent.reset();
    m_watcher->watch(0);
    m_banner->clear();
    if (m_inspector) {
        m_inspector->show_form();
        const RunConfig& config = m_form->last_config();
        m_inspector->devices().set_chosen(config.devices, config.threads);
    }
    read_project();
    form_changed();
    show_view();
}

void TrainPage::run_again_with(const RunConfig& config) {
    RunConfig again = config;
    again.name.clear();
    m_form->set_config(again);
    show_form();
}

void TrainPage::use_loss(const LossSpec& loss) {
    m_form->use_loss(loss);
    show_form();
}

void TrainPage::run_again() {
    if (m_run) run_again_with(m_run->config);
}

void TrainPage::take_news(const RunNews& news) {
    if (news.run.id != m_shown_run) return;
    const bool first = !m_run;
    const bool other_status = first || m_run->status != news.run.status;
    m_run = news.run;
    if (other_status) m_sent.reset();
    if (first && news.run.status == RunStatus::Queued) (void)refuses(news.run.config);
    m_curves->take(news);
    m_samples->set_samples(news.samples);
    if (news.from_the_start) m_completions->clear();
    m_completions->setVisible(news.run.config.reward.has_value());
    m_completions->add_completions(news.completions);
    if (m_inspector) {
        if (first) m_inspector->show_run(news.run);
        m_inspector->take(news);
    }
    if (first && is_under_way(news.run.status)) m_estimates->ask(project_path(), news.run.config);
    if (other_status) show_ending();
    show_header();
    if (std::exchange(m_resume_when_read, false) && can_resume(news.run)) resume_run();
    tell_if_ready();
}

void TrainPage::show_ending() {
    const QString why = QString::fromStdString(m_run->message);
    if (m_run->status == RunStatus::Lost) {
        Error lost{ErrorKind::Internal,
                   tr("The process of run %1 is gone; it was at step %2.").arg(m_run->id).arg(m_run->step).toStdString(),
                   tr("It may have been killed, or the machine was switched off. It can go on from its last checkpoint.").toStdString(),
                   {}};
        m_refused_loss.reset();
        m_banner->show_error(lost, tr("Resume"));
    } else if (m_run->status == RunStatus::Failed) {
        const QString sentence = why.isEmpty() ? tr("Run %1 failed.").arg(m_run->id) : tr("Run %1 failed: %2").arg(m_run->id).arg(why);
        m_banner->show_error({ErrorKind::Internal, sentence.toStdString(), {}, {}});
    } else {
        m_banner->clear();
    }
}

bool TrainPage::refuses(const RunConfig& config) {
    m_refused_loss = m_accepted.unread(config);
    if (!m_refused_loss) return false;
    const QString sentence =
        tr("The loss “%1” came with the project and nobody has accepted it here.").arg(QString::fromStdString(m_refused_loss->name));
    m_banner->show_error(Error::bad_input(sentence.toStdString()).with_hint(tr("Read it on the page Loss, then accept it.").toStdString()),
                         tr("Open the page Loss"));
    return true;
}

void TrainPage::start_run() {
    m_config = m_form->check();
    const QString reason = reason_not_to_start();
    if (!reason.isEmpty()) return show_header();
    if (refuses(*m_config)) return;
    m_banner->clear();
    m_starting = true;
    show_header();
    m_session->ask(
        this, [config = *m_config](Project& project) { return project.runs().create(config); },
        [this, asked = m_session](const Result<Run>& run) {
            if (asked != m_session) return;
            m_starting = false;
            if (!run) {
                m_banner->show_error(run.error());
                return show_header();
            }
            m_queue->expect(run->id);
            show_run(run->id);
        });
}

void TrainPage::resume_run() {
    if (!m_run || !m_session || refuses(m_run->config)) return;
    m_banner->clear();
    m_sent = RunCommand::Continue;
    show_header();
    if (!m_run->started_at.empty()) return m_queue->resume(m_run->id);
    // It never began, so there is no checkpoint to go on from: it takes its turn again.
    m_session->ask(
        this, [id = m_run->id](Project& project) { return project.runs().set_status(id, RunStatus::Queued); },
        [this, id = m_run->id](const Status& queued) {
            if (queued)
                m_queue->expect(id);
            else
                m_banner->show_error(queued.error());
        });
}

void TrainPage::pause_or_continue() {
    if (!m_run) return;
    if (m_run->status == RunStatus::Paused)
        send(RunCommand::Continue, tr("The run goes on."));
    else
        send(RunCommand::Pause, tr("The run pauses after its current step."));
}

void TrainPage::checkpoint_now() {
    send(RunCommand::CheckpointNow, tr("A checkpoint is written after the current step."));
}
void TrainPage::sample_now() {
    send(RunCommand::SampleNow, tr("Samples are written after the current step."));
}

void TrainPage::stop_run() {
    if (!m_run) return;
    const bool queued = m_run->status == RunStatus::Queued;
    send(RunCommand::Stop, queued ? tr("The run was taken out of the queue.") : tr("The run stops after its current step."));
}

void TrainPage::send(RunCommand command, const QString& said) {
    if (!m_run || !m_session) return;
    const bool changes_status = command == RunCommand::Pause || command == RunCommand::Continue || command == RunCommand::Stop;
    if (changes_status) m_sent = command;
    show_header();
    m_session->ask(
        this, [id = m_run->id, command](Project& project) { return project.runs().send(id, command); },
        [this, said](const Status& sent) {
            if (sent) {
                Q_EMIT status_message(said);
                return;
            }
            m_sent.reset();
            m_banner->show_error(sent.error());
            show_header();
        });
}

void TrainPage::open_run_menu() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("New run"), this, &TrainPage::show_form);
    menu->addSeparator();
    for (std::size_t i = 0; i < std::min(m_runs.size(), runs_in_menu); ++i) {
        const Run& run = m_runs[i];
        menu->addAction(tr("run %1 · %2 · %3").arg(run.id).arg(QString::fromStdString(run.name), status_text(run.status)), this,
                        [this, id = run.id] { show_run(id); });
    }
    if (m_runs.size() > runs_in_menu) menu->addAction(tr("All runs…"), this, [this] { Q_EMIT page_wanted(QStringLiteral("runs")); });
    menu->popup(m_run_chip->mapToGlobal(m_run_chip->rect().bottomLeft()));
}

}  // namespace lossmith::ui
