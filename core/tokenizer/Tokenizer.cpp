#include "core/tokenizer/Tokenizer.h"

#include <algorithm>

#include "core/base/Resources.h"
#include "core/tokenizer/AddedTokens.h"
#include "core/tokenizer/BytePairModel.h"
#include "core/tokenizer/TokenizerWriter.h"
#include "core/tokenizer/VocabularyFiles.h"

namespace lossmith {
namespace {

/// Names that vocabulary files spell as they are, so that such a name in the vocabulary is the very token.
bool is_spelt_plainly(std::string_view name) {
    return std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
}

}  // namespace

struct Tokenizer::Tables {
    Tables(std::shared_ptr<const BytePairModel> pairs, std::vector<AddedToken> tokens, std::size_t size)
        : model(std::move(pairs)), added(std::move(tokens)), token_count(size) {
        const auto& roles = model->vocabulary().roles;
        const auto role = roles.find("unk_token");
        const AddedToken* token = role == roles.end() ? nullptr : added.by_name(role->second);
        if (token != nullptr) unknown = token->id;
    }

    /// Calls `on_text(begin, end)` and `on_token(match)` for the stretches that `text` falls into, in order.
    template <typename OnText, typename OnToken>
    void split(std::string_view text, SpecialTokens special, OnText on_text, OnToken on_token) const {
        for (std::size_t at = 0; at < text.size();) {
            const auto match = added.find(text, at, special);
            const std::size_t end = match ? match->begin : text.size();
            if (end > at) on_text(at, end);
            if (match) on_token(*match);
            at = match ? match->end : end;
        }
    }

    std::shared_ptr<const BytePairModel> model;
    AddedTokens added;
    std::size_t token_count;
    std::optional<TokenId> unknown;  ///< what a byte without a token becomes
};

Tokenizer::Tokenizer(std::shared_ptr<const Tables> tables) : m_tables(std::move(tables)) {}
Tokenizer::~Tokenizer() = default;

Result<std::shared_ptr<const Tokenizer>> Tokenizer::from_folder(const std::filesystem::path& folder) {
    Vocabulary vocabulary = LOSSMITH_TRY(read_vocabulary(folder));
    std::vector<AddedToken> added = vocabulary.added;
    const std::size_t size = vocabulary.tokens.size();
    auto model = std::make_shared<const BytePairModel>(std::move(vocabulary));
    auto tables = std::make_shared<const Tables>(std::move(model), std::move(added), size);
    return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(tables)));
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::gpt2() {
    return from_folder(LOSSMITH_TRY(resource("gpt2-vocabulary")));
}

std::shared_ptr<const Tokenizer> Tokenizer::with_added_tokens(std::span<const std::string> names) const {
    std::vector<AddedToken> added = m_tables->added.all();
    std::size_t size = m_tables->token_count;
    for (const std::string& name : names) {
        if (name.empty()) continue;
        const auto known = std::ranges::find(added, name, &AddedToken::name);
        if (known != added.end()) {
            known->special = true;
            continue;
        }
        const auto id = is_spelt_plainly(name) ? m_tables->model->vocabulary().tokens.find(name) : std::nullopt;
        added.push_back({.name = name, .id = id ? *id : static_cast<TokenId>(size++)});
    }
    auto tables = std::make_shared<const Tables>(m_tables->model, std::move(added), size);
    return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(tables)));
}

std::vector<TokenId> Tokenizer::encode(std::string_view text, SpecialTokens special) const {
    std::vector<TokenId> ids;
    if (text.empty()) return ids;
    ids.reserve(text.size() / 4 + 8);
    BytePairModel::Loan loan(*m_tables->model);
    m_tables->split(
        text, special,
        [&](std::size_t begin, std::size_t end) { BytePairModel::encode(text.substr(begin, end - begin), loan.workspace(), ids); },
        [&](const AddedTokens::Match& match) { ids.push_back(match.id); });
    if (m_tables->model->lacks_bytes()) {
        if (m_tables->unknown) {
            for (TokenId& id : ids) id = id < 0 ? *m_tables->unknown : id;
        } else {
            std::erase_if(ids, [](TokenId id) { return id < 0; });
        }
    }
    return ids;
}

std::vector<Tokenizer::Piece> Tokenizer::encode_with_offsets(std::string_view text, SpecialTokens special) const {
    std::vector<Piece> pieces;
    if (text.empty()) return pieces;
    pieces.reserve(text.size() / 4 + 8);
    BytePairModel::Loan loan(*m_tables->model);
    std::vector<TokenId> ids;
    m_tables->split(
        text, special,
        [&](std::size_t begin, std::size_t end) {
            ids.clear();
            BytePairModel::encode(text.substr(begin, end - begin), loan.workspace(), ids);
            for (const TokenId id : ids) {
                const std::size_t length = id < 0 ? 1 : bytes_of(id).size();
                if (id >= 0 || m_tables->unknown) pieces.push_back({id < 0 ? *m_tables->unknown : id, begin, begin + length});
                begin += length;
            }
        },
        [&](const AddedTokens::Match& match) { pieces.push_back({match.id, match.begin, match.end}); });
    return pieces;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special_tokens) const {
    std::string text;
    text.reserve(ids.size() * 4);
    for (const TokenId id : ids)
        if (!skip_special_tokens || !is_special(id)) text += bytes_of(id);
    return text;
}

std::string_view Tokenizer::bytes_of(TokenId id) const {
    const TokenTable& tokens = m_tables->model->vocabulary().tokens;
    if (id >= 0 && static_cast<std::size_t>(id) < tokens.size()) return tokens.bytes_of(id);
    const AddedToken* added = m_tables->added.by_id(id);
    return added == nullptr ? std::string_view() : added->name;
}

std::optional<TokenId> Tokenizer::id_of(std::string_view bytes) const {
    if (const AddedToken* added = m_tables->added.by_name(bytes)) return added->id;
    return m_tables->model->vocabulary().tokens.find(bytes);
}

bool Tokenizer::is_special(TokenId id) const {
    const AddedToken* added = m_tables->added.by_id(id);
    return added != nullptr && added->special;
}

std::int64_t Tokenizer::size() const {
    return static_cast<std::int64_t>(m_tables->token_count);
}

std::vector<std::string> Tokenizer::added_tokens() const {
    std::vector<std::string> names;
    for (const AddedToken& token : m_tables->added.all())
        if (token.special) names.push_back(token.name);
    return names;
}

Status Tokenizer::save(const std::filesystem::path& folder) const {
    return write_tokenizer(m_tables->model->vocabulary(), m_tables->added.all(), folder);
}

}  // namespace lossmith
