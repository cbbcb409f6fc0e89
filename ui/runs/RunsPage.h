// The page Runs: every run of the project in a table, the curves of those chosen over one another, what made them and how they differ.
#pragma once

#include <QHash>
#include <QPointer>
#include <cstdint>
#include <vector>

#include "core/project/MetricStore.h"
#include "core/project/RunStore.h"
#include "ui/widgets/Page.h"

class QComboBox;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace lossmith::ui {

class CurveChart;
class EmptyState;
class ErrorBanner;
class PageHeader;
class RunDetails;
class RunsFilter;
class RunsModel;

class RunsPage : public Page {
    Q_OBJECT

public:
    explicit RunsPage(QWidget* parent = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("runs"); }
    [[nodiscard]] QString title() const override { return tr("Runs"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("view-list-details"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;

    [[nodiscard]] bool is_ready() const override;

    /// Chooses this run alone, taking away a filter that hides it.
    void choose_run(std::int64_t run);
    /// The chosen run's config as a file that `lossmith-cli train --config` takes. Says in the page what is wrong.
    bool save_config(const QString& path);
    [[nodiscard]] std::vector<Run> chosen_runs() const;  ///< in the table's order

Q_SIGNALS:
    /// Asks the Train page to show a run; page_wanted("train") follows.
    void run_wanted(qint64 run);
    /// Asks the Train page for a form filled with this run's config.
    void again_wanted(const lossmith::RunConfig& config);
    /// Asks the Train page to resume it.
    void resume_wanted(qint64 run);

private:
    void lay_out();
    void read();
    struct Found;
    void choose_config_file();
    void take_runs(std::vector<Run> runs);
    void choice_changed();
    void read_curves();
    void take_curve(std::int64_t run, const QString& metric, const std::vector<Metric>& points);
    void write_note(const Run& run);
    void ask_before_deleting();
    void delete_chosen();
    void show_view();

    QPointer<ProjectSession> m_session;
    RunsModel* m_model;
    RunsFilter* m_filter;
    QPointer<RunDetails> m_details;
    PageHeader* m_header = nullptr;
    ErrorBanner* m_banner = nullptr;
    QStackedWidget* m_views = nullptr;
    EmptyState* m_empty = nullptr;
    QLineEdit* m_words = nullptr;
    QTableView* m_table = nullptr;
    QComboBox* m_metric = nullptr;
    CurveChart* m_chart = nullptr;
    QPushButton *m_open = nullptr, *m_again = nullptr, *m_resume = nullptr, *m_delete = nullptr;
    QWidget* m_confirm = nullptr;
    QPushButton* m_confirmed = nullptr;
    QHash<qint64, qint64> m_drawn;  ///< run → the last step of it in the chart
    bool m_asking = false;
    bool m_ask_again = false;
    bool m_knows_runs = false;
    int m_curves_asked = 0;
};

}  // namespace lossmith::ui
