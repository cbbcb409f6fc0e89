// The page Doctor: from a run that disappoints to a named cause with evidence and a button that sets it right in a new run.
#pragma once

#include <QPointer>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/diagnosis/Diagnosis.h"
#include "core/project/MetricStore.h"
#include "core/project/RunStore.h"
#include "ui/widgets/Page.h"

class QComboBox;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace lossmith::ui {

class CauseList;
class EmptyState;
class ErrorBanner;
class KindCurves;
class MutedLabel;
class PageHeader;
class ProgressStrip;

class DoctorPage : public Page {
    Q_OBJECT

public:
    DoctorPage(EngineClient& engine, QWidget* parent = nullptr);
    ~DoctorPage() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("doctor"); }
    [[nodiscard]] QString title() const override { return tr("Doctor"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("help-hint"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;
    [[nodiscard]] bool is_ready() const override;

    void choose_run(std::int64_t run);
    [[nodiscard]] std::int64_t chosen_run() const;
    /// Asks the engine for the chosen run's causes.
    void look();
    void stop();
    [[nodiscard]] const std::optional<Diagnosis>& diagnosis() const { return m_diagnosis; }

Q_SIGNALS:
    /// Asks the Train page for a form filled with this config.
    void cure_wanted(const lossmith::RunConfig& config);
    /// The engine has answered.
    void looked();

private:
    struct Found;  ///< what is read of one run

    void lay_out();
    void read_runs();
    void take_runs(std::vector<Run> runs);
    void read_run();
    void show_found(Found found);
    void show_findings();
    void show_state();
    void want_cure(std::vector<Finding> findings);

    EngineClient& m_engine;
    QPointer<ProjectSession> m_session;
    std::vector<Run> m_runs;
    std::optional<Run> m_run;  ///< the chosen one, as it was read last
    std::optional<Diagnosis> m_diagnosis;
    std::int64_t m_wanted_run = 0;  ///< to be chosen once the runs are read
    std::uint64_t m_question = 0;   ///< under way in the engine; zero: none
    bool m_runs_read = false;
    bool m_run_read = false;
    bool m_reading = false;
    bool m_read_again = false;

    PageHeader* m_header;
    QComboBox* m_picker;
    QPushButton* m_cure;
    QPushButton* m_look;
    ErrorBanner* m_error;
    ProgressStrip* m_progress;
    QStackedWidget* m_views;
    EmptyState* m_empty;
    MutedLabel* m_verdict;
    KindCurves* m_curves;
    QWidget* m_content;
    QVBoxLayout* m_findings;
    QPointer<CauseList> m_causes;
};

}  // namespace lossmith::ui
