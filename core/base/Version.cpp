#include "core/base/Version.h"

namespace lossmith {

const char* version() {
    return LOSSMITH_VERSION;
}

}  // namespace lossmith
