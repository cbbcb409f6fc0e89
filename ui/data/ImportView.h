// A file on its way in: its raw lines beside the table they make, read again at each change of the form.
#pragma once

#include <QPointer>
#include <QWidget>
#include <memory>

#include "core/data/Import.h"
#include "ui/shell/ImportJob.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTableView;

namespace lossmith::ui {

class ErrorBanner;
class ImportForm;
class LatestAnswer;
class MutedLabel;
class PageHeader;
class PreviewModel;
class ProgressStrip;
class ProjectSession;

class ImportView : public QWidget {
    Q_OBJECT

public:
    explicit ImportView(QWidget* parent = nullptr);
    ~ImportView() override;

    void set_project(ProjectSession* session);
    void open_file(const QString& path);
    [[nodiscard]] bool is_read() const { return m_read; }
    [[nodiscard]] bool is_importing() const { return m_job != nullptr; }

Q_SIGNALS:
    void read();  ///< the preview is on show
    void imported(const QString& line);
    void closed();

private:
    struct Reading {
        Result<ImportGuess> guess;
        Result<ImportPreview> preview;
    };

    void reread();
    void show_reading(Reading reading);
    void show_notes(const std::vector<std::string>& notes);
    void show_set_aside(const ImportPreview& preview);
    void start_import();
    void import_finished(const ImportOutcome& outcome);
    void set_importing(bool importing);

    QPointer<ProjectSession> m_session;
    QString m_path;
    bool m_read = false;
    std::optional<ImportGuess> m_guess;
    std::unique_ptr<LatestAnswer> m_reader;
    std::unique_ptr<ImportJob> m_job;

    PageHeader* m_header;
    ErrorBanner* m_error;
    ProgressStrip* m_progress;
    ImportForm* m_form;
    MutedLabel* m_notes;
    QPlainTextEdit* m_raw;
    PreviewModel* m_model;
    QTableView* m_table;
    MutedLabel* m_aside;
    QPushButton* m_import;
    QPushButton* m_cancel;
};

}  // namespace lossmith::ui
