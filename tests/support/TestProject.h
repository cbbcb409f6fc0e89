// A project file in a folder of its own, filled with rows through the real import.
#pragma once

#include <QString>
#include <QTemporaryDir>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/data/Split.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"

namespace lossmith::test {

class TestProject {
public:
    /// A new, empty project.
    TestProject();

    [[nodiscard]] Project& project() { return *m_project; }
    [[nodiscard]] std::filesystem::path path() const { return folder() / "test.lossmith"; }
    [[nodiscard]] std::filesystem::path folder() const { return m_folder.path().toStdString(); }

    /// Writes a file beside the project.
    std::filesystem::path write(const std::string& name, const std::string& bytes) const;
    /// Writes a CSV and imports it.
    DataSource import_csv(const std::string& text, std::optional<Split> split = {});
    /// `count` rows "problem N" / "solution N".
    DataSource import_rows(int count);

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Project> m_project;
};

/// A CSV text of `count` such rows with a header "problem,solution".
[[nodiscard]] std::string numbered_csv(int count);

}  // namespace lossmith::test
