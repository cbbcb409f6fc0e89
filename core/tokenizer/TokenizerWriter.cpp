#include "core/tokenizer/TokenizerWriter.h"

#include <algorithm>

#include "core/base/Files.h"
#include "core/base/Json.h"
#include "core/tokenizer/ByteAlphabet.h"

namespace lossmith {
namespace {

using OrderedJson = nlohmann::ordered_json;

bool is_valid_json_text(const std::string& text) {
    try {
        static_cast<void>(Json(text).dump());
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

/// A token's name in vocab.json: an added token's own, and the byte alphabet's for all others.
std::vector<std::string> names_of(const Vocabulary& vocabulary, const std::vector<AddedToken>& added) {
    std::vector<std::string> names(vocabulary.model_tokens);
    for (std::size_t id = 0; id < names.size(); ++id) names[id] = name_of_bytes(vocabulary.tokens.bytes_of(static_cast<TokenId>(id)));
    for (const AddedToken& token : added)
        if (static_cast<std::size_t>(token.id) < names.size()) names[static_cast<std::size_t>(token.id)] = token.name;
    return names;
}

/// {"!": 0, …} in the order of ids, which a tree of 50,000 members would not keep cheaply.
std::string token_list(const std::vector<std::string>& names) {
    std::string text = "{";
    for (std::size_t id = 0; id < names.size(); ++id) {
        if (id > 0) text += ", ";
        text += Json(names[id]).dump() + ": " + std::to_string(id);
    }
    return text + "}";
}

std::string merge_list(const Vocabulary& vocabulary, const std::vector<std::string>& names, const char* before, const char* after) {
    std::string text;
    for (const MergeRule& rule : vocabulary.merges)
        text += before + names[static_cast<std::size_t>(rule.left)] + " " + names[static_cast<std::size_t>(rule.right)] + after;
    return text;
}

OrderedJson settings_of(const AddedToken& token) {
    OrderedJson json;
    json["content"] = token.name;
    json["single_word"] = token.whole_word;
    json["lstrip"] = token.strips_left;
    json["rstrip"] = token.strips_right;
    json["normalized"] = false;
    json["special"] = token.special;
    return json;
}

OrderedJson byte_level(bool trim_offsets) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", trim_offsets}, {"use_regex", true}};
}

/// All of tokenizer.json but the model's tokens and merges, which are put in as text.
std::string tokenizer_json(const Vocabulary& vocabulary, const std::vector<AddedToken>& added, const std::vector<std::string>& names) {
    OrderedJson tokens = OrderedJson::array();
    for (const AddedToken& token : added) {
        OrderedJson json;
        json["id"] = token.id;
        json.update(settings_of(token));
        tokens.push_back(std::move(json));
    }
    OrderedJson root;
    root["version"] = "1.0";
    root["truncation"] = nullptr;
    root["padding"] = nullptr;
    root["added_tokens"] = std::move(tokens);
    root["normalizer"] = nullptr;
    root["pre_tokenizer"] = byte_level(true);
    root["post_processor"] = byte_level(false);
    root["decoder"] = byte_level(true);
    std::string text = root.dump(2);
    text.resize(text.size() - 2);  // its closing bracket, and the line before it
    text +=
        ",\n  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": null,\n"
        "    \"continuing_subword_prefix\": \"\",\n    \"end_of_word_suffix\": \"\",\n    \"fuse_unk\": false,\n"
        "    \"byte_fallback\": false,\n    \"ignore_merges\": false,\n    \"vocab\": " +
        token_list(names) + ",\n    \"merges\": [";
    bool first = true;
    for (const MergeRule& rule : vocabulary.merges) {
        text += first ? "\n" : ",\n";
        first = false;
        text += "      " + Json(names[static_cast<std::size_t>(rule.left)] + " " + names[static_cast<std::size_t>(rule.right)]).dump();
    }
    return text + "\n    ]\n  }\n}\n";
}

/// The roles the files gave, else GPT-2's own: "<|endoftext|>" begins, ends and stands for the unknown.
OrderedJson roles_of(const Vocabulary& vocabulary, const std::vector<AddedToken>& added) {
    const bool has_end = std::ranges::find(added, end_of_text, &AddedToken::name) != added.end();
    std::vector<std::string> in_a_role;
    OrderedJson roles = OrderedJson::object();
    for (const std::string role : role_names) {
        const auto given = vocabulary.roles.find(role);
        const bool gpt2_has = role == "bos_token" || role == "eos_token" || role == "unk_token";
        if (given != vocabulary.roles.end()) {
            roles[role] = given->second;
        } else if (gpt2_has && has_end) {
            roles[role] = end_of_text;
        } else {
            continue;
        }
        in_a_role.push_back(roles[role].get<std::string>());
    }
    OrderedJson others = OrderedJson::array();
    for (const AddedToken& token : added)
        if (token.special && std::ranges::find(in_a_role, token.name) == in_a_role.end()) others.push_back(token.name);
    if (!others.empty()) roles["additional_special_tokens"] = std::move(others);
    return roles;
}

}  // namespace

Status write_tokenizer(const Vocabulary& vocabulary, const std::vector<AddedToken>& added, const std::filesystem::path& folder) {
    for (const AddedToken& token : added)
        if (!is_valid_json_text(token.name))
            return failure(
                Error::bad_input("The added token with id " + std::to_string(token.id) + " is not UTF-8 text, so no file can name it.")
                    .in_file(folder.string()));
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code) return failure(Error::io("The folder could not be made: " + code.message() + ".").in_file(folder.string()));

    const std::vector<std::string> names = names_of(vocabulary, added);
    const OrderedJson roles = roles_of(vocabulary, added);
    OrderedJson decoder = OrderedJson::object();
    for (const AddedToken& token : added) decoder[std::to_string(token.id)] = settings_of(token);
    OrderedJson config;
    config["add_prefix_space"] = false;
    config["added_tokens_decoder"] = std::move(decoder);
    config.update(roles);
    config["clean_up_tokenization_spaces"] = false;
    config["tokenizer_class"] = "GPT2Tokenizer";

    LOSSMITH_CHECK(write_file_atomically(folder / "vocab.json", token_list(names)));
    LOSSMITH_CHECK(write_file_atomically(folder / "merges.txt", "#version: 0.2\n" + merge_list(vocabulary, names, "", "\n")));
    LOSSMITH_CHECK(write_file_atomically(folder / "special_tokens_map.json", roles.dump(2) + "\n"));
    LOSSMITH_CHECK(write_file_atomically(folder / "tokenizer_config.json", config.dump(2) + "\n"));
    return write_file_atomically(folder / "tokenizer.json", tokenizer_json(vocabulary, added, names));
}

}  // namespace lossmith
