// The project file: one SQLite database in WAL mode and a folder of weights beside it. Window, command line and runs meet here.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/Result.h"

class QSqlDatabase;

namespace lossmith {

class DataStore;
class TemplateStore;
class ModelStore;
class RunStore;
class MetricStore;
class PromptStore;
class DiagnosisStore;
class LossStore;

/// One connection, for the thread that opened it; open the same file again in another thread or process, as often as needed.
/// Every write is a short transaction; a lock held elsewhere is waited for up to ten seconds, then told in a sentence.
class Project {
public:
    /// Makes a new file and its "<stem>.files" folder. BadInput when there is already a file.
    [[nodiscard]] static Result<std::unique_ptr<Project>> create(const std::filesystem::path& path);

    /// Opens; an older schema is upgraded after a copy "<name>.before-vN"; a newer one, or another kind of file, is refused.
    [[nodiscard]] static Result<std::unique_ptr<Project>> open(const std::filesystem::path& path);

    [[nodiscard]] static Result<std::unique_ptr<Project>> open_or_create(const std::filesystem::path& path);

    ~Project();
    Project(const Project&) = delete;
    Project& operator=(const Project&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] std::filesystem::path folder() const;        ///< that the file lies in, absolute: recorded paths are relative to it
    [[nodiscard]] std::filesystem::path files_folder() const;  ///< "<stem>.files", where weights lie
    [[nodiscard]] std::filesystem::path run_folder(std::int64_t run) const;  ///< files_folder()/run-N

    [[nodiscard]] DataStore& data();
    [[nodiscard]] TemplateStore& templates();
    [[nodiscard]] ModelStore& models();
    [[nodiscard]] RunStore& runs();
    [[nodiscard]] MetricStore& metrics();
    [[nodiscard]] PromptStore& prompts();
    [[nodiscard]] LossStore& losses();
    [[nodiscard]] DiagnosisStore& diagnoses();

    /// Grows with each change by another connection (PRAGMA data_version): cheap to poll, so a page re-reads only when needed.
    [[nodiscard]] Result<std::int64_t> data_version();

private:
    struct Parts;
    explicit Project(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
