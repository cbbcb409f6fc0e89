// A row as the model sees it: ids, labels and what was cut. Training, estimate and Tokens page all come through here.
#include <algorithm>

#include "core/data/ExampleView.h"
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

/// A pattern filled with its cell, as tokens with the bytes they stand for.
struct FilledPattern {
    std::string text;
    CellPlace cell;
    std::vector<Tokenizer::Piece> pieces;
};

/// Special tokens that the template itself spells out are tokens; the same characters in a cell are text unless the template says
/// otherwise.
FilledPattern encode_pattern(const Tokenizer& tokenizer, std::string_view pattern, std::string_view placeholder, std::string_view cell,
                             SpecialTokens in_text) {
    const std::vector<std::string> names = tokenizer.added_tokens();
    FilledPattern filled;
    std::string& text = filled.text;
    std::vector<SpecialPlace> specials;
    for (const auto& part : pattern_parts(pattern)) {
        if (part.is_placeholder) {
            const bool is_cell = part.text == placeholder;
            if (is_cell) filled.cell = {text.size(), text.size() + cell.size()};
            text += is_cell ? std::string(cell) : "{" + part.text + "}";
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

    std::size_t done = 0;
    const auto encode_upto = [&](std::size_t end) {
        if (end == done) return;
        for (const Tokenizer::Piece& piece : tokenizer.encode_with_offsets(std::string_view(text).substr(done, end - done), in_text))
            filled.pieces.push_back({piece.id, done + piece.begin, done + piece.end});
    };
    for (const auto& special : specials) {
        encode_upto(special.begin);
        filled.pieces.push_back({special.id, special.begin, special.begin + special.length});
        done = special.begin + special.length;
    }
    encode_upto(text.size());
    return filled;
}

SpecialTokens special_rule(const TemplateSpec& spec) {
    return spec.special_tokens_in_text ? SpecialTokens::AsTokens : SpecialTokens::AsText;
}

/// Start token and prompt.
Status put_prompt(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem, ExampleView& view) {
    for (const auto& name : spec.added_tokens) LOSSMITH_CHECK(special_id(tokenizer, name));
    if (!spec.start_token.empty()) view.tokens.push_back({LOSSMITH_TRY(special_id(tokenizer, spec.start_token)), 0, 0, TokenKind::Start});
    FilledPattern prompt = encode_pattern(tokenizer, spec.prompt, "problem", problem, special_rule(spec));
    for (const auto& piece : prompt.pieces) view.tokens.push_back({piece.id, piece.begin, piece.end, TokenKind::Prompt});
    view.text = std::move(prompt.text);
    view.problem = prompt.cell;
    return {};
}

/// Completion and end token.
Status put_completion(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& solution, ExampleView& view) {
    const FilledPattern completion = encode_pattern(tokenizer, spec.completion, "solution", solution, special_rule(spec));
    const std::size_t offset = view.text.size();
    for (const auto& piece : completion.pieces)
        view.tokens.push_back({piece.id, offset + piece.begin, offset + piece.end, TokenKind::Completion});
    view.text += completion.text;
    view.solution = {offset + completion.cell.begin, offset + completion.cell.end};
    if (!spec.end_token.empty())
        view.tokens.push_back({LOSSMITH_TRY(special_id(tokenizer, spec.end_token)), view.text.size(), view.text.size(), TokenKind::End});
    return {};
}

/// From the right the end token goes with the rest: the text does not end where it is cut.
void cut(TruncationSide side, std::size_t max_length, ExampleView& view) {
    if (max_length == 0 || view.tokens.size() <= max_length) return;
    const auto many = static_cast<std::ptrdiff_t>(view.tokens.size() - max_length);
    const auto first = side == TruncationSide::Left ? view.tokens.begin() : view.tokens.end() - many;
    std::for_each(first, first + many, [](ExampleToken& token) { token.truncated = true; });
}

Result<TokenId> padding_token(const TemplateSpec& spec, const Tokenizer& tokenizer) {
    const std::string& name = !spec.pad_token.empty() ? spec.pad_token : spec.end_token;
    if (name.empty()) return 0;
    return special_id(tokenizer, name);
}

}  // namespace

std::size_t Example::labelled_tokens() const {
    return labels.size() - static_cast<std::size_t>(std::count(labels.begin(), labels.end(), ignore_index));
}

Result<std::vector<std::int32_t>> encode_prompt(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem) {
    ExampleView view;
    LOSSMITH_CHECK(put_prompt(spec, tokenizer, problem, view));
    std::vector<std::int32_t> ids;
    ids.reserve(view.tokens.size());
    for (const ExampleToken& token : view.tokens) ids.push_back(token.id);
    return ids;
}

Result<ExampleView> view_example(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem,
                                 const std::string& solution, std::size_t max_length, std::size_t pad_to, const RowLabels& by_hand) {
    ExampleView view;
    LOSSMITH_CHECK(put_prompt(spec, tokenizer, problem, view));
    LOSSMITH_CHECK(put_completion(spec, tokenizer, solution, view));
    LOSSMITH_CHECK(apply_labels(spec, by_hand, view));
    cut(spec.truncation_side, max_length, view);
    const auto fed = static_cast<std::size_t>(std::ranges::count(view.tokens, false, &ExampleToken::truncated));
    if (fed < pad_to) {
        const TokenId id = LOSSMITH_TRY(padding_token(spec, tokenizer));
        view.tokens.insert(view.tokens.end(), pad_to - fed,
                           {id, view.text.size(), view.text.size(), TokenKind::Padding, spec.label_padding});
    }
    return view;
}

Result<Example> encode_example(const TemplateSpec& spec, const Tokenizer& tokenizer, const std::string& problem,
                               const std::string& solution, std::size_t max_length, const RowLabels& by_hand) {
    const ExampleView view = LOSSMITH_TRY(view_example(spec, tokenizer, problem, solution, max_length, 0, by_hand));
    Example example;
    example.input_ids.reserve(view.tokens.size());
    example.labels.reserve(view.tokens.size());
    for (const ExampleToken& token : view.tokens) {
        if (token.truncated) {
            ++example.truncated_tokens;
            continue;
        }
        example.input_ids.push_back(token.id);
        example.labels.push_back(token.labelled ? token.id : ignore_index);
        if (token.kind == TokenKind::Start || token.kind == TokenKind::Prompt) ++example.prompt_tokens;
        example.ended = token.kind == TokenKind::End;
    }
    return example;
}

Status pad_example(Example& example, const TemplateSpec& spec, const Tokenizer& tokenizer, std::size_t length) {
    if (example.input_ids.size() >= length) return {};
    const TokenId id = LOSSMITH_TRY(padding_token(spec, tokenizer));
    example.padding_tokens += length - example.input_ids.size();
    example.input_ids.resize(length, id);
    example.labels.resize(length, spec.label_padding ? id : ignore_index);
    return {};
}

}  // namespace lossmith
