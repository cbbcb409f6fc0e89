// What the import tests share: files written for a test, and everything that an import gives.
#pragma once

#include <QtTest/QtTest>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/data/Import.h"

namespace lossmith::testing {

/// A folder that goes with the test, for files written for it.
class TestFiles {
public:
    [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        const std::filesystem::path path = folder() / name;
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path;
    }
    [[nodiscard]] std::filesystem::path folder() const { return m_folder.path().toStdString(); }

private:
    QTemporaryDir m_folder;
};

struct Import {
    std::vector<SourceRow> rows;
    std::vector<SetAsideRow> set_aside;
    ImportCounts counts;
};

inline Result<Import> import_with(const std::filesystem::path& path, const ImportOptions& options) {
    Import import;
    RowSink sink;
    sink.row = [&](SourceRow row) -> Status {
        import.rows.push_back(std::move(row));
        return {};
    };
    sink.set_aside = [&](SetAsideRow row) -> Status {
        import.set_aside.push_back(std::move(row));
        return {};
    };
    import.counts = LOSSMITH_TRY(read_rows(path, options, sink));
    return import;
}

/// Guesses what `wanted` leaves open, then reads.
inline Result<Import> import_file(const std::filesystem::path& path, const ImportOptions& wanted = {}) {
    return import_with(path, LOSSMITH_TRY(guess_import(path, wanted)).options);
}

inline std::filesystem::path test_data(const std::string& name) {
    return std::filesystem::path(LOSSMITH_TEST_DATA) / name;
}
inline std::filesystem::path sample_data(const std::string& name) {
    return std::filesystem::path(LOSSMITH_SOURCE) / "resources/samples" / name;
}

/// A row's cell by its column.
inline std::string cell(const SourceRow& row, const ImportOptions& options, const std::string& column) {
    if (options.problem == column) return row.problem;
    if (options.solution == column) return row.solution;
    return row.others.at(column);
}

using Texts = std::vector<std::string>;

/// "problem,solution" and rows that differ.
inline std::string table_of(int rows, const std::string& end = "\n") {
    std::string text = "problem,solution" + end;
    for (int i = 0; i < rows; ++i) text += "How is thing " + std::to_string(i) + "?,So and so " + std::to_string(i) + "." + end;
    return text;
}

/// What was set aside, as "12 ragged".
inline Texts reasons(const Import& import) {
    Texts names;
    for (const auto& aside : import.set_aside) names.push_back(std::to_string(aside.line) + " " + name_of(aside.reason));
    return names;
}

}  // namespace lossmith::testing

/// Fails the test with the error's sentence.
#define VERIFY_OK(outcome) QVERIFY2((outcome).has_value(), (outcome).has_value() ? "" : describe((outcome).error()).c_str())
