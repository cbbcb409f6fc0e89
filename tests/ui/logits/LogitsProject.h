// A project over the sample complaints with a short run of the starter model, made by the real command line.
#pragma once

#include <QString>
#include <QTemporaryDir>

namespace lossmith::ui {

class LogitsProject {
public:
    /// Imports a part of the shipped complaints and trains a few steps, sampling at each second one. `error` says what went wrong.
    LogitsProject();

    [[nodiscard]] QString path() const { return m_folder.filePath(QStringLiteral("complaints.lossmith")); }
    [[nodiscard]] const QString& error() const { return m_error; }
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }
    /// Runs the command line; empty when it could not.
    QByteArray run(const QStringList& arguments);

    static constexpr int steps = 6;

private:
    QTemporaryDir m_folder;
    QString m_error;
};

}  // namespace lossmith::ui
