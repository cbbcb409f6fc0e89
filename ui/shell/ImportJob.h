// Files going into a project on a thread and a connection of their own, so that the pages go on reading meanwhile.
#pragma once

#include <QObject>
#include <QThread>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/data/Import.h"
#include "core/data/Split.h"
#include "core/project/DataStore.h"

namespace lossmith::ui {

struct ImportRequest {
    struct File {
        std::filesystem::path path;
        ImportOptions options;  ///< what is absent is guessed
        std::optional<Split> forced_split;
    };
    std::filesystem::path project;
    bool create_project = false;       ///< it must not exist yet; it is taken away again when the import does not succeed
    std::optional<SplitConfig> split;  ///< set before the rows go in
    std::vector<File> files;
};

struct ImportOutcome {
    std::vector<DataSource> sources;  ///< one for each file
    std::optional<Error> error;       ///< absent when all went in
};

/// One request from start to finished(); destroying the job cancels it and waits.
class ImportJob : public QObject {
    Q_OBJECT

public:
    ImportJob(ImportRequest request, QObject* parent);
    ~ImportJob() override;

    void start();
    void stop();
    [[nodiscard]] bool is_stopping() const { return m_cancelled.is_cancelled(); }

Q_SIGNALS:
    /// At most twenty times a second.
    void progress(const lossmith::Progress& progress);
    void finished(const lossmith::ui::ImportOutcome& outcome);

private:
    ImportRequest m_request;
    CancellationToken m_cancelled;
    std::unique_ptr<QThread> m_thread;
};

}  // namespace lossmith::ui
