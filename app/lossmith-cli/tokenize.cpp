// `tokenize`: text from standard input to ids, or ids to text.
#include <charconv>
#include <cstdio>
#include <memory>
#include <span>

#include "app/lossmith-cli/StandardInput.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::cli {
namespace {

struct TokenizeCall {
    std::string model;
    bool json_lines = false;
    bool decode = false;
    bool special_tokens = false;

    [[nodiscard]] SpecialTokens special() const { return special_tokens ? SpecialTokens::AsTokens : SpecialTokens::AsText; }
};

void append_ids(std::string& text, std::span<const TokenId> ids, char between) {
    char digits[16];
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0) text += between;
        const auto end = std::to_chars(digits, digits + sizeof digits, ids[i]).ptr;
        text.append(digits, end);
    }
}

Status check_known(const Tokenizer& tokenizer, std::int64_t id) {
    if (id >= 0 && id < tokenizer.size()) return {};
    return failure(Error::bad_input("There is no token with the id " + std::to_string(id) + "; they run from 0 to " +
                                    std::to_string(tokenizer.size() - 1) + "."));
}

/// "15496 995 …", with any white space between.
Result<std::vector<TokenId>> ids_in_text(const Tokenizer& tokenizer, std::string_view text) {
    std::vector<TokenId> ids;
    constexpr std::string_view space = " \t\r\n";
    for (std::size_t begin = text.find_first_not_of(space); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(space, begin), text.size());
        std::int64_t id = -1;
        const auto parsed = std::from_chars(text.data() + begin, text.data() + end, id);
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + end)
            return failure(Error::bad_input("The " + std::to_string(ids.size() + 1) + ". word of standard input is not a token's id.")
                               .with_hint("Give whole numbers with spaces between them, or JSON arrays with --json-lines."));
        LOSSMITH_CHECK(check_known(tokenizer, id));
        ids.push_back(static_cast<TokenId>(id));
        begin = text.find_first_not_of(space, end);
    }
    return ids;
}

Result<std::vector<TokenId>> ids_in_json(const Tokenizer& tokenizer, const Json& json) {
    const auto wrong = [] {
        return failure(Error::bad_input("With --json-lines and --decode each line must be a JSON array of token ids."));
    };
    if (!json.is_array()) return wrong();
    std::vector<TokenId> ids;
    ids.reserve(json.size());
    for (const Json& id : json) {
        if (!id.is_number_integer()) return wrong();
        LOSSMITH_CHECK(check_known(tokenizer, id.get<std::int64_t>()));
        ids.push_back(id.get<TokenId>());
    }
    return ids;
}

/// The answer to one line, with a line end.
Result<std::string> answer(const Tokenizer& tokenizer, const TokenizeCall& call, std::string_view line) {
    const Json json = LOSSMITH_TRY(parse_json(line));
    if (call.decode) {
        const auto ids = LOSSMITH_TRY(ids_in_json(tokenizer, json));
        return Json(tokenizer.decode(ids)).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    if (!json.is_string()) return failure(Error::bad_input("With --json-lines each line must be a JSON string."));
    std::string text = "[";
    append_ids(text, tokenizer.encode(json.get_ref<const std::string&>(), call.special()), ',');
    return text + "]\n";
}

Status tokenize_lines(const Context& context, const Tokenizer& tokenizer, const TokenizeCall& call, StandardInput& input) {
    for (std::int64_t number = 1;; ++number) {
        const auto line = LOSSMITH_TRY(input.next_line());
        if (!line) return {};
        if (context.cancelled().is_cancelled()) return failure(Error::cancelled());
        auto text = answer(tokenizer, call, *line);
        if (!text) return failure(std::move(text).error().in_file("standard input").at_line(number));
        context.print(*text);
        if (std::ferror(stdout) != 0) return failure(Error::io("The answer could not be written to standard output."));
    }
}

Status run(const Context& context, const TokenizeCall& call) {
    if (context.json() && call.json_lines)
        return failure(
            Error::bad_input("--json and --json-lines exclude each other.").with_hint("--json takes all of standard input as one text."));
    const auto tokenizer = LOSSMITH_TRY(call.model.empty() ? Tokenizer::gpt2() : Tokenizer::from_folder(call.model));
    StandardInput input(context.cancelled(), [] { std::fflush(stdout); });
    if (call.json_lines) return tokenize_lines(context, *tokenizer, call, input);

    const std::string all = LOSSMITH_TRY(input.rest());
    if (call.decode) {
        const std::string text = tokenizer->decode(LOSSMITH_TRY(ids_in_text(*tokenizer, all)));
        if (context.json())
            context.print_json(text);
        else
            context.print(text);
        return {};
    }
    std::string ids;
    append_ids(ids, tokenizer->encode(all, call.special()), context.json() ? ',' : ' ');
    context.print(context.json() ? "[" + ids + "]\n" : ids + "\n");
    return {};
}

}  // namespace

void add_tokenize(CLI::App& app, Context& context) {
    auto call = std::make_shared<TokenizeCall>();
    Verb verb =
        context.add_verb(app, "tokenize", "Text from standard input to token ids. The text is taken as it is: a line end is part of it.",
                         [call, &context] { return run(context, *call); });
    verb.add_option("--model", call->model, "A Hugging Face folder with a tokenizer; without it, GPT-2's own vocabulary").type_name("DIR");
    verb.add_flag("--json-lines", call->json_lines, "A JSON string a line in, a JSON array of ids a line out");
    verb.add_flag("--decode", call->decode,
                  "The other way: ids to text, exact to the byte; in JSON, bytes that are no UTF-8 become U+FFFD");
    verb.add_flag("--special-tokens", call->special_tokens, "Take a literal “<|endoftext|>” in the text as the token, not as text");
}

}  // namespace lossmith::cli
