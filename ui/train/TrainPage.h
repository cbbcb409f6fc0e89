// The page Train: a form before a run, its curves and samples while it learns. Runs are processes of their own; this page only watches
// the project file and sends commands through it.
#pragma once

#include <QPointer>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/config/RunConfig.h"
#include "core/project/ModelStore.h"
#include "core/project/RunStore.h"
#include "ui/train/RunEstimate.h"
#include "ui/widgets/AcceptedLosses.h"
#include "ui/widgets/Page.h"

class QPushButton;
class QStackedWidget;

namespace lossmith::ui {

class Chip;
class EmptyState;
class ErrorBanner;
class PageHeader;
class RunCurves;
class RunForm;
class RunInspector;
class RunQueue;
class RunWatcher;
class CompletionsCard;
class SamplesCard;
struct RunNews;

class TrainPage : public Page {
    Q_OBJECT

public:
    explicit TrainPage(EngineClient& engine, QWidget* parent = nullptr);
    ~TrainPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("train"); }
    [[nodiscard]] QString title() const override { return tr("Train"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("media-playback-start"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;

    [[nodiscard]] bool is_ready() const override;

    /// The program that trains, where it is not lossmith-cli beside this one.
    void set_run_program(const QString& program);

    void show_run(std::int64_t run);
    /// Shows it, and lets it go on from its last checkpoint.
    void resume(std::int64_t run);
    void show_form();
    /// The form filled with an earlier run's config.
    void run_again_with(const RunConfig& config);
    /// The form with this loss chosen.
    void use_loss(const LossSpec& loss);
    [[nodiscard]] std::int64_t shown_run() const { return m_shown_run; }

Q_SIGNALS:
    /// The loss is to be seen on the page Loss, which is asked for before.
    void loss_wanted(const lossmith::LossSpec& loss);

private:
    enum class View { NoProject, NoData, Form, Run };

    void lay_out();
    void make_buttons();
    void connect_parts();
    void read_project();
    void read_catalogue();
    void show_loss_page(const LossSpec& loss);
    /// Says so where this user has not accepted the loss, and with a way to do that.
    [[nodiscard]] bool refuses(const RunConfig& config);
    void take_runs(const std::vector<Run>& runs);
    void take_news(const RunNews& news);
    void form_changed();
    void start_run();
    void resume_run();
    void stop_run();
    void send(RunCommand command, const QString& said);
    void open_run_menu();
    void write_batch_script();
    void show_view();
    void show_header();
    void show_ending();
    void run_again();
    void pause_or_continue();
    void checkpoint_now();
    void sample_now();
    [[nodiscard]] bool is_busy() const;
    [[nodiscard]] QString project_path() const;
    [[nodiscard]] QString reason_not_to_start() const;
    QPushButton* add_button(const QString& text, const QString& icon_name, const QString& tip, void (TrainPage::*pressed)());

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    RunQueue* m_queue;
    RunWatcher* m_watcher;
    EstimateAsker* m_estimates;
    QPointer<RunInspector> m_inspector;

    PageHeader* m_header = nullptr;
    Chip* m_run_chip = nullptr;
    Chip* m_status_chip = nullptr;
    Chip* m_queue_chip = nullptr;
    ErrorBanner* m_banner = nullptr;
    QStackedWidget* m_views = nullptr;
    EmptyState* m_no_project = nullptr;
    EmptyState* m_no_data = nullptr;
    RunForm* m_form = nullptr;
    RunCurves* m_curves = nullptr;
    SamplesCard* m_samples = nullptr;
    CompletionsCard* m_completions = nullptr;  ///< on show for a run by reward
    QPushButton *m_start = nullptr, *m_new = nullptr, *m_again = nullptr, *m_checkpoint = nullptr, *m_sample = nullptr, *m_pause = nullptr,
                *m_stop = nullptr, *m_resume = nullptr, *m_batch_script = nullptr;

    std::vector<Run> m_runs;
    std::vector<StoredModel> m_models;
    std::optional<Run> m_run;
    std::optional<RunConfig> m_config;  ///< of the form, when nothing is wrong with it
    std::int64_t m_shown_run = 0;       ///< 0: the form
    std::int64_t m_train_rows = -1;     ///< -1: not known yet
    bool m_knows_runs = false;
    bool m_knows_devices = false;
    bool m_reading = false;
    std::optional<RunCommand> m_sent;  ///< until the run answers it
    bool m_starting = false;
    std::optional<LossSpec> m_refused_loss;  ///< that the banner is about
    AcceptedLosses m_accepted;
    bool m_resume_when_read = false;
};

}  // namespace lossmith::ui
