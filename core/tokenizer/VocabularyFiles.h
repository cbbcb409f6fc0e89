// Finds and reads a tokenizer's files in a model's folder.
#pragma once

#include <filesystem>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/tokenizer/Vocabulary.h"

namespace lossmith {

/// tokenizer.json, vocab.json + merges.txt, or encoder.json + vocab.bpe, the first that is there; then what
/// {"content": "<pad>", "special": true, "lstrip": false, …} and its id, which must be a whole number.
[[nodiscard]] Result<AddedToken> added_token_from_json(const Json& token, const Json& id, const std::string& file);

/// added_tokens.json, special_tokens_map.json and tokenizer_config.json add. "<|endoftext|>" is special wherever it is a token.
[[nodiscard]] Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder);

/// No tokenizer file may be larger.
inline constexpr std::size_t largest_tokenizer_file = 64U << 20U;

/// tokenizer.json, the one file of Hugging Face's fast tokenizers. Unsupported unless it is GPT-2's kind of byte-level BPE.
[[nodiscard]] Status read_tokenizer_json(const std::filesystem::path& path, VocabularyBuilder& builder);

/// added_tokens.json, special_tokens_map.json and tokenizer_config.json, where they are.
[[nodiscard]] Status read_added_token_files(const std::filesystem::path& folder, VocabularyBuilder& builder);

}  // namespace lossmith
