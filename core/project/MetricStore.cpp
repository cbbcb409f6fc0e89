// The metrics table: clustered by run, name and step, so that a curve is one run of pages.
#include "core/project/MetricStore.h"

#include <QSqlDatabase>
#include <limits>

#include "core/project/Sql.h"

namespace lossmith {

struct MetricStore::Parts {
    QSqlDatabase database;
};

MetricStore::MetricStore(const QSqlDatabase& database) : m_parts(std::make_unique<Parts>(Parts{database})) {}
MetricStore::~MetricStore() = default;

Status MetricStore::write(std::int64_t run, std::span<const Metric> metrics) {
    if (metrics.empty()) return {};
    auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(m_parts->database));
    const auto known = LOSSMITH_TRY(sql::first_integer(m_parts->database, "SELECT id FROM runs WHERE id = ?", run));
    if (!known) return failure(Error::not_found("There is no run " + std::to_string(run) + " in this project."));
    auto insert = LOSSMITH_TRY(
        sql::Statement::prepare(m_parts->database, "INSERT OR REPLACE INTO metrics (run, name, step, value) VALUES (?, ?, ?, ?)"));
    for (const Metric& metric : metrics) LOSSMITH_CHECK(insert.run(run, metric.name, metric.step, metric.value));
    return transaction.commit();
}

Result<std::vector<Metric>> MetricStore::read(std::int64_t run, const std::string& name, std::int64_t after_step) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(
        m_parts->database, name.empty() ? "SELECT name, step, value FROM metrics WHERE run = ? AND step > ? ORDER BY name, step"
                                        : "SELECT name, step, value FROM metrics WHERE run = ? AND step > ? AND name = ? ORDER BY step"));
    LOSSMITH_CHECK(name.empty() ? select.run(run, after_step) : select.run(run, after_step, name));
    std::vector<Metric> metrics;
    while (LOSSMITH_TRY(select.next()))
        metrics.push_back({select.integer(1), select.text(0), select.real_or_none(2).value_or(std::numeric_limits<double>::quiet_NaN())});
    return metrics;
}

Result<std::vector<std::string>> MetricStore::names(std::int64_t run) const {
    auto select = LOSSMITH_TRY(sql::Statement::prepare(m_parts->database, "SELECT DISTINCT name FROM metrics WHERE run = ? ORDER BY name"));
    LOSSMITH_CHECK(select.run(run));
    std::vector<std::string> names;
    while (LOSSMITH_TRY(select.next())) names.push_back(select.text(0));
    return names;
}

}  // namespace lossmith
