// GPT-2's byte-level BPE: text to ids and back, with OpenAI's exact ids.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace lossmith {

using TokenId = std::int32_t;

/// Whether a literal "<|endoftext|>" in the text is text (the default for user data) or the token.
enum class SpecialTokens { AsText, AsTokens };

/// Immutable and safe to share between threads.
class Tokenizer {
public:
    /// Reads a folder with tokenizer.json, vocab.json + merges.txt, or encoder.json + vocab.bpe (tried in this order),
    /// and the added tokens of added_tokens.json, tokenizer_config.json and special_tokens_map.json where present.
    /// Files that are broken, contradict each other, leave gaps between ids or are above 64 MiB are refused; so is a
    /// tokenizer.json of another kind than GPT-2's byte-level BPE. "<|endoftext|>" is special wherever it is a token.
    [[nodiscard]] static Result<std::shared_ptr<const Tokenizer>> from_folder(const std::filesystem::path& folder);

    /// GPT-2's own vocabulary from the program's resources folder.
    [[nodiscard]] static Result<std::shared_ptr<const Tokenizer>> gpt2();

    ~Tokenizer();
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    /// A copy with more special tokens, numbered from size() on. A name already known keeps its id; an empty one is passed over.
    [[nodiscard]] std::shared_ptr<const Tokenizer> with_added_tokens(std::span<const std::string> names) const;

    /// Any bytes; decode() gives them back. Text is split before merging by GPT-2's expression with the tables of Unicode 16;
    /// each byte that is no part of valid UTF-8 counts as a sign there: no letter, no number, no white space.
    /// Tokens that were added without being special are found in every text, as in transformers.
    /// A vocabulary of somebody's own may lack tokens for some bytes: such a byte becomes the unk_token if the files name one,
    /// and is left out otherwise.
    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, SpecialTokens special = SpecialTokens::AsText) const;

    /// As encode(), and for each id the byte range [begin, end) of the text it stands for.
    struct Piece {
        TokenId id;
        std::size_t begin;
        std::size_t end;
    };
    [[nodiscard]] std::vector<Piece> encode_with_offsets(std::string_view text, SpecialTokens special = SpecialTokens::AsText) const;

    /// The exact bytes; an id outside the vocabulary gives nothing.
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skip_special_tokens = false) const;

    /// The bytes of one token, e.g. " refund". Empty outside the vocabulary.
    [[nodiscard]] std::string_view bytes_of(TokenId id) const;

    /// The id of exactly these bytes as one token, or of a special token by its name.
    [[nodiscard]] std::optional<TokenId> id_of(std::string_view bytes) const;

    [[nodiscard]] bool is_special(TokenId id) const;
    [[nodiscard]] std::int64_t size() const;                      ///< one more than the largest id
    [[nodiscard]] std::vector<std::string> added_tokens() const;  ///< special tokens, by id

    /// Writes tokenizer.json, vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json, as transformers reads them.
    [[nodiscard]] Status save(const std::filesystem::path& folder) const;

private:
    struct Tables;
    explicit Tokenizer(std::shared_ptr<const Tables> tables);
    std::shared_ptr<const Tables> m_tables;
};

}  // namespace lossmith
