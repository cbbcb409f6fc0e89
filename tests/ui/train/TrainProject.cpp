// A project in a folder of its own with rows to learn from.
#include "tests/ui/train/TrainProject.h"

#include <QCoreApplication>
#include <QSettings>
#include <cmath>
#include <vector>

#include "core/base/Files.h"
#include "core/project/DataStore.h"
#include "core/project/MetricStore.h"

namespace lossmith::ui {
namespace {
constexpr std::int64_t steps_between_validations = 10;
}

TrainProject::TrainProject(int rows) {
    m_writer = must(Project::create(path()));
    if (rows == 0) return;
    std::string csv = "problem,solution\n";
    for (int row = 0; row < rows; ++row) {
        const std::string number = std::to_string(row);
        csv += "My kettle " + number + " has not come,We are sorry that kettle " + number + " did not arrive\n";
    }
    const std::filesystem::path source = file(QStringLiteral("complaints.csv")).toStdString();
    must(write_file_atomically(source, csv));
    ImportOptions options;
    options.problem = "problem";
    options.solution = "solution";
    must(m_writer->data().import_file(source, must(guess_import(source, options)), Split::Train));
}

ProjectSession& TrainProject::session() {
    if (!m_session) m_session = must(ProjectSession::open(path(), false));
    return *m_session;
}

void TrainProject::write_steps(std::int64_t run, std::int64_t first, std::int64_t last) {
    std::vector<Metric> metrics;
    for (std::int64_t step = first; step <= last; ++step) {
        const double at = static_cast<double>(step);
        const double loss = 0.3 + 3.6 * std::exp(-at / 120.0);
        metrics.push_back({step, "train/loss", loss + 0.12 * std::sin(at * 1.7) * loss});
        metrics.push_back({step, "loss/end token", 2.2 * std::exp(-at / 60.0)});
        metrics.push_back({step, "learning_rate", 5e-5 * std::min(1.0, at / 40.0) * (1.0 - at / 700.0)});
        metrics.push_back({step, "gradient_norm", 1.0 + 2.0 * std::exp(-at / 80.0) + 0.3 * std::sin(at * 2.3)});
        metrics.push_back({step, "tokens_per_second", 1240.0 + 60.0 * std::sin(at)});
        metrics.push_back({step, "memory_bytes", 3.9e8 + 1e5 * at});
        if (step % steps_between_validations == 0) metrics.push_back({step, "validation/loss", loss + 0.08});
    }
    must(m_writer->metrics().write(run, metrics));
    must(m_writer->runs().set_step(run, last));
}

std::int64_t TrainProject::add_running_run(const RunConfig& config, std::int64_t steps, std::int64_t total_steps) {
    const std::int64_t run = must(m_writer->runs().create(config)).id;
    must(m_writer->runs().claim(run));
    must(m_writer->runs().set_total_steps(run, total_steps));
    must(m_writer->runs().add_event(run, 0, "started", "Started from starter."));
    if (steps > 0) write_steps(run, 1, steps);
    return run;
}

void TrainProject::write_rewards(std::int64_t run, std::int64_t last, const std::vector<std::int64_t>& completed_at) {
    std::vector<Metric> metrics;
    for (std::int64_t step = 1; step <= last; ++step) {
        const double share = static_cast<double>(step) / static_cast<double>(last);
        metrics.push_back({step, "reward", 0.2 + 0.6 * share});
        metrics.push_back({step, "reward/like the solution", 0.1 + 0.6 * share});
        metrics.push_back({step, "reward_std", 0.2 - 0.1 * share});
        metrics.push_back({step, "kl", 0.3 * share});
        metrics.push_back({step, "entropy", 2.5 - 1.5 * share});
        metrics.push_back({step, "completion_tokens", 40.0 - 15.0 * share});
        if (step % 10 == 0) metrics.push_back({step, "validation/reward", 0.25 + 0.6 * share});
    }
    must(m_writer->metrics().write(run, metrics));
    const auto token = [](const char* text, double log_prob) {
        return Json{{"text", text}, {"log_prob", log_prob}, {"kl", 0.01}, {"entropy", 1.2}};
    };
    std::vector<RewardedCompletion> completions;
    for (const std::int64_t step : completed_at)
        for (const std::int64_t prompt : {0, 1})
            for (const std::int64_t which : {0, 1}) {
                RewardedCompletion each{step,
                                        prompt,
                                        which,
                                        "My kettle is late, say I, prompt " + std::to_string(prompt),
                                        "We are sorry.",
                                        {},
                                        which == 0 ? 0.25 : 0.75,
                                        which == 0 ? -0.7 : 0.7,
                                        which == 1};
                each.parts = {{"like the solution", each.reward}};
                each.tokens =
                    which == 0
                        ? Json::array({token(" The", -2.0), token(" old", -3.0), token(" woman", -0.5), token(" went", -1.0)})
                        : Json::array({token(" We", -0.1), token(" are", -0.05), token(" sorry", -0.7), token("<|endoftext|>", -0.02)});
                each.text = which == 0 ? " The old woman went" : " We are sorry";
                completions.push_back(std::move(each));
            }
    must(m_writer->runs().add_completions(run, completions));
}

QString test_program(const char* name) {
    return QCoreApplication::applicationDirPath() + QLatin1Char('/') + QString::fromLatin1(name);
}

void use_own_settings() {
    static const QTemporaryDir folder;
    QCoreApplication::setOrganizationName(QStringLiteral("Lossmith tests"));
    QCoreApplication::setApplicationName(QStringLiteral("Lossmith tests"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    QSettings().clear();
}

}  // namespace lossmith::ui
