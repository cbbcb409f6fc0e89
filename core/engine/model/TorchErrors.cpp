#include "core/engine/model/TorchErrors.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

namespace lossmith::engine {

Error error_from(const std::exception& exception) {
    const auto* torch_error = dynamic_cast<const c10::Error*>(&exception);
    const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : exception.what();
    // The host allocator throws a plain c10::Error; its wording ("can't allocate memory", "not enough memory") is all that tells.
    const bool memory = dynamic_cast<const std::bad_alloc*>(&exception) != nullptr || text.find("allocate memory") != std::string::npos ||
                        text.find("enough memory") != std::string::npos || text.find("out of memory") != std::string::npos;
    if (memory)
        return Error::out_of_memory("There is not enough memory for this.").with_hint("Close other programs, or use a smaller model.");
    return Error::internal("LibTorch reports: " + text);
}

}  // namespace lossmith::engine
