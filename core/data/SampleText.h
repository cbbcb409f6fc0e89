// The beginning of a file, as bytes and decoded: what every guess is made from.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"

namespace lossmith {

struct SampleText {
    std::string text;
    bool whole = false;  ///< nothing of the file follows
};

inline constexpr std::size_t sample_bytes = 1U << 20U;

[[nodiscard]] Result<SampleText> read_sample(const std::filesystem::path& path, const std::string& encoding,
                                             const CancellationToken& cancelled = {});

/// Undecoded.
[[nodiscard]] Result<SampleText> read_sample_bytes(const std::filesystem::path& path);

}  // namespace lossmith
