// A folder with a small model and rows to train it on, and the words to call `train` with.
#pragma once

#include <string>
#include <vector>

#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "tests/support/Calling.h"

namespace lossmith::test {

inline QStringList sets(const std::vector<std::string>& assignments) {
    QStringList all;
    for (const std::string& each : assignments) all << QStringLiteral("--set") << QString::fromStdString(each);
    return all;
}

inline std::vector<double> values(Project& project, std::int64_t run, const char* name) {
    std::vector<double> all;
    for (const Metric& metric : must(project.metrics().read(run, name))) all.push_back(metric.value);
    return all;
}

class TrainingFolder : public Folder {
public:
    /// Writes the rows as `data.csv` and makes `model` of two layers; each train() then has these settings.
    void fill(const std::string& csv, const std::vector<std::string>& settings) {
        write("data.csv", csv);
        const Answer made = run({QStringLiteral("new-model"), *this / "model", QStringLiteral("--n_embd"), QStringLiteral("32"),
                                 QStringLiteral("--n_layer"), QStringLiteral("2"), QStringLiteral("--n_head"), QStringLiteral("2"),
                                 QStringLiteral("--n_positions"), QStringLiteral("64")});
        if (made.status != 0) qFatal("%s", made.err.c_str());
        m_settings = sets({"model=" + path("model").string()}) + sets(settings);
    }
    [[nodiscard]] const QStringList& settings() const { return m_settings; }

    [[nodiscard]] QString new_project(const char* name) const {
        std::filesystem::create_directories(path(name));
        const QString project = *this / (std::string(name) + "/p.lossmith").c_str();
        const Answer imported = run({QStringLiteral("import"), project, *this / "data.csv"});
        if (imported.status != 0) qFatal("%s", imported.err.c_str());
        return project;
    }

    [[nodiscard]] QStringList train(const QString& project, const std::vector<std::string>& assignments = {}) const {
        return QStringList{QStringLiteral("train"), project, QStringLiteral("--json")} + m_settings + sets(assignments);
    }

private:
    QStringList m_settings;
};

}  // namespace lossmith::test
