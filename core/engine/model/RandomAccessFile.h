// A file read piecewise at given places. Reading, unlike mapping, turns a file cut short under us into an error and not a crash.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/Result.h"

namespace lossmith::engine {

class RandomAccessFile {
public:
    /// Regular files only: a pipe or a folder is refused.
    [[nodiscard]] static Result<RandomAccessFile> open(const std::filesystem::path& path);

    ~RandomAccessFile();
    RandomAccessFile(RandomAccessFile&& other) noexcept;
    RandomAccessFile& operator=(RandomAccessFile&& other) noexcept;

    [[nodiscard]] std::uint64_t size() const { return m_size; }  ///< bytes, when it was opened
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// Exactly `count` bytes from `offset`; an error when the file ends before.
    [[nodiscard]] Status read(std::uint64_t offset, void* bytes, std::uint64_t count) const;

private:
    RandomAccessFile(std::filesystem::path path, int handle, std::uint64_t size);
    std::filesystem::path m_path;
    int m_handle = -1;
    std::uint64_t m_size = 0;
};

}  // namespace lossmith::engine
