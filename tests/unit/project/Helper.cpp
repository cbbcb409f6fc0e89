// A second process for the tests of the project file: writes to it, claims runs, and stands still where it is to be killed.
#include <QCoreApplication>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/project/DataStore.h"
#include "core/project/MetricStore.h"
#include "core/project/Project.h"
#include "core/project/RunStore.h"

using namespace lossmith;

namespace {

template <typename Value>
Value must(Result<Value> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
    std::exit(1);
}

void must(const Status& status) {
    if (status) return;
    std::fprintf(stderr, "%s\n", describe(status.error()).c_str());
    std::exit(1);
}

void say(const char* line) {
    std::puts(line);
    std::fflush(stdout);
}

/// Until standard input ends, which it does with a kill at the latest.
void stand_still() {
    while (std::getchar() != EOF) continue;
}

}  // namespace

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() < 4) return 2;
    const std::string& verb = words[1];
    const auto project = must(Project::open(words[2]));
    if (verb == "write-metrics") {
        // write-metrics PROJECT RUN NAME COUNT
        for (std::int64_t step = 1; step <= std::stoll(words[5]); ++step) {
            const Metric metric{step, words[4], static_cast<double>(step)};
            must(project->metrics().write(std::stoll(words[3]), {&metric, 1}));
        }
        say("done");
    } else if (verb == "half-write") {
        // half-write PROJECT RUN: a large transaction, spilt to disk and never committed
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("half"));
        database.setDatabaseName(QString::fromStdString(words[2]));
        if (!database.open()) return 1;
        QSqlQuery query(database);
        query.exec(QStringLiteral("PRAGMA cache_size = 10"));
        if (!query.exec(QStringLiteral("BEGIN IMMEDIATE"))) return 1;
        query.prepare(QStringLiteral("INSERT INTO metrics (run, name, step, value) VALUES (?, 'half', ?, 1.0)"));
        for (int step = 0; step < 20000; ++step) {
            query.bindValue(0, QString::fromStdString(words[3]).toLongLong());
            query.bindValue(1, step);
            if (!query.exec()) return 1;
        }
        say("written");
        stand_still();
    } else if (verb == "import") {
        // import PROJECT CSV BYTES: stands still once it has read so many bytes
        const auto guess = must(guess_import(words[3]));
        const std::int64_t stop = std::stoll(words[4]);
        must(project->data().import_file(words[3], guess, {}, [stop](const Progress& progress) {
            if (progress.stage != "taking its digest" && progress.done >= stop) {
                say("reading");
                stand_still();
            }
        }));
        say("done");
    } else if (verb == "claim") {
        // claim PROJECT RUN
        must(project->runs().claim(std::stoll(words[3])));
        say("claimed");
        stand_still();
    } else {
        return 2;
    }
    return 0;
}
