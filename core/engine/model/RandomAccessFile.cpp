#include "core/engine/model/RandomAccessFile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lossmith::engine {

Result<RandomAccessFile> RandomAccessFile::open(const std::filesystem::path& path) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
    const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0) {
        const int code = errno;
        if (code == ENOENT) return failure(Error::not_found("There is no such file.").in_file(path.string()));
        return failure(Error::io(std::string("The file could not be opened: ") + std::strerror(code) + ".").in_file(path.string()));
    }
    struct stat state{};
    const bool known = ::fstat(handle, &state) == 0;
    if (!known || !S_ISREG(state.st_mode)) {
        ::close(handle);
        return failure(Error::bad_input("This is not an ordinary file.").in_file(path.string()));
    }
    return RandomAccessFile(path, handle, static_cast<std::uint64_t>(state.st_size));
}

RandomAccessFile::RandomAccessFile(std::filesystem::path path, int handle, std::uint64_t size)
    : m_path(std::move(path)), m_handle(handle), m_size(size) {}

RandomAccessFile::RandomAccessFile(RandomAccessFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_handle(std::exchange(other.m_handle, -1)), m_size(other.m_size) {}

RandomAccessFile& RandomAccessFile::operator=(RandomAccessFile&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_handle, other.m_handle);
    std::swap(m_size, other.m_size);
    return *this;
}

RandomAccessFile::~RandomAccessFile() {
    if (m_handle >= 0) ::close(m_handle);
}

Status RandomAccessFile::read(std::uint64_t offset, void* bytes, std::uint64_t count) const {
    if (offset > m_size || count > m_size - offset)
        return failure(Error::bad_input("The file ends too early: it is cut short or damaged.").in_file(m_path.string()));
    auto* target = static_cast<char*>(bytes);
    while (count > 0) {
        const std::uint64_t piece = std::min<std::uint64_t>(count, 1ULL << 30U);
        const ssize_t got = ::pread(m_handle, target, piece, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const int code = errno;
            return failure(Error::io(std::string("The file could not be read: ") + std::strerror(code) + ".").in_file(m_path.string()));
        }
        if (got == 0) return failure(Error::io("The file became shorter while it was read.").in_file(m_path.string()));
        target += got;
        offset += static_cast<std::uint64_t>(got);
        count -= static_cast<std::uint64_t>(got);
    }
    return {};
}

}  // namespace lossmith::engine
