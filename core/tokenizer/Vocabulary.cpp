#include "core/tokenizer/Vocabulary.h"

#include <algorithm>

#include "core/tokenizer/ByteAlphabet.h"

namespace lossmith {
namespace {

constexpr std::int64_t largest_id = (1 << 24) - 1;
constexpr std::size_t longest_added_name = 4096;

/// A name from a file as it may stand in a sentence.
std::string shown_name(std::string_view name) {
    constexpr std::size_t shown = 60;
    std::size_t length = std::min(name.size(), shown);
    while (length > 0 && length < name.size() && (static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U) --length;
    return "“" + std::string(name.substr(0, length)) + (length < name.size() ? "…”" : "”");
}

}  // namespace

Status VocabularyBuilder::add_token(std::string_view name, std::int64_t id) {
    if (name.empty()) return failure(wrong("The token with id " + std::to_string(id) + " has no name."));
    if (id < 0 || id > largest_id)
        return failure(wrong("The token " + shown_name(name) + " has the id " + std::to_string(id) + ", but ids run from 0 to " +
                             std::to_string(largest_id) + "."));
    m_entries.push_back({m_names.size(), static_cast<std::uint32_t>(name.size()), static_cast<TokenId>(id)});
    m_names += name;
    return {};
}

std::string_view VocabularyBuilder::bytes_named(std::string_view name, std::string& scratch) const {
    scratch.clear();
    return append_bytes_of_name(name, scratch) ? std::string_view(scratch) : name;
}

std::optional<std::size_t> VocabularyBuilder::place_of(std::string_view name) const {
    std::string scratch;
    return m_model.find(bytes_named(name, scratch));
}

Status VocabularyBuilder::index_tokens() {
    if (m_entries.empty()) return failure(wrong("The vocabulary has no tokens."));
    if (!std::ranges::is_sorted(m_entries, {}, &Entry::id)) std::ranges::sort(m_entries, {}, &Entry::id);
    const auto twice = std::ranges::adjacent_find(m_entries, {}, &Entry::id);
    if (twice != m_entries.end())
        return failure(wrong("The tokens " + shown_name(name_of(twice[0])) + " and " + shown_name(name_of(twice[1])) +
                             " both have the id " + std::to_string(twice->id) + "."));

    m_model.reserve(m_entries.size(), m_names.size());
    std::vector<TokenId> literal;
    std::string scratch;
    for (const Entry& entry : m_entries) {
        const std::string_view name = name_of(entry);
        const std::string_view bytes = bytes_named(name, scratch);
        const TokenId place = m_model.append(bytes);
        // A name that is not spelt in the alphabet stands for itself. Should its bytes be another token's, that one is what text becomes.
        if (bytes.data() == name.data()) {
            literal.push_back(place);
        } else if (!m_model.index(place)) {
            return failure(wrong("The token " + shown_name(name) + " is named twice."));
        }
    }
    for (const TokenId place : literal) m_model.index(place);
    return {};
}

Status VocabularyBuilder::add_merge(std::string_view left, std::string_view right, std::int64_t line) {
    const auto refuse = [&](std::string message) {
        Error error = wrong(std::move(message)).with_hint("The merges and the vocabulary must come from the same model.");
        if (line > 0) error.where.line = line;
        return failure(std::move(error));
    };
    const auto left_place = place_of(left);
    if (!left_place) return refuse("A merge names the token " + shown_name(left) + ", which is not in the vocabulary.");
    const auto right_place = place_of(right);
    if (!right_place) return refuse("A merge names the token " + shown_name(right) + ", which is not in the vocabulary.");
    std::string merged(m_model.bytes_of(static_cast<TokenId>(*left_place)));
    merged += m_model.bytes_of(static_cast<TokenId>(*right_place));
    const auto merged_place = m_model.find(merged);
    if (!merged_place)
        return refuse("A merge makes the token " + shown_name(std::string(left) + std::string(right)) +
                      ", which is not in the vocabulary.");
    m_merges.push_back({m_entries[*left_place].id, m_entries[*right_place].id, m_entries[static_cast<std::size_t>(*merged_place)].id});
    return {};
}

Status VocabularyBuilder::add_added(AddedToken token) {
    if (token.name.empty()) return failure(wrong("An added token has no name."));
    if (token.name.size() > longest_added_name)
        return failure(
            wrong("The added token " + shown_name(token.name) + " is longer than " + std::to_string(longest_added_name) + " bytes."));
    if (token.id < -1 || token.id > largest_id)
        return failure(wrong("The added token " + shown_name(token.name) + " has the id " + std::to_string(token.id) +
                             ", but ids run from 0 to " + std::to_string(largest_id) + "."));
    const auto [place, is_new] = m_added_by_name.try_emplace(token.name, m_added.size());
    if (is_new) {
        m_added.push_back(std::move(token));
        return {};
    }
    AddedToken* const known = &m_added[place->second];
    if (known->id >= 0 && token.id >= 0 && known->id != token.id)
        return failure(wrong("The added token " + shown_name(token.name) + " has two ids, " + std::to_string(known->id) + " and " +
                             std::to_string(token.id) + "."));
    known->id = std::max(known->id, token.id);
    known->special = known->special || token.special;
    known->strips_left = known->strips_left || token.strips_left;
    known->strips_right = known->strips_right || token.strips_right;
    known->whole_word = known->whole_word || token.whole_word;
    return {};
}

std::vector<VocabularyBuilder::Entry>::const_iterator VocabularyBuilder::entry_named(std::string_view name) const {
    const auto place = place_of(name);
    if (!place) return m_entries.end();
    const auto entry = m_entries.begin() + static_cast<std::ptrdiff_t>(*place);
    if (name_of(*entry) == name) return entry;
    // Another token has the bytes of this name; one that stands for itself may still be behind it.
    return std::ranges::find_if(m_entries, [&](const Entry& candidate) { return name_of(candidate) == name; });
}

Status VocabularyBuilder::settle_added() {
    // An added token that the model knows by name has the model's id.
    std::int64_t next = m_entries.back().id + 1;
    for (AddedToken& token : m_added) {
        const auto entry = entry_named(token.name);
        if (entry != m_entries.end()) {
            if (token.id >= 0 && token.id != entry->id)
                return failure(wrong("The added token " + shown_name(token.name) + " has the id " + std::to_string(token.id) +
                                     ", but the vocabulary gives it " + std::to_string(entry->id) + "."));
            token.id = entry->id;
        } else if (token.id >= 0) {
            const auto taken = std::ranges::lower_bound(m_entries, token.id, {}, &Entry::id);
            if (taken != m_entries.end() && taken->id == token.id)
                return failure(wrong("The added token " + shown_name(token.name) + " has the id " + std::to_string(token.id) +
                                     " of the token " + shown_name(name_of(*taken)) + "."));
        }
        next = std::max<std::int64_t>(next, token.id + 1);
    }
    for (AddedToken& token : m_added)
        if (token.id < 0) token.id = static_cast<TokenId>(next++);
    std::ranges::sort(m_added, {}, &AddedToken::id);
    const auto twice = std::ranges::adjacent_find(m_added, {}, &AddedToken::id);
    if (twice != m_added.end())
        return failure(wrong("The added tokens " + shown_name(twice[0].name) + " and " + shown_name(twice[1].name) + " both have the id " +
                             std::to_string(twice->id) + "."));
    return {};
}

/// All tokens by id, up to the first gap.
TokenTable VocabularyBuilder::take_tokens() {
    const bool dense = static_cast<std::size_t>(m_entries.back().id) + 1 == m_entries.size();
    TokenTable table;
    if (dense) table = std::move(m_model);
    std::size_t place = table.size();
    std::size_t added = 0;
    while (true) {
        const auto id = static_cast<TokenId>(table.size());
        while (added < m_added.size() && m_added[added].id < id) ++added;
        if (place < m_entries.size() && m_entries[place].id == id) {
            table.append(m_model.bytes_of(static_cast<TokenId>(place++)));
        } else if (added < m_added.size() && m_added[added].id == id) {
            table.append(m_added[added].name);
        } else {
            break;
        }
    }
    if (!dense) {
        // What text merges to is found before a token that only looks the same.
        std::string scratch;
        for (const Entry& entry : m_entries)
            if (bytes_named(name_of(entry), scratch).data() != name_of(entry).data()) table.index(entry.id);
        for (const Entry& entry : m_entries) table.index(entry.id);
    }
    for (const AddedToken& token : m_added) table.index(token.id);
    return table;
}

Result<Vocabulary> VocabularyBuilder::finish() {
    LOSSMITH_CHECK(settle_added());
    Vocabulary vocabulary;
    vocabulary.model_tokens = static_cast<std::size_t>(m_entries.back().id) + 1;
    const std::size_t size = static_cast<std::size_t>(std::max(m_entries.back().id, m_added.empty() ? -1 : m_added.back().id)) + 1;
    vocabulary.tokens = take_tokens();
    if (vocabulary.tokens.size() != size)
        return failure(wrong("No token has the id " + std::to_string(vocabulary.tokens.size()) + ", though there are larger ones.")
                           .with_hint("Ids must run from 0 without gaps; perhaps a file with added tokens is missing."));
    vocabulary.merges = std::move(m_merges);
    vocabulary.added = std::move(m_added);
    vocabulary.roles = std::move(m_roles);
    return vocabulary;
}

}  // namespace lossmith
