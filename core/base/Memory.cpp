#include "core/base/Memory.h"

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

}  // namespace lossmith
