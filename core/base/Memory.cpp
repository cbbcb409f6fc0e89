#include "core/base/Memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace lossmith {

std::int64_t resident_bytes() {
    std::ifstream stream("/proc/self/statm");
    std::int64_t all = 0;
    std::int64_t resident = 0;
    if (!(stream >> all >> resident)) return 0;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::int64_t peak_resident_bytes() {
    rusage usage{};
    return ::getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss * 1024 : 0;
}

}  // namespace lossmith
