// Writes a tokenizer's files as transformers reads them.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/Result.h"
#include "core/tokenizer/Vocabulary.h"

namespace lossmith {

/// tokenizer.json, vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json. Makes the folder.
/// `added` are the vocabulary's own added tokens and any after it, by id. Fails when an added token's name is not UTF-8.
[[nodiscard]] Status write_tokenizer(const Vocabulary& vocabulary, const std::vector<AddedToken>& added,
                                     const std::filesystem::path& folder);

}  // namespace lossmith
