// Reads the 100 bytes of SQLite's file header (https://www.sqlite.org/fileformat2.html, section 1.3).
#include "core/project/ProjectFile.h"

#include <fcntl.h>
#include <unistd.h>

#include <QString>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

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

    std::ifstream file(path, std::ios::binary);
    if (!file) return failure(Error::io("It cannot be read: " + std::string(std::strerror(errno)) + ".").in_file(path.string()));
    Header header{};
    file.read(reinterpret_cast<char*>(header.bytes.data()), header_bytes);
    const auto got = static_cast<std::size_t>(file.gcount());
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
