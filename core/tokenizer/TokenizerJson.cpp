// Reads tokenizer.json and refuses what would give other ids than byte-level BPE of GPT-2's kind.
#include "core/base/Json.h"
#include "core/tokenizer/VocabularyFiles.h"

namespace lossmith {
namespace {

const Json& member(const Json& object, const char* name) {
    static const Json absent;
    if (!object.is_object()) return absent;
    const auto found = object.find(name);
    return found == object.end() ? absent : *found;
}

bool is_text(const Json& value, const char* text) {
    return value.is_string() && value.get_ref<const std::string&>() == text;
}
bool is_true(const Json& value) {
    return value.is_boolean() && value.get<bool>();
}
bool is_false(const Json& value) {
    return value.is_boolean() && !value.get<bool>();
}
bool is_absent_or_empty(const Json& value) {
    return value.is_null() || is_text(value, "");
}

/// A Sequence of one is that one; a Sequence of none is nothing.
const Json& unwrapped(const Json& stage, const char* parts_name) {
    static const Json nothing;
    const Json& parts = member(stage, parts_name);
    if (!is_text(member(stage, "type"), "Sequence") || !parts.is_array() || parts.size() > 1) return stage;
    return parts.empty() ? nothing : parts.front();
}

/// What makes these files' ids other than ours, in words; empty when nothing does.
std::string difference_from_gpt2(const Json& root, const Json& model) {
    const Json& type = member(model, "type");
    if (!type.is_null() && !is_text(type, "BPE")) return "its model is " + type.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!unwrapped(member(root, "normalizer"), "normalizers").is_null()) return "it changes the text before splitting it (“normalizer”)";
    const Json& splitter = unwrapped(member(root, "pre_tokenizer"), "pretokenizers");
    if (!is_text(member(splitter, "type"), "ByteLevel")) return "it does not split text as GPT-2 does (“pre_tokenizer” is not ByteLevel)";
    if (is_false(member(splitter, "use_regex"))) return "it does not split text as GPT-2 does (“use_regex” is off)";
    if (is_true(member(splitter, "add_prefix_space"))) return "it puts a space before each text (“add_prefix_space”)";
    if (!is_absent_or_empty(member(model, "continuing_subword_prefix")))
        return "it marks the inside of words (“continuing_subword_prefix”)";
    if (!is_absent_or_empty(member(model, "end_of_word_suffix"))) return "it marks the ends of words (“end_of_word_suffix”)";
    if (is_true(member(model, "byte_fallback"))) return "it has tokens for single bytes beside those for characters (“byte_fallback”)";
    if (is_true(member(model, "ignore_merges"))) return "it takes whole words before merging (“ignore_merges”)";
    if (member(model, "dropout").is_number() && member(model, "dropout").get<double>() != 0.0) return "it merges at random (“dropout”)";
    return {};
}

Status read_tokens(const Json& vocabulary, VocabularyBuilder& builder, const std::string& file) {
    const auto wrong = [&file] {
        return failure(
            Error::bad_input("The vocabulary (“model.vocab”) must be an object that gives each token a whole number.").in_file(file));
    };
    if (!vocabulary.is_object()) return wrong();
    for (const auto& [name, id] : vocabulary.items()) {
        if (!id.is_number_integer()) return wrong();
        // A number above the signed range wraps to a negative one, which is refused as well.
        LOSSMITH_CHECK(builder.add_token(name, id.get<std::int64_t>()));
    }
    return builder.index_tokens();
}

/// Both forms in use: "a b", and ["a", "b"].
Status read_merges(const Json& merges, VocabularyBuilder& builder, const std::string& file) {
    const auto wrong = [&file] {
        return failure(Error::bad_input("The merges (“model.merges”) must be a list of “a b” or [“a”, “b”].").in_file(file));
    };
    if (!merges.is_array()) return wrong();
    for (const Json& merge : merges) {
        if (merge.is_string()) {
            const std::string_view pair = merge.get_ref<const std::string&>();
            const std::size_t space = pair.find(' ');
            if (space == std::string_view::npos || pair.find(' ', space + 1) != std::string_view::npos) return wrong();
            LOSSMITH_CHECK(builder.add_merge(pair.substr(0, space), pair.substr(space + 1), 0));
        } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            LOSSMITH_CHECK(builder.add_merge(merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>(), 0));
        } else {
            return wrong();
        }
    }
    return {};
}

}  // namespace

Status read_tokenizer_json(const std::filesystem::path& path, VocabularyBuilder& builder) {
    const std::string file = path.string();
    builder.set_file(file);
    const Json root = LOSSMITH_TRY(read_json_file(path, largest_tokenizer_file));
    const Json& model = member(root, "model");
    if (!model.is_object()) return failure(Error::bad_input("This is not a tokenizer: it has no “model”.").in_file(file));
    if (const std::string difference = difference_from_gpt2(root, model); !difference.empty())
        return failure(Error::unsupported("This tokenizer is not GPT-2's kind of byte-level BPE: " + difference + ".")
                           .with_hint("Choose a model with GPT-2's tokenizer.")
                           .in_file(file));
    LOSSMITH_CHECK(read_tokens(member(model, "vocab"), builder, file));
    LOSSMITH_CHECK(read_merges(member(model, "merges"), builder, file));
    const Json& added = member(root, "added_tokens");
    if (added.is_null()) return {};
    if (!added.is_array()) return failure(Error::bad_input("“added_tokens” must be a list.").in_file(file));
    for (const Json& token : added)
        LOSSMITH_CHECK(builder.add_added(LOSSMITH_TRY(added_token_from_json(token, member(token, "id"), file))));
    return {};
}

}  // namespace lossmith
