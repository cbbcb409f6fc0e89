// A row as the model sees it: ids, labels and what was cut. Training, estimate and Tokens page all come through here.
#include <algorithm>

#include "core/data/Template.h"
#include "core/data/TemplatePattern.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith {
namespace {

Result<TokenId> special_id(const Tokenizer& tokenizer, const std::string& name) {
    if (const auto id = tokenizer.id_of(name)) return *id;
    return failure(Error::bad_input("The template's special token \"" + name + "\" is not in the model's vocabulary.")
                       .with_hint("Add it to the template's added tokens, or choose one that the vocabulary has."));
}

struct SpecialPlace {
    std::size_t begin;
    std::size_t length;
    TokenId id;
};

/// The first special token in `text` at or after `from`; of two at one place the longer.
const std::string* first_special(const std::vector<std::string>& names, std::string_view text, std::size_t from, std::size_t& place) {
    const std::string* best = nullptr;
    place = std::string_view::npos;
    for (const auto& name : names) {
        const auto found = name.empty() ? std::string_view::npos : text.find(name, from);
        if (found == std::string_view::npos) continue;
        if (!best || found < place || (found == place && name.size() > best->size())) {
            best = &name;
            place = found;
        }
    }
    return best;
}

/// Special tokens that the template itself spells out are tokens; the same characters in a cell are text unless the template says
/// otherwise.
std::vector<TokenId> encode_pattern(const Tokenizer& tokenizer, std::string_view pattern, std::string_view placeholder,
                                    std::string_view cell, SpecialTokens in_text) {
    const std::vector<std::string> names = tokenizer.added_tokens();
    std::string text;
    std::vector<SpecialPlace> specials;
    for (const auto& part : pattern_parts(pattern)) {
        if (part.is_placeholder) {
            text += part.text == placeholder ? std::string(cell) : "{" + part.text + "}";
            continue;
        }
        const std::size_t offset = text.size();
        text += part.text;
        std::size_t place = 0;
        std::size_t from = 0;
        while (const std::string* name = first_special(names, part.text, from, place)) {
            if (const auto id = tokenizer.id_of(*name)) specials.push_back({offset + place, name->size(), *id});
            from = place + name->size();
        }
    }

    std::vector<TokenId> ids;
    std::size_t done = 0;
    const auto encode_upto = [&](std::size_t end) {
        if (end == done) return;
        const auto piece = tokenizer.encode(std::string_view(text).substr(done, end - done), in_text);
        ids.insert(ids.end(), piece.begin(), piece.end());
    };
    for (const auto& special : specials) {
        encode_upto(special.begin);
        ids.push_back(special.id);
        done = special.begin + special.length;
    }
    encode_upto(text.size());
    return ids;
}

SpecialTokens special_rule(const TemplateSpec& spec) {
    return spec.special_tokens_in_text ? SpecialTokens::AsTokens : SpecialTokens::AsText;
}

}  // namespace

std::size_t Example::labelled_tokens() const {
    return labels.size() - static_cast<std::size_t>(std::count(labels.begin(), labels.end(), ignore_index));
}

Result<std::vector<std::int32_t>> encode_prompt(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem) {
    for (const auto& name : spec.added_tokens) LOSSMITH_CHECK(special_id(tokenizer, name));
    std::vector<std::int32_t> ids;
    if (!spec.start_token.empty()) ids.push_back(LOSSMITH_TRY(special_id(tokenizer, spec.start_token)));
    const auto prompt = encode_pattern(tokenizer, spec.prompt, "problem", problem, special_rule(spec));
    ids.insert(ids.end(), prompt.begin(), prompt.end());
    return ids;
}

Result<Example> encode_example(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem,
                               const std::string& solution, std::size_t max_length) {
    Example example;
    example.input_ids = LOSSMITH_TRY(encode_prompt(spec, tokenizer, problem));
    example.prompt_tokens = example.input_ids.size();
    const auto completion = encode_pattern(tokenizer, spec.completion, "solution", solution, special_rule(spec));
    example.input_ids.insert(example.input_ids.end(), completion.begin(), completion.end());
    if (!spec.end_token.empty()) example.input_ids.push_back(LOSSMITH_TRY(special_id(tokenizer, spec.end_token)));
    example.ended = !spec.end_token.empty();

    example.labels.assign(example.input_ids.begin(), example.input_ids.end());
    if (spec.labels == LabelRule::SolutionOnly) std::fill_n(example.labels.begin(), example.prompt_tokens, ignore_index);

    if (max_length == 0 || example.input_ids.size() <= max_length) return example;
    example.truncated_tokens = example.input_ids.size() - max_length;
    const auto cut = static_cast<std::ptrdiff_t>(example.truncated_tokens);
    if (spec.truncation_side == TruncationSide::Right) {
        // The end token goes with the rest: the text does not end where it is cut.
        example.input_ids.resize(max_length);
        example.labels.resize(max_length);
        example.ended = false;
        example.prompt_tokens = std::min(example.prompt_tokens, max_length);
    } else {
        example.input_ids.erase(example.input_ids.begin(), example.input_ids.begin() + cut);
        example.labels.erase(example.labels.begin(), example.labels.begin() + cut);
        example.prompt_tokens -= std::min(example.prompt_tokens, example.truncated_tokens);
    }
    return example;
}

Status pad_example(Example& example, const TemplateSpec& spec, const Tokenizer& tokenizer, std::size_t length) {
    if (example.input_ids.size() >= length) return {};
    const std::string& name = !spec.pad_token.empty() ? spec.pad_token : spec.end_token;
    const TokenId id = name.empty() ? 0 : LOSSMITH_TRY(special_id(tokenizer, name));
    example.padding_tokens += length - example.input_ids.size();
    example.input_ids.resize(length, id);
    example.labels.resize(length, spec.label_padding ? id : ignore_index);
    return {};
}

}  // namespace lossmith
