#include "core/tokenizer/VocabularyFiles.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/base/Files.h"
#include "core/base/Json.h"

namespace lossmith {
namespace {

/// Takes {"name": id, …} straight from the parser, without a tree of 50,000 values in between.
class TokenListReader final : public nlohmann::json_sax<Json> {
public:
    explicit TokenListReader(VocabularyBuilder& builder) : m_builder(builder) {}

    bool start_object(std::size_t) override { return m_inside ? refuse() : (m_inside = true); }
    bool key(string_t& name) override {
        m_name.swap(name);
        return true;
    }
    bool number_unsigned(number_unsigned_t value) override {
        constexpr auto most = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
        return add(static_cast<std::int64_t>(value < most ? value : most));
    }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool end_object() override { return true; }

    bool null() override { return refuse(); }
    bool boolean(bool) override { return refuse(); }
    bool number_float(number_float_t, const string_t&) override { return refuse(); }
    bool string(string_t&) override { return refuse(); }
    bool binary(binary_t&) override { return refuse(); }
    bool start_array(std::size_t) override { return refuse(); }
    bool end_array() override { return refuse(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

    /// Why it stopped, unless the JSON itself is broken.
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }

private:
    bool add(std::int64_t id) {
        if (!m_inside) return refuse();
        Status added = m_builder.add_token(m_name, id);
        if (!added) m_error = std::move(added).error();
        return !m_error;
    }
    bool refuse() {
        m_error = Error::bad_input("This is not a vocabulary: it must be one JSON object that gives each token a whole number.");
        return false;
    }

    VocabularyBuilder& m_builder;
    std::string m_name;
    bool m_inside = false;
    std::optional<Error> m_error;
};

Status read_token_list(const std::filesystem::path& path, VocabularyBuilder& builder) {
    builder.set_file(path.string());
    const std::string text = LOSSMITH_TRY(read_file(path, largest_tokenizer_file));
    TokenListReader reader(builder);
    if (Json::sax_parse(text, &reader)) return builder.index_tokens();
    if (reader.error()) {
        Error error = *reader.error();
        if (error.where.file.empty()) error.where.file = path.string();
        return failure(std::move(error));
    }
    LOSSMITH_CHECK(parse_json(text, path.string()));  // says where it is broken
    return failure(Error::bad_input("This is not valid JSON.").in_file(path.string()));
}

/// A "#version" line, then a pair of token names a line, earliest rule first.
Status read_merge_list(const std::filesystem::path& path, VocabularyBuilder& builder) {
    builder.set_file(path.string());
    const std::string text = LOSSMITH_TRY(read_file(path, largest_tokenizer_file));
    std::int64_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with("#version")) continue;
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || space == 0 || space + 1 == line.size() ||
            line.find(' ', space + 1) != std::string_view::npos)
            return failure(
                Error::bad_input("A merge is two token names with one space between them.").in_file(path.string()).at_line(number));
        LOSSMITH_CHECK(builder.add_merge(line.substr(0, space), line.substr(space + 1), number));
    }
    return {};
}

Status read_model(const std::filesystem::path& folder, VocabularyBuilder& builder) {
    const auto has = [&folder](const char* name) {
        std::error_code code;
        return std::filesystem::exists(folder / name, code);
    };
    if (has("tokenizer.json")) return read_tokenizer_json(folder / "tokenizer.json", builder);
    for (const auto& [tokens, merges] : {std::pair{"vocab.json", "merges.txt"}, std::pair{"encoder.json", "vocab.bpe"}}) {
        if (!has(tokens) && !has(merges)) continue;
        const char* lacking = has(tokens) ? merges : tokens;
        if (!has(lacking))
            return failure(
                Error::not_found(std::string("The tokenizer is incomplete: ") + lacking + " is missing.").in_file(folder.string()));
        LOSSMITH_CHECK(read_token_list(folder / tokens, builder));
        return read_merge_list(folder / merges, builder);
    }
    std::error_code code;
    if (!std::filesystem::is_directory(folder, code)) return failure(Error::not_found("There is no such folder.").in_file(folder.string()));
    return failure(Error::not_found("There is no tokenizer in this folder.")
                       .with_hint("It needs tokenizer.json, or vocab.json with merges.txt, or encoder.json with vocab.bpe.")
                       .in_file(folder.string()));
}

}  // namespace

Result<Vocabulary> read_vocabulary(const std::filesystem::path& folder) {
    VocabularyBuilder builder;
    LOSSMITH_CHECK(read_model(folder, builder));
    LOSSMITH_CHECK(read_added_token_files(folder, builder));
    builder.set_file(folder.string());
    // encoder.json does not tell it from the other tokens.
    if (builder.knows(end_of_text)) LOSSMITH_CHECK(builder.add_added({.name = end_of_text, .id = -1}));
    return builder.finish();
}

}  // namespace lossmith
