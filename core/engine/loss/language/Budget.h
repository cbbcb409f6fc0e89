// What one evaluation of a typed loss may use, and how it can end.
#pragma once

#include <cstdint>

namespace lossmith::engine {

/// Each limit ends the evaluation with a sentence and the line.
struct Budget {
    std::int64_t steps = 2'000'000;                     ///< calls, operators, statements and turns of loops
    double seconds = 10.0;                              ///< of wall-clock time
    std::int64_t tensor_bytes = std::int64_t{4} << 30;  ///< of tensors made and still alive, estimated before they are made
    std::int64_t text_bytes = std::int64_t{64} << 20;   ///< of strings, lists, tuples and dicts alive at once
    int depth = 100;                                    ///< of functions calling functions
    std::int64_t printed_bytes = 64 << 10;              ///< by print
};

/// Why an evaluation ended early.
enum class LossFault : std::uint8_t {
    None,
    NotUnderstood,  ///< the text is not in the language
    Denied,         ///< it asks for what is not allowed here
    Failed,         ///< an error of the loss itself: shapes, types, names
    Timeout,        ///< the steps or seconds are spent
    Memory,         ///< tensors, text, printed text or calls within calls are too many
    Cancelled,
};

/// "none", "not_understood", "denied", "error", "timeout", "memory", "cancelled".
[[nodiscard]] const char* name_of(LossFault fault);

}  // namespace lossmith::engine
