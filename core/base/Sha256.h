// SHA-256 over bytes as they come, by OpenSSL: it uses the processor's own instructions, and weights are hundreds of megabytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lossmith {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// In lower-case hexadecimal. Nothing may be added after it.
    [[nodiscard]] std::string hex();

private:
    struct Free {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Free> m_context;
};

}  // namespace lossmith
