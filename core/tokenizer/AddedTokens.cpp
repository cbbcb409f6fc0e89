#include "core/tokenizer/AddedTokens.h"

#include <algorithm>
#include <functional>

#include "core/tokenizer/Tokenizer.h"
#include "core/tokenizer/UnicodeClasses.h"

namespace lossmith {
namespace {

/// Where the character before `at` begins. `at` is greater than `from`.
std::size_t character_before(std::string_view text, std::size_t from, std::size_t at) {
    std::size_t begin = at - 1;
    while (begin > from && begin + 4 > at && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) --begin;
    return begin + character_at(text, begin).length == at ? begin : at - 1;
}

bool belongs_to_a_word(std::string_view text, std::size_t at) {
    const CharacterClass kind = character_at(text, at).kind;
    return kind == CharacterClass::Letter || kind == CharacterClass::Number || text[at] == '_';
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens)) {
    std::ranges::sort(m_tokens, {}, &AddedToken::id);
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
        const AddedToken& token = m_tokens[i];
        m_by_name.emplace(token.name, i);
        m_lengths.push_back(token.name.size());
        const auto first = static_cast<unsigned char>(token.name.front());
        for (const std::size_t specials_too : {std::size_t{0}, std::size_t{1}}) {
            if (token.special && specials_too == 0) continue;
            m_first_bytes[specials_too][first] = true;
            m_any[specials_too] = true;
        }
    }
    std::ranges::sort(m_lengths, std::greater<>{});
    const auto repeated = std::ranges::unique(m_lengths);
    m_lengths.erase(repeated.begin(), repeated.end());
}

std::optional<AddedTokens::Match> AddedTokens::find(std::string_view text, std::size_t from, SpecialTokens special) const {
    const bool specials_too = special == SpecialTokens::AsTokens;
    if (!m_any[specials_too ? 1 : 0]) return std::nullopt;
    const auto& first_bytes = m_first_bytes[specials_too ? 1 : 0];
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!first_bytes[static_cast<unsigned char>(text[at])]) continue;
        if (auto match = match_at(text, from, at, specials_too)) return match;
    }
    return std::nullopt;
}

std::optional<AddedTokens::Match> AddedTokens::match_at(std::string_view text, std::size_t from, std::size_t at, bool specials_too) const {
    for (const std::size_t length : m_lengths) {
        if (length > text.size() - at) continue;
        const AddedToken* token = by_name(text.substr(at, length));
        if (token == nullptr || (token->special && !specials_too)) continue;
        Match match{at, at + length, token->id};
        if (token->whole_word) {
            if (match.begin > 0 && belongs_to_a_word(text, character_before(text, 0, match.begin))) continue;
            if (match.end < text.size() && belongs_to_a_word(text, match.end)) continue;
        }
        while (token->strips_left && match.begin > from) {
            const std::size_t before = character_before(text, from, match.begin);
            if (character_at(text, before).kind != CharacterClass::Space) break;
            match.begin = before;
        }
        while (token->strips_right && match.end < text.size()) {
            const Character next = character_at(text, match.end);
            if (next.kind != CharacterClass::Space) break;
            match.end += next.length;
        }
        return match;
    }
    return std::nullopt;
}

const AddedToken* AddedTokens::by_name(std::string_view name) const {
    const auto found = m_by_name.find(name);
    return found == m_by_name.end() ? nullptr : &m_tokens[found->second];
}

const AddedToken* AddedTokens::by_id(TokenId id) const {
    const auto found = std::ranges::lower_bound(m_tokens, id, {}, &AddedToken::id);
    return found == m_tokens.end() || found->id != id ? nullptr : &*found;
}

}  // namespace lossmith
