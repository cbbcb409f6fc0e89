// Reads the 100 bytes of SQLite's file header (https://www.sqlite.org/fileformat2.html, section 1.3).
#include "core/project/ProjectFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QString>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/project/Migrations.h"

namespace lossmith {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t header_bytes = 100;
constexpr std::string_view magic{"SQLite format 3\0", 16};

struct Header {
    std::array<unsigned char, header_bytes> bytes;

    [[nodiscard]] std::uint32_t number_at(std::size_t offset) const {
        return static_cast<std::uint32_t>(bytes[offset]) << 24U | static_cast<std::uint32_t>(bytes[offset + 1]) << 16U |
               static_cast<std::uint32_t>(bytes[offset + 2]) << 8U | static_cast<std::uint32_t>(bytes[offset + 3]);
    }
    [[nodiscard]] std::uint64_t page_size() const {
        const std::uint32_t size = number_at(16) >> 16U;
        return size == 1 ? 65536 : size;
    }
    [[nodiscard]] std::uint64_t pages() const { return number_at(28); }
    [[nodiscard]] std::uint32_t user_version() const { return number_at(60); }
    [[nodiscard]] std::uint32_t application() const { return number_at(68); }
};

/// The first bytes of the file at `path`; negative, with errno set, when it cannot be read.
///
/// Closing any descriptor of a file drops all locks that this process holds on it (fcntl(2)), those of SQLite's open connections too.
/// Another process would then take itself for the last one and delete the write-ahead log that is in use here. So a file is opened
/// here once and stays open as long as it exists: one descriptor for each project of this process, as the locks are the process's.
ssize_t pread_kept(const fs::path& path, std::array<unsigned char, header_bytes>& bytes) {
    static std::mutex mutex;
    static std::map<std::pair<dev_t, ino_t>, int> kept;
    const std::scoped_lock lock(mutex);
    struct stat facts{};
    std::erase_if(kept, [&facts](const auto& file) {
        const bool deleted = fstat(file.second, &facts) == 0 && facts.st_nlink == 0;
        if (deleted) close(file.second);
        return deleted;
    });
    if (stat(path.c_str(), &facts) != 0) return -1;
    auto file = kept.find({facts.st_dev, facts.st_ino});
    if (file == kept.end()) {
        const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return -1;
        // Another file may have been put there since it was looked at.
        if (fstat(descriptor, &facts) != 0) return -1;
        file = kept.try_emplace({facts.st_dev, facts.st_ino}, descriptor).first;
    }
    return pread(file->second, bytes.data(), bytes.size(), 0);
}

Error not_ours(const fs::path& path, const std::string& why) {
    return Error::bad_input("This is not a Lossmith project: " + why)
        .with_hint("Choose another file; “lossmith-cli import” makes a new project where there is none.")
        .in_file(path.string());
}

}  // namespace

Result<int> inspect_project_file(const fs::path& path) {
    std::error_code problem;
    const fs::file_status status = fs::status(path, problem);
    if (status.type() == fs::file_type::not_found) return failure(Error::not_found("There is no such project.").in_file(path.string()));
    if (problem) return failure(Error::io("It cannot be looked at: " + problem.message() + ".").in_file(path.string()));
    if (status.type() == fs::file_type::directory) return failure(not_ours(path, "it is a folder."));
    if (status.type() != fs::file_type::regular) return failure(not_ours(path, "it is not a plain file."));
    const std::uint64_t size = fs::file_size(path, problem);
    if (problem) return failure(Error::io("It cannot be looked at: " + problem.message() + ".").in_file(path.string()));
    if (size == 0) return failure(not_ours(path, "the file is empty."));

    Header header{};
    const ssize_t read = pread_kept(path, header.bytes);
    if (read < 0) return failure(Error::io("It cannot be read: " + std::string(std::strerror(errno)) + ".").in_file(path.string()));
    const auto got = static_cast<std::size_t>(read);
    if (got < magic.size() || std::memcmp(header.bytes.data(), magic.data(), magic.size()) != 0)
        return failure(not_ours(path, "it is not an SQLite database."));
    if (got < header_bytes) return failure(not_ours(path, "it ends within its header."));
    if (header.application() != static_cast<std::uint32_t>(application_id))
        return failure(not_ours(path, "it is another program's database."));

    // While there is a write-ahead log, pages may lie there instead.
    fs::path log = path;
    log += "-wal";
    const std::uint64_t log_size = fs::file_size(log, problem);
    const bool logged = !problem && log_size > 0;
    const std::uint64_t expected = header.page_size() * header.pages();
    if (!logged && size < expected) {
        return failure(Error::bad_input("The project file is cut short: it has " + std::to_string(size) + " of its " +
                                        std::to_string(expected) + " bytes.")
                           .with_hint("Take a whole copy of it from where this one came.")
                           .in_file(path.string()));
    }
    const std::uint32_t schema = header.user_version();
    if (schema > static_cast<std::uint32_t>(newest_schema())) {
        return failure(Error::unsupported("The project was made by a newer Lossmith (its schema is " + std::to_string(schema) +
                                          ", this version knows up to " + std::to_string(newest_schema()) + ").")
                           .with_hint("Install the newer version to open it.")
                           .in_file(path.string()));
    }
    if (schema == 0) return failure(not_ours(path, "it holds no schema."));
    return static_cast<int>(schema);
}

Status put_in_place(const fs::path& from, const fs::path& to) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    int reason = errno;
    if (reason == EINVAL || reason == ENOSYS) {
        // A file system without it: the moment between look and rename stays open there.
        std::error_code problem;
        reason = EEXIST;
        if (!fs::exists(fs::symlink_status(to, problem))) {
            if (std::rename(from.c_str(), to.c_str()) == 0) return {};
            reason = errno;
        }
    }
    if (reason == EEXIST) return failure(Error::bad_input("There is already a file of this name.").in_file(to.string()));
    return failure(Error::io("The file cannot be put in place: " + std::string(std::strerror(reason)) + ".").in_file(to.string()));
}

Result<fs::path> usable_path(const fs::path& path) {
    if (path.empty()) return failure(Error::bad_input("The project's path is empty."));
    const std::string bytes = path.string();
    if (QString::fromStdString(bytes).toStdString() != bytes)
        return failure(Error::bad_input("The project's path is not valid UTF-8.").with_hint("Rename the file or its folder."));
    std::error_code problem;
    fs::path whole = fs::absolute(path, problem);
    if (problem) return failure(Error::io("The folder in which the program runs is gone: " + problem.message() + "."));
    return whole.lexically_normal();
}

}  // namespace lossmith
