// Tokens that stand beside the byte pairs: "<|endoftext|>" and whatever a user adds. Finds them in a text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/tokenizer/TokenTable.h"

namespace lossmith {

enum class SpecialTokens;

/// As in transformers. A token that is not special is a word that was added to the vocabulary: it is found in every text.
struct AddedToken {
    std::string name;
    TokenId id = -1;
    bool special = true;
    bool strips_left = false;   ///< takes in the white space before it ("lstrip")
    bool strips_right = false;  ///< and after it ("rstrip")
    bool whole_word = false;    ///< not beside a letter, a number or "_" ("single_word")
};

class AddedTokens {
public:
    explicit AddedTokens(std::vector<AddedToken> tokens);
    AddedTokens(const AddedTokens&) = delete;
    AddedTokens& operator=(const AddedTokens&) = delete;

    struct Match {
        std::size_t begin;
        std::size_t end;
        TokenId id;
    };

    /// The first of the tokens in text[from, end), the longest of those that begin at one place.
    [[nodiscard]] std::optional<Match> find(std::string_view text, std::size_t from, SpecialTokens special) const;

    [[nodiscard]] const AddedToken* by_name(std::string_view name) const;
    [[nodiscard]] const AddedToken* by_id(TokenId id) const;
    [[nodiscard]] const std::vector<AddedToken>& all() const { return m_tokens; }  ///< by id

private:
    [[nodiscard]] std::optional<Match> match_at(std::string_view text, std::size_t from, std::size_t at, bool specials_too) const;

    std::vector<AddedToken> m_tokens;
    std::unordered_map<std::string_view, std::size_t> m_by_name;  ///< into the names of m_tokens, which never move
    std::vector<std::size_t> m_lengths;                           ///< of the names, longest first
    std::array<std::array<bool, 256>, 2> m_first_bytes{};         ///< of the words; of all tokens
    std::array<bool, 2> m_any{};
};

}  // namespace lossmith
