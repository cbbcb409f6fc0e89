// Numbers and layouts are those of PKWARE's APPNOTE 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3 (zip64).
#include "core/engine/model/ZipArchive.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/engine/model/QuotedName.h"

namespace lossmith::engine {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t directory_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50;
constexpr std::uint64_t end_size = 22;
constexpr std::uint64_t locator64_size = 20;
constexpr std::uint64_t end64_size = 56;
constexpr std::size_t local_size = 30;
constexpr std::size_t entry_size = 46;
constexpr std::uint64_t longest_comment = 65535;
constexpr std::uint64_t largest_directory = 64U << 20U;
constexpr std::uint32_t in_zip64 = 0xffffffff;

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
    Number number;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

std::unexpected<Error> damaged_archive(const std::string& what) {
    return failure(Error::bad_input("The zip archive is damaged: " + what + ".").with_hint("Download or save the file again."));
}

struct Directory {
    std::uint64_t entries = 0;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
};

Result<std::string> bytes_at(const RandomAccessFile& file, std::uint64_t offset, std::uint64_t count) {
    if (offset > file.size() || count > file.size() - offset) return damaged_archive("a part of it lies outside the file");
    std::string bytes(count, '\0');
    LOSSMITH_CHECK(file.read(offset, bytes.data(), count));
    return bytes;
}

/// The zip64 record stands before the ordinary end record, found by a locator; absent in archives that need none.
Result<std::optional<Directory>> find_directory64(const RandomAccessFile& file, std::uint64_t end_offset) {
    if (end_offset < locator64_size) return std::optional<Directory>();
    const std::string locator = LOSSMITH_TRY(bytes_at(file, end_offset - locator64_size, locator64_size));
    if (number_at<std::uint32_t>(locator, 0) != locator64_signature) return std::optional<Directory>();
    const std::string record = LOSSMITH_TRY(bytes_at(file, number_at<std::uint64_t>(locator, 8), end64_size));
    if (number_at<std::uint32_t>(record, 0) != end64_signature) return damaged_archive("its zip64 record is not where it should be");
    return std::optional(
        Directory{number_at<std::uint64_t>(record, 32), number_at<std::uint64_t>(record, 40), number_at<std::uint64_t>(record, 48)});
}

Result<Directory> find_directory(const RandomAccessFile& file) {
    if (file.size() < end_size) return damaged_archive("it is too short");
    const std::uint64_t tail_size = std::min(file.size(), end_size + longest_comment);
    const std::string tail = LOSSMITH_TRY(bytes_at(file, file.size() - tail_size, tail_size));
    for (std::size_t at = tail.size() - end_size + 1; at-- > 0;) {
        if (number_at<std::uint32_t>(tail, at) != end_signature) continue;
        const std::uint64_t end_offset = file.size() - tail_size + at;
        if (const auto found = LOSSMITH_TRY(find_directory64(file, end_offset))) return *found;
        return Directory{number_at<std::uint16_t>(tail, at + 10), number_at<std::uint32_t>(tail, at + 12),
                         number_at<std::uint32_t>(tail, at + 16)};
    }
    return damaged_archive("its directory of entries is missing, as in a download that broke off");
}

struct RawEntry {
    std::string name;
    std::uint64_t packed = 0;
    std::uint64_t size = 0;
    std::uint64_t header = 0;  ///< offset of the local header
};

/// Takes 64-bit values from the extra field with id 1, in the order of the fields that ask for one.
Status read_extra64(std::string_view extra, RawEntry& entry) {
    std::vector<std::uint64_t*> wanted;
    for (std::uint64_t* field : {&entry.size, &entry.packed, &entry.header})
        if (*field == in_zip64) wanted.push_back(field);
    std::size_t at = 0;
    while (!wanted.empty() && extra.size() - at >= 4) {
        const std::size_t size = number_at<std::uint16_t>(extra, at + 2);
        if (size > extra.size() - at - 4) return damaged_archive("an entry's extra field is cut short");
        if (number_at<std::uint16_t>(extra, at) == 1) {
            if (size < wanted.size() * 8) return damaged_archive("an entry's zip64 field is cut short");
            for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i] = number_at<std::uint64_t>(extra, at + 4 + 8 * i);
            return {};
        }
        at += 4 + size;
    }
    return {};
}

