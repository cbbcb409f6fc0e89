#include "core/base/Files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/base/Sha256.h"

namespace lossmith {
namespace {

Error system_error(const std::string& what, const std::filesystem::path& path) {
    const int code = errno;
    Error error = Error::io(what + ": " + std::strerror(code) + ".").in_file(path.string());
    if (code == ENOSPC) error.hint = "Free some room on this disk and try again.";
    if (code == EACCES || code == EROFS) error.hint = "Choose a folder that you may write to.";
    return error;
}

Status flush_folder(const std::filesystem::path& folder) {
    const int handle = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return failure(system_error("The folder could not be opened", folder));
    ::fsync(handle);
    ::close(handle);
    return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return failure(Error::not_found("There is no such file.").in_file(path.string()));
    if (std::filesystem::is_directory(path, code)) return failure(Error::bad_input("This is a folder, not a file.").in_file(path.string()));
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return failure(system_error("The file could not be opened", path));
    std::string bytes;
    char block[1U << 16U];
    while (stream.read(block, sizeof block) || stream.gcount() > 0) {
        bytes.append(block, static_cast<std::size_t>(stream.gcount()));
        if (bytes.size() > limit)
            return failure(Error::bad_input("The file is larger than the " + std::to_string(limit >> 20U) + " MiB allowed for it.")
                               .in_file(path.string()));
    }
    if (stream.bad()) return failure(system_error("The file could not be read", path));
    return bytes;
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
    const std::filesystem::path temporary = path.string() + ".part";
    const int handle = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (handle < 0) return failure(system_error("The file could not be made", path));
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(handle, bytes.data() + written, bytes.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            Error error = system_error("The file could not be written", path);
            ::close(handle);
            ::unlink(temporary.c_str());
            return failure(std::move(error));
        }
        written += static_cast<std::size_t>(count);
    }
    const bool flushed = ::fsync(handle) == 0;
    const bool closed = ::close(handle) == 0;
    if (!flushed || !closed || ::rename(temporary.c_str(), path.c_str()) != 0) {
        Error error = system_error("The file could not be put in place", path);
        ::unlink(temporary.c_str());
        return failure(std::move(error));
    }
    return flush_folder(path.parent_path());
}

Status flush_to_disk(const std::filesystem::path& path) {
    const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0) return failure(system_error("The file could not be opened", path));
    const bool flushed = ::fsync(handle) == 0;
    Error error = flushed ? Error{} : system_error("The file could not be flushed to disk", path);
    ::close(handle);
    if (!flushed) return failure(std::move(error));
    return flush_folder(path.parent_path());
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return failure(system_error("The file could not be opened", path));
    Sha256 hash;
    std::string block(1U << 20U, '\0');
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0)
        hash.add({block.data(), static_cast<std::size_t>(stream.gcount())});
    return hash.hex();
}

std::string sha256_of(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

}  // namespace lossmith
