#include "core/engine/devices/Processor.h"

#if defined(__x86_64__) && defined(__GNUC__) && defined(__linux__)
#define LOSSMITH_ASKS_PROCESSOR
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lossmith::engine {

#ifdef LOSSMITH_ASKS_PROCESSOR

bool processor_has_avx512() {
    static const bool it_has = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                               __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
    return it_has;
}

bool processor_multiplies_bf16() {
    static const bool it_does = processor_has_avx512() && __builtin_cpu_supports("avx512bf16") != 0;
    return it_does;
}

bool processor_multiplies_tiles() {
    static const bool it_does = [] {
        if (!processor_multiplies_bf16()) return false;
        unsigned a = 0, b = 0, c = 0, d = 0;
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
        constexpr unsigned bf16_products = 1U << 22U;
        constexpr unsigned tiles = 1U << 24U;
        if ((d & bf16_products) == 0 || (d & tiles) == 0) return false;
        constexpr long ask_for_state = 0x1023;  // ARCH_REQ_XCOMP_PERM
        constexpr long state_of_tiles = 18;     // XFEATURE_XTILEDATA
        return ::syscall(SYS_arch_prctl, ask_for_state, state_of_tiles) == 0;
    }();
    return it_does;
}

#else

bool processor_has_avx512() {
    return false;
}

bool processor_multiplies_bf16() {
    return false;
}

bool processor_multiplies_tiles() {
    return false;
}

#endif

}  // namespace lossmith::engine
