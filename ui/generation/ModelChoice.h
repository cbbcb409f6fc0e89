// The models a project offers for generation: what runs start from, and every checkpoint of its runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/data/Template.h"

namespace lossmith {
class Project;
}

namespace lossmith::ui {

struct ModelChoice {
    std::string label;                          ///< "starter", "run 7, best (step 561)"
    std::string model;                          ///< as the engine takes it: "starter" or a folder
    std::string weights;                        ///< SHA-256 of its weights where the project knows it; else see KnownWeights
    std::int64_t run = 0;                       ///< zero: not from a run
    std::string base;                           ///< the model its run started from; empty: not from a run
    std::optional<TemplateSpec> template_spec;  ///< the one its run was trained with

    bool operator==(const ModelChoice&) const = default;
};

/// Checkpoints first, of the newest run first and in it the best first; then the models that runs start from.
[[nodiscard]] Result<std::vector<ModelChoice>> model_choices(Project& project);

/// Remembers the digests of weights on disk, so that each file is read once as long as it stays the same. One thread at a time.
class KnownWeights {
public:
    /// SHA-256 of the model's weights, read from disk where the project does not know it. Empty when its weights are in several files
    /// or not found: then nothing can be kept under it. May take seconds.
    [[nodiscard]] std::string of(const ModelChoice& choice);

private:
    struct Digest {
        std::filesystem::file_time_type written;
        std::uintmax_t size = 0;
        std::string sha256;
    };
    std::map<std::filesystem::path, Digest> m_digests;
};

}  // namespace lossmith::ui
