#include "core/base/Resources.h"

#include <cstdlib>
#include <vector>

namespace lossmith {
namespace {

std::vector<std::filesystem::path> candidate_folders() {
    std::vector<std::filesystem::path> folders;
    if (const char* named = std::getenv("LOSSMITH_RESOURCES"); named != nullptr && *named != '\0') return {named};
    std::error_code code;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", code);
    if (!code) folders.push_back(program.parent_path().parent_path() / "share" / "lossmith" / "resources");
    folders.emplace_back(LOSSMITH_SOURCE_RESOURCES);
    return folders;
}

}  // namespace

Result<std::filesystem::path> resources_folder() {
    std::error_code code;
    std::string tried;
    for (const auto& folder : candidate_folders()) {
        if (std::filesystem::is_directory(folder, code)) return folder;
        tried += (tried.empty() ? "" : ", ") + folder.string();
    }
    return failure(Error::not_found("The program's own files are missing; looked in " + tried + ".")
                       .with_hint("Install Lossmith again, or set LOSSMITH_RESOURCES to its resources folder."));
}

Result<std::filesystem::path> resource(const std::filesystem::path& name) {
    const auto folder = LOSSMITH_TRY(resources_folder());
    std::error_code code;
    if (!std::filesystem::exists(folder / name, code))
        return failure(Error::not_found("The program's own file " + name.string() + " is missing from " + folder.string() + ".")
                           .with_hint("Install Lossmith again."));
    return folder / name;
}

}  // namespace lossmith
