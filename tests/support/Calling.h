// Calling lossmith-cli as a script does, and what it promises of its errors.
#pragma once

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/Json.h"

namespace lossmith::test {

struct Answer {
    int status = -1;
    std::string out;
    std::string err;

    /// The one JSON document on standard output.
    [[nodiscard]] Json json() const {
        auto parsed = parse_json(out, "the answer");
        if (!parsed) qFatal("%s\n%s", describe(parsed.error()).c_str(), out.c_str());
        return std::move(*parsed);
    }
};

inline Answer run(const QStringList& words, const QString& to = {}) {
    QProcess process;
    if (!to.isEmpty()) process.setStandardOutputFile(to);
    process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), words);
    if (!process.waitForFinished(100'000)) qFatal("lossmith-cli did not end");
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode(),
            process.readAllStandardOutput().toStdString(), process.readAllStandardError().toStdString()};
}

class Folder {
public:
    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
    [[nodiscard]] QString operator/(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QString write(const char* name, const std::string& bytes) const {
        std::ofstream(path(name), std::ios::binary) << bytes;
        return *this / name;
    }

private:
    QTemporaryDir m_folder;
};

inline QStringList words(std::initializer_list<const char*> list) {
    QStringList all;
    for (const char* word : list) all << QString::fromUtf8(word);
    return all;
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
        lines.push_back(text.substr(begin, end - begin));
    return lines;
}

/// An error as the command line promises it: nothing on standard output, one sentence on standard error.
inline void expect_error(const Answer& answer, int status) {
    QCOMPARE(answer.status, status);
    QCOMPARE(answer.out, std::string());
    const auto lines = lines_of(answer.err);
    QVERIFY2(!lines.empty() && lines.size() <= 2, answer.err.c_str());
    QVERIFY2(lines[0].starts_with("lossmith-cli: error: "), answer.err.c_str());
    QVERIFY2(lines[0].ends_with('.'), answer.err.c_str());
    if (lines.size() == 2) QVERIFY2(lines[1].starts_with("hint: "), answer.err.c_str());
}

template <typename T>
T must(Result<T> result) {
    if (!result) qFatal("%s", describe(result.error()).c_str());
    return std::move(*result);
}

}  // namespace lossmith::test
