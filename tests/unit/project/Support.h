// What the tests of the project file share: a folder of their own, results unwrapped with the error shown, and the second process.
#pragma once

#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/project/DataStore.h"
#include "core/project/LossStore.h"
#include "core/project/MetricStore.h"
#include "core/project/ModelStore.h"
#include "core/project/Project.h"
#include "core/project/PromptStore.h"
#include "core/project/RunStore.h"
#include "core/project/TemplateStore.h"

/// Fails the test with the error's sentence.
#define VERIFY_OK(expression)                                                               \
    do {                                                                                    \
        const auto& verified = (expression);                                                \
        QVERIFY2(verified.has_value(), verified ? "" : describe(verified.error()).c_str()); \
    } while (false)

#define VERIFY_ERROR(expression, expected_kind)                           \
    do {                                                                  \
        const auto& verified = (expression);                              \
        QVERIFY(!verified.has_value());                                   \
        QCOMPARE(name_of(verified.error().kind), name_of(expected_kind)); \
        QVERIFY(verified.error().message.ends_with('.'));                 \
    } while (false)

namespace lossmith::test {

class Folder {
public:
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        const std::filesystem::path path = *this / name;
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    /// A new project; the test program ends when even that fails.
    [[nodiscard]] std::unique_ptr<Project> project(const std::string& name = "p.lossmith") const {
        auto made = Project::create(*this / name);
        if (!made) qFatal("%s", describe(made.error()).c_str());
        return std::move(*made);
    }

private:
    QTemporaryDir m_folder;
};

/// The program of Helper.cpp, started and talking.
inline void start_helper(QProcess& process, const QStringList& arguments) {
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral(LOSSMITH_PROJECT_HELPER), arguments);
}

inline QString text_of(const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
}

/// Waits until the helper has said `line`.
inline bool says(QProcess& process, const QByteArray& line) {
    while (true) {
        while (process.canReadLine())
            if (process.readLine().trimmed() == line) return true;
        if (!process.waitForReadyRead(30000)) return false;
    }
}

}  // namespace lossmith::test
