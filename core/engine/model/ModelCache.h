// The models used last, kept in memory so that the next question about one is answered at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <list>
#include <memory>
#include <string>

#include "core/base/Result.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::engine {

/// For one thread. A folder whose weights changed on disk (time or size of the file) is read again.
class ModelCache {
public:
    explicit ModelCache(std::size_t kept = 2) : m_kept(kept) {}

    /// As find_model() and load_model() together. A base and the LoRA adapters trained beside it hold one copy of its weights.
    [[nodiscard]] Result<std::shared_ptr<const LoadedModel>> get(const std::string& reference, Project* project);

private:
    struct Entry {
        std::filesystem::path folder;
        std::string stamp;
        std::shared_ptr<const LoadedModel> model;
    };
    [[nodiscard]] Result<std::shared_ptr<const LoadedModel>> in_folder(const std::filesystem::path& folder);
    void make_room();

    std::size_t m_kept;
    std::list<Entry> m_entries;  // newest first
};

}  // namespace lossmith::engine
