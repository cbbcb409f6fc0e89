// Project files for tests.
#include "tests/support/TestProject.h"

#include <cstdio>
#include <cstdlib>

#include "core/base/Files.h"
#include "core/data/Import.h"

namespace lossmith::test {

namespace {

/// A fixture that cannot be made ends the test program: nothing after it would mean anything.
template <typename T>
T or_die(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "the test's project cannot be made: %s\n", describe(result.error()).c_str());
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

TestProject::TestProject() : m_project(or_die(Project::create(path()))) {}

std::filesystem::path TestProject::write(const std::string& name, const std::string& bytes) const {
    const auto path = folder() / name;
    or_die(write_file_atomically(path, bytes));
    return path;
}

DataSource TestProject::import_csv(const std::string& text, std::optional<Split> split) {
    const auto file = write("rows.csv", text);
    const ImportGuess guess = or_die(guess_import(file));
    return or_die(m_project->data().import_file(file, guess, split));
}

DataSource TestProject::import_rows(int count) {
    return import_csv(numbered_csv(count));
}

std::string numbered_csv(int count) {
    std::string text = "problem,solution\n";
    for (int row = 1; row <= count; ++row) text += "problem " + std::to_string(row) + ",solution " + std::to_string(row) + "\n";
    return text;
}

}  // namespace lossmith::test
