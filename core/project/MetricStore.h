// Numbers a run writes as it goes: "train/loss", "validation/loss", "learning_rate", "gradient_norm", "tokens_per_second", "memory_bytes".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/Result.h"

class QSqlDatabase;

namespace lossmith {

struct Metric {
    std::int64_t step = 0;
    std::string name;
    double value = 0.0;
};

class MetricStore {
public:
    explicit MetricStore(const QSqlDatabase& database);
    ~MetricStore();
    MetricStore(const MetricStore&) = delete;
    MetricStore& operator=(const MetricStore&) = delete;

    /// One transaction; a metric of the same run, step and name is replaced.
    [[nodiscard]] Status write(std::int64_t run, std::span<const Metric> metrics);
    /// By name, then step. `name` empty: all. Only steps above `after_step`, so that a live chart reads just what is new.
    [[nodiscard]] Result<std::vector<Metric>> read(std::int64_t run, const std::string& name = {}, std::int64_t after_step = -1) const;
    [[nodiscard]] Result<std::vector<std::string>> names(std::int64_t run) const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
