// The zip archives that torch.save writes: entries stored without compression, each read in place.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/Result.h"
#include "core/engine/model/RandomAccessFile.h"

namespace lossmith::engine {

/// An archive whose directory has been checked: every entry stored plainly, inside the file, apart from the others, named once.
/// Checksums are not verified: PyTorch can be told to leave them out, and then writes something else in their place.
class ZipArchive {
public:
    struct Entry {
        std::uint64_t offset = 0;  ///< of its first byte in the file
        std::uint64_t size = 0;
    };

    [[nodiscard]] static Result<ZipArchive> open(const std::filesystem::path& path);

    [[nodiscard]] const std::map<std::string, Entry>& entries() const { return m_entries; }
    [[nodiscard]] const RandomAccessFile& file() const { return m_file; }

    /// A small entry's bytes; BadInput above `limit`.
    [[nodiscard]] Result<std::string> read(const std::string& name, std::uint64_t limit) const;

private:
    explicit ZipArchive(RandomAccessFile file) : m_file(std::move(file)) {}
    [[nodiscard]] Status read_directory();

    RandomAccessFile m_file;
    std::map<std::string, Entry> m_entries;
};

}  // namespace lossmith::engine
