#include "core/engine/devices/Blas.h"

#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

namespace lossmith::engine {
namespace {

int collect(dl_phdr_info* info, std::size_t, void* paths) {
    if (info->dlpi_name != nullptr && *info->dlpi_name != '\0')
        static_cast<std::vector<std::string>*>(paths)->emplace_back(info->dlpi_name);
    return 0;
}

std::vector<std::string> loaded_libraries() {
    std::vector<std::string> libraries;
    dl_iterate_phdr(&collect, &libraries);
    for (std::string& library : libraries) {
        std::error_code code;
        const auto resolved = std::filesystem::canonical(library, code);
        if (!code) library = resolved.string();
    }
    return libraries;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Debian keeps each build in a folder of its own: blas/, openblas-openmp/, openblas-pthread/, ….
bool is_reference(const std::string& path) {
    return contains(path, "/blas/libblas.so");
}
bool is_pthread(const std::string& path) {
    return contains(path, "/openblas-pthread/");
}

}  // namespace

std::string blas_warning() {
    const char* core_type = std::getenv("OPENBLAS_CORETYPE");
    return blas_warning(loaded_libraries(), core_type == nullptr ? "" : core_type);
}

std::string blas_warning(std::span<const std::string> libraries, const std::string& core_type) {
    if (std::ranges::any_of(libraries, is_reference))
        return "Matrices are multiplied by the reference BLAS, which is tens of times slower than needed; "
               "install libopenblas0-openmp, which takes its place at once.";
    if (std::ranges::any_of(libraries, is_pthread))
        return "OpenBLAS is the build with threads of its own, which fight with LibTorch's and halve the speed; "
               "install libopenblas0-openmp and remove libopenblas0-pthread.";
    const bool openblas = std::ranges::any_of(libraries, [](const std::string& path) { return contains(path, "openblas"); });
    if (openblas && !core_type.empty())
        return "OPENBLAS_CORETYPE is set to " + core_type +
               ", so OpenBLAS does not choose the code that suits this processor; unset it unless you mean to compare.";
    return {};
}

}  // namespace lossmith::engine
