// What a folder of tokenizer files says, checked: the tokens, the merges, the added tokens and the parts they play.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/Result.h"
#include "core/tokenizer/AddedTokens.h"
#include "core/tokenizer/BytePairMerger.h"
#include "core/tokenizer/TokenTable.h"

namespace lossmith {

/// The special token that GPT-2's own vocabulary has: it begins, ends and stands for the unknown.
inline constexpr const char* end_of_text = "<|endoftext|>";

struct Vocabulary {
    TokenTable tokens;              ///< without gaps; those that were only added have their names as bytes
    std::size_t model_tokens = 0;   ///< ids below this are in the byte-pair model's own vocabulary
    std::vector<MergeRule> merges;  ///< by rank
    std::vector<AddedToken> added;
    std::map<std::string, std::string> roles;  ///< "eos_token" → "<|endoftext|>", as tokenizer_config.json has them
};

/// The seven keys of tokenizer_config.json that name one token each, in the order transformers adds them.
inline constexpr const char* role_names[] = {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

/// Collects tokens in any order and makes a Vocabulary of them if they are one.
class VocabularyBuilder {
public:
    /// Names the file that errors are about from here on.
    void set_file(std::string file) { m_file = std::move(file); }

    /// A token of the model's vocabulary, spelt in the byte alphabet.
    [[nodiscard]] Status add_token(std::string_view name, std::int64_t id);

    /// An added token; id -1: the one it has already, else the next free one. Named again, it must have the same id;
    /// it is special if it was so anywhere.
    [[nodiscard]] Status add_added(AddedToken token);

    [[nodiscard]] bool knows(std::string_view name) const {
        return m_added_by_name.contains(std::string(name)) || entry_named(name) != m_entries.end();
    }

    /// "eos_token" and the like. The token must be added too.
    void set_role(const std::string& role, const std::string& name) { m_roles[role] = name; }

    /// A merge rule by the names of its halves; `line` is for errors and may be 0.
    [[nodiscard]] Status add_merge(std::string_view left, std::string_view right, std::int64_t line);

    /// Ends the list of the model's tokens; merges may be added from here on. Gaps may still be closed by added tokens.
    [[nodiscard]] Status index_tokens();

    [[nodiscard]] Result<Vocabulary> finish();

private:
    struct Entry {
        std::size_t begin;
        std::uint32_t length;
        TokenId id;
    };
    [[nodiscard]] std::string_view name_of(const Entry& entry) const { return std::string_view(m_names).substr(entry.begin, entry.length); }
    [[nodiscard]] Error wrong(std::string message) const { return Error::bad_input(std::move(message)).in_file(m_file); }
    [[nodiscard]] std::optional<std::size_t> place_of(std::string_view name) const;
    [[nodiscard]] std::vector<Entry>::const_iterator entry_named(std::string_view name) const;
    [[nodiscard]] std::string_view bytes_named(std::string_view name, std::string& scratch) const;
    [[nodiscard]] Status settle_added();
    [[nodiscard]] TokenTable take_tokens();

    std::string m_file;
    std::string m_names;  ///< all names, one after another
    std::vector<Entry> m_entries;
    TokenTable m_model;  ///< the model's tokens by their places in m_entries
    std::vector<MergeRule> m_merges;
    std::vector<AddedToken> m_added;
    std::unordered_map<std::string, std::size_t> m_added_by_name;
    std::map<std::string, std::string> m_roles;
};

}  // namespace lossmith
