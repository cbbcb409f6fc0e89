// Figures as sentences say them.
#pragma once

#include <cstdint>
#include <string>

namespace lossmith::diagnosis_words {

[[nodiscard]] std::string percent(double share);                                                  ///< "93 %", "0.4 %"
[[nodiscard]] std::string nats(double value);                                                     ///< "2.31"
[[nodiscard]] std::string rate(double value);                                                     ///< "5e-05", "0.001"
[[nodiscard]] std::string counted(std::int64_t count, const char* singular, const char* plural);  ///< "1 row", "2,000 rows"
[[nodiscard]] double share(std::int64_t part, std::int64_t whole);                                ///< zero of nothing

}  // namespace lossmith::diagnosis_words
