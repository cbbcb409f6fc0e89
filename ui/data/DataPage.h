// The data of the project: bringing it in, looking at it, mending it, splitting it, and how it becomes text.
#pragma once

#include <QPointer>
#include <QTimer>
#include <optional>

#include "ui/data/DataSummary.h"
#include "ui/widgets/Page.h"

class QStackedWidget;
class QTabWidget;
class QTableView;

namespace lossmith::ui {

class AsideModel;
class Chip;
class DataInspector;
class EmptyState;
class ErrorBanner;
class ImportView;
class MendPanel;
class MutedLabel;
class PageHeader;
class RowsModel;
class TemplateView;

class DataPage : public Page {
    Q_OBJECT

public:
    explicit DataPage(QWidget* parent);

    [[nodiscard]] QString name() const override { return QStringLiteral("data"); }
    [[nodiscard]] QString title() const override { return tr("Data"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("table"); }
    [[nodiscard]] QWidget* inspector() override;
    void set_project(ProjectSession* session) override;
    [[nodiscard]] QUndoStack* undo_stack() override;
    void open_file(const QString& path) override;
    [[nodiscard]] bool is_ready() const override;

private:
    QWidget* make_rows_tab();
    QWidget* make_aside_tab();
    void make_data_view();
    void connect_parts();
    void read_summary_soon();
    void read_summary();
    void take_summary(Result<DataSummary> summary);
    void show_summary();
    void show_split(std::optional<Split> split);
    void choose_file();
    void mend(std::int64_t aside, const std::string& problem, const std::string& solution);
    void set_split(const SplitConfig& config);
    void remove_source(std::int64_t source);
    void show_status(const Status& status);

    QPointer<ProjectSession> m_session;
    QTimer m_read_timer;
    std::optional<DataSummary> m_summary;
    std::optional<Split> m_shown_split;
    bool m_import_open = false;  ///< until it is closed, whatever else is read meanwhile

    QStackedWidget* m_views;
    EmptyState* m_no_project;
    EmptyState* m_no_rows;
    ImportView* m_import;
    QWidget* m_data_view;
    PageHeader* m_header;
    ErrorBanner* m_error;
    QTabWidget* m_tabs;
    std::array<Chip*, 4> m_split_chips{};  ///< all, then by Split
    RowsModel* m_rows;
    QTableView* m_rows_table;
    AsideModel* m_aside;
    QTableView* m_aside_table;
    MendPanel* m_mend;
    TemplateView* m_template;
    QPointer<DataInspector> m_inspector;
};

}  // namespace lossmith::ui
