#include "core/engine/model/ModelCache.h"

#include <algorithm>

#include "core/engine/model/AdapterFolder.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

/// Changes whenever a file of the folder does.
std::string stamp_of(const fs::path& folder) {
    std::string stamp;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (!entry.is_regular_file(code)) continue;
        stamp += entry.path().filename().string() + ' ' + std::to_string(entry.file_size(code)) + ' ' +
                 std::to_string(entry.last_write_time(code).time_since_epoch().count()) + '\n';
    }
    return stamp;
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> ModelCache::get(const std::string& reference, Project* project) {
    const fs::path folder = LOSSMITH_TRY(find_model(reference, project));
    return in_folder(folder);
}

Result<std::shared_ptr<const LoadedModel>> ModelCache::in_folder(const fs::path& folder) {
    const std::string stamp = stamp_of(folder);
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&](const Entry& entry) { return entry.folder == folder && entry.stamp == stamp; });
    if (found != m_entries.end()) {
        m_entries.splice(m_entries.begin(), m_entries, found);
        return m_entries.front().model;
    }
    std::erase_if(m_entries, [&folder](const Entry& entry) { return entry.folder == folder; });
    make_room();  // before the new one is read: memory holds `kept` models at most
    const SharedModels shared = [this](const fs::path& base) -> Result<std::shared_ptr<const LoadedModel>> {
        if (is_adapter_folder(base)) return nullptr;  // one on another is merged, so that nothing could be shared
        return in_folder(base);
    };
    auto model = std::make_shared<const LoadedModel>(LOSSMITH_TRY(load_model(folder, shared)));
    make_room();  // an adapter's base may have come in
    m_entries.push_front({folder, stamp, model});
    return model;
}

void ModelCache::make_room() {
    while (m_entries.size() >= m_kept) m_entries.pop_back();
}

}  // namespace lossmith::engine
