// The first page: projects opened lately, and the ways to begin a new one.
#pragma once

#include <QPointer>
#include <memory>

#include "ui/shell/ImportJob.h"
#include "ui/widgets/Page.h"

class QListWidget;
class QPushButton;

namespace lossmith::ui {

class Card;
class EmptyState;
class ErrorBanner;
class ModelList;
class ProgressStrip;
class RecentProjects;

class StartPage : public Page {
    Q_OBJECT

public:
    StartPage(RecentProjects& recent, QWidget* parent);

    [[nodiscard]] QString name() const override { return QStringLiteral("start"); }
    [[nodiscard]] QString title() const override { return tr("Start"); }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("go-home"); }
    void set_project(ProjectSession* session) override;

    /// Makes the sample project at `path` from the program's sample data, and asks for it to be opened.
    void make_sample_project(const QString& path);

private:
    QWidget* make_ways();
    QWidget* make_recent();
    void show_recent();
    void open_sample();
    void choose_csv();
    void choose_project();
    void sample_finished(const ImportOutcome& outcome);

    RecentProjects& m_recent;
    ErrorBanner* m_error;
    ProgressStrip* m_progress;
    QListWidget* m_recent_list;
    QWidget* m_nothing_recent;
    QPushButton* m_sample;
    ModelList* m_models;
    QString m_sample_path;
    std::unique_ptr<ImportJob> m_job;
};

}  // namespace lossmith::ui
