// Delimiter, quote and header of delimited text, told from a sample of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"

namespace lossmith {

struct DialectGuess {
    char delimiter = ',';
    char quote = '"';
    bool header = true;
    std::size_t columns = 1;
    double share = 0;                               ///< of the sample's records that have that many cells
    std::vector<std::string> first;                 ///< the first record
    std::vector<std::vector<std::string>> records;  ///< the records after it, for guessing columns; a few hundred at most
};

/// What is set in the arguments is obeyed. `whole`: the sample is the whole text; otherwise its last record is left out.
[[nodiscard]] Result<DialectGuess> guess_dialect(const std::string& sample, bool whole, std::optional<char> delimiter,
                                                 std::optional<char> quote, std::optional<bool> header);

}  // namespace lossmith