Result<RawEntry> read_entry(std::string_view directory, std::size_t& at) {
    if (directory.size() - at < entry_size || number_at<std::uint32_t>(directory, at) != directory_signature)
        return damaged_archive("its directory of entries is cut short");
    const std::string_view fixed = directory.substr(at, entry_size);
    const std::size_t name_size = number_at<std::uint16_t>(fixed, 28);
    const std::size_t extra_size = number_at<std::uint16_t>(fixed, 30);
    const std::size_t comment_size = number_at<std::uint16_t>(fixed, 32);
    if (directory.size() - at - entry_size < name_size + extra_size + comment_size)
        return damaged_archive("its directory of entries is cut short");
    RawEntry entry;
    entry.name = directory.substr(at + entry_size, name_size);
    entry.packed = number_at<std::uint32_t>(fixed, 20);
    entry.size = number_at<std::uint32_t>(fixed, 24);
    entry.header = number_at<std::uint32_t>(fixed, 42);
    LOSSMITH_CHECK(read_extra64(directory.substr(at + entry_size + name_size, extra_size), entry));
    at += entry_size + name_size + extra_size + comment_size;
    const std::string shown = in_quotes(entry.name);
    if ((number_at<std::uint16_t>(fixed, 8) & 1U) != 0)
        return failure(Error::unsupported("The entry " + shown + " of the archive is encrypted."));
    if (number_at<std::uint16_t>(fixed, 10) != 0)
        return failure(Error::unsupported("The entry " + shown + " of the archive is compressed, as torch.save never does.")
                           .with_hint("Save the model again with torch.save, or better as safetensors."));
    if (entry.packed != entry.size) return damaged_archive("the entry " + shown + " is stored plainly and yet has two different sizes");
    return entry;
}

}  // namespace

Status ZipArchive::read_directory() {
    const Directory place = LOSSMITH_TRY(find_directory(m_file));
    if (place.size > largest_directory) return damaged_archive("its directory of entries is larger than any model needs");
    const std::string directory = LOSSMITH_TRY(bytes_at(m_file, place.offset, place.size));
    if (place.entries > place.size / entry_size) return damaged_archive("it claims more entries than its directory has room for");

    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < place.entries; ++i) {
        const RawEntry raw = LOSSMITH_TRY(read_entry(directory, at));
        const std::string local = LOSSMITH_TRY(bytes_at(m_file, raw.header, local_size));
        if (number_at<std::uint32_t>(local, 0) != local_signature) return damaged_archive("an entry is not where its directory says");
        const std::uint64_t head = local_size + number_at<std::uint16_t>(local, 26) + number_at<std::uint16_t>(local, 28);
        const std::uint64_t left = m_file.size() - raw.header;
        if (head > left || raw.size > left - head) return damaged_archive("the entry " + in_quotes(raw.name) + " reaches beyond the file");
        if (!m_entries.emplace(raw.name, Entry{raw.header + head, raw.size}).second)
            return damaged_archive("the entry " + in_quotes(raw.name) + " is there twice");
        ranges.emplace_back(raw.header, raw.header + head + raw.size);
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t i = 1; i < ranges.size(); ++i)
        if (ranges[i].first < ranges[i - 1].second) return damaged_archive("two of its entries overlap");
    return {};
}

Result<ZipArchive> ZipArchive::open(const std::filesystem::path& path) {
    ZipArchive archive(LOSSMITH_TRY(RandomAccessFile::open(path)));
    if (auto read = archive.read_directory(); !read) return failure(std::move(read).error().in_file(path.string()));
    return archive;
}

Result<std::string> ZipArchive::read(const std::string& name, std::uint64_t limit) const {
    const auto found = m_entries.find(name);
    if (found == m_entries.end())
        return failure(Error::bad_input("The archive has no entry " + in_quotes(name) + ".").in_file(m_file.path().string()));
    if (found->second.size > limit)
        return failure(Error::bad_input("The entry " + in_quotes(name) + " of the archive is larger than any model needs.")
                           .in_file(m_file.path().string()));
    std::string bytes(found->second.size, '\0');
    LOSSMITH_CHECK(m_file.read(found->second.offset, bytes.data(), bytes.size()));
    return bytes;
}

}  // namespace lossmith::engine
