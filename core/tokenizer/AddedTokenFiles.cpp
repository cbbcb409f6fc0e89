// Reads the small files that say which tokens were added to a vocabulary and what part each plays.
#include <charconv>

#include "core/base/Json.h"
#include "core/tokenizer/VocabularyFiles.h"

namespace lossmith {
namespace {

bool flag(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// A token's name as the role keys hold it: "<pad>" or {"content": "<pad>", …}; empty when there is none.
std::string name_in(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object() && value.contains("content") && value["content"].is_string()) return value["content"].get<std::string>();
    return {};
}

Status add_special(const Json& value, VocabularyBuilder& builder) {
    const std::string name = name_in(value);
    if (name.empty()) return {};
    return builder.add_added({.name = name});
}

/// The keys that special_tokens_map.json and tokenizer_config.json have in common.
Status read_roles(const Json& settings, VocabularyBuilder& builder) {
    for (const char* role : role_names) {
        if (!settings.contains(role)) continue;
        const std::string name = name_in(settings[role]);
        if (name.empty()) continue;
        LOSSMITH_CHECK(builder.add_added({.name = name}));
        builder.set_role(role, name);
    }
    for (const char* list : {"additional_special_tokens", "extra_special_tokens"}) {
        if (!settings.contains(list) || !settings[list].is_structured()) continue;
        for (const Json& token : settings[list]) LOSSMITH_CHECK(add_special(token, builder));
    }
    return {};
}

/// {"<name>": id}
Status read_added_tokens(const Json& tokens, VocabularyBuilder& builder, const std::string& file) {
    for (const auto& [name, id] : tokens.items()) {
        const Json token = {{"content", name}, {"special", false}};
        LOSSMITH_CHECK(builder.add_added(LOSSMITH_TRY(added_token_from_json(token, id, file))));
    }
    return {};
}

/// {"50256": {"content": "<|endoftext|>", "special": true, …}}
Status read_added_tokens_decoder(const Json& tokens, VocabularyBuilder& builder, const std::string& file) {
    for (const auto& [number, token] : tokens.items()) {
        std::int64_t id = -1;
        const char* end = number.data() + number.size();
        const auto parsed = std::from_chars(number.data(), end, id);
        if (parsed.ec != std::errc{} || parsed.ptr != end)
            return failure(Error::bad_input("“added_tokens_decoder” has a key that is no token's id.").in_file(file));
        LOSSMITH_CHECK(builder.add_added(LOSSMITH_TRY(added_token_from_json(token, id, file))));
    }
    return {};
}

}  // namespace

Result<AddedToken> added_token_from_json(const Json& token, const Json& id, const std::string& file) {
    if (!token.is_object() || name_in(token).empty())
        return failure(Error::bad_input("An added token must be an object with a “content” that is not empty.").in_file(file));
    AddedToken added{.name = name_in(token),
                     .special = flag(token, "special"),
                     .strips_left = flag(token, "lstrip"),
                     .strips_right = flag(token, "rstrip"),
                     .whole_word = flag(token, "single_word")};
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max())
        return failure(Error::bad_input("The added token “" + added.name + "” must have a whole number as its id.").in_file(file));
    added.id = id.get<TokenId>();
    return added;
}

Status read_added_token_files(const std::filesystem::path& folder, VocabularyBuilder& builder) {
    for (const char* name : {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}) {
        const std::filesystem::path path = folder / name;
        std::error_code code;
        if (!std::filesystem::exists(path, code)) continue;
        builder.set_file(path.string());
        const Json settings = LOSSMITH_TRY(read_json_file(path, largest_tokenizer_file));
        if (!settings.is_object()) return failure(Error::bad_input("This file must be one JSON object.").in_file(path.string()));
        if (path.filename() == "added_tokens.json") {
            LOSSMITH_CHECK(read_added_tokens(settings, builder, path.string()));
            continue;
        }
        if (flag(settings, "add_prefix_space"))
            return failure(Error::unsupported("This tokenizer puts a space before each text (“add_prefix_space”), which GPT-2's does not.")
                               .in_file(path.string()));
        if (settings.contains("added_tokens_decoder") && settings["added_tokens_decoder"].is_object())
            LOSSMITH_CHECK(read_added_tokens_decoder(settings["added_tokens_decoder"], builder, path.string()));
        LOSSMITH_CHECK(read_roles(settings, builder));
    }
    return {};
}

}  // namespace lossmith
