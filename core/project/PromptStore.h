// Prompts kept in the project, and what was generated from them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/SamplingConfig.h"

class QSqlDatabase;

namespace lossmith {

struct StoredPrompt {
    std::int64_t id = 0;
    std::string problem;
    std::string solution;  ///< empty: not known
};

/// One text had from one model; enough to have it again, and the key under which it is found instead of generated anew.
struct Generation {
    std::int64_t id = 0;
    std::string model;    ///< "starter", "PROJECT:RUN" or a folder
    std::string weights;  ///< sha256 of model.safetensors
    std::string prompt;   ///< the text that was encoded
    SamplingConfig settings;
    std::string text;
    Json details = Json::object();  ///< source, tokens, stopped_by
    std::string created_at;
};

class PromptStore {
public:
    explicit PromptStore(const QSqlDatabase& database);
    ~PromptStore();
    PromptStore(const PromptStore&) = delete;
    PromptStore& operator=(const PromptStore&) = delete;

    [[nodiscard]] Result<std::vector<StoredPrompt>> prompts() const;
    [[nodiscard]] Status add_prompt(const std::string& problem, const std::string& solution);
    [[nodiscard]] Status remove_prompt(std::int64_t prompt);

    [[nodiscard]] Status add_generation(const Generation& generation);
    /// Newest first. `source`: only those whose details say so ("compare", "playground"); empty: all.
    [[nodiscard]] Result<std::vector<Generation>> generations(std::int64_t limit = 200, const std::string& source = {}) const;
    /// The newest with the same weights, prompt and settings.
    [[nodiscard]] Result<std::optional<Generation>> find_generation(const std::string& weights, const std::string& prompt,
                                                                    const SamplingConfig& settings) const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

}  // namespace lossmith
