// What benchmarks begin and end with: a folder of their own, the program that they drive, and a sentence when something is amiss.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "core/base/Error.h"
#include "core/base/Result.h"

namespace bench {

[[noreturn]] inline void give_up(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::exit(1);
}

template <typename T>
T expect(lossmith::Result<T> result) {
    if (!result) give_up(describe(result.error()));
    return std::move(*result);
}

inline std::string cli() {
    return LOSSMITH_BIN "/lossmith-cli";
}

/// Goes with its content when it is left; what gives up leaves it to be looked at.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lossmith-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            give_up("No folder can be made in " + std::filesystem::temp_directory_path().string() + ".");
        m_path = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

}  // namespace bench
