// The template as data: its JSON form, its checks, and the text it makes.
#include "core/data/Template.h"

#include <algorithm>

#include "core/data/JsonFields.h"
#include "core/data/TemplatePattern.h"
#include "core/data/Utf8.h"

namespace lossmith {
namespace {

template <typename Choice>
struct Named {
    std::string_view name;
    Choice value;
};
constexpr Named<LabelRule> label_rules[] = {{"solution_only", LabelRule::SolutionOnly},
                                            {"problem_too", LabelRule::ProblemToo},
                                            {"after_marker", LabelRule::AfterMarker},
                                            {"last_tokens", LabelRule::LastTokens},
                                            {"pattern", LabelRule::Pattern}};
constexpr Named<AddedTokensInit> added_tokens_inits[] = {{"mean", AddedTokensInit::Mean}, {"random", AddedTokensInit::Random}};
constexpr Named<TruncationSide> truncation_sides[] = {{"left", TruncationSide::Left}, {"right", TruncationSide::Right}};

template <typename Choice, std::size_t Count>
Status read_choice(const Json& json, const std::string& path, const Named<Choice> (&choices)[Count], Choice& target) {
    std::string text;
    LOSSMITH_CHECK(read_value(json, path, text));
    std::string names;
    for (const auto& choice : choices) {
        if (choice.name == text) {
            target = choice.value;
            return {};
        }
        names += (names.empty() ? "\"" : " or \"") + std::string(choice.name) + "\"";
    }
    return failure(Error::bad_input("`" + path + "` must be " + names + ", but it is \"" + text + "\"."));
}

template <typename Choice, std::size_t Count>
std::string choice_name(const Named<Choice> (&choices)[Count], Choice value) {
    for (const auto& choice : choices)
        if (choice.value == value) return std::string(choice.name);
    return {};
}

std::string filled(std::string_view pattern, std::string_view placeholder, std::string_view cell) {
    std::string text;
    for (const auto& part : pattern_parts(pattern)) {
        if (!part.is_placeholder) {
            text += part.text;
        } else if (part.text == placeholder) {
            text += cell;
        } else {
            text += "{" + part.text + "}";
        }
    }
    return text;
}

void check_text(std::vector<Error>& errors, const std::string& field, const std::string& text) {
    constexpr std::size_t longest = 100'000;
    if (text.size() > longest) errors.push_back(Error::bad_input("`" + field + "` may be at most 100,000 bytes long."));
    if (!is_utf8(text)) errors.push_back(Error::bad_input("`" + field + "` is not valid UTF-8."));
}

}  // namespace

static Status read_value(const Json& json, const std::string& path, LabelRule& target) {
    return read_choice(json, path, label_rules, target);
}
static Status read_value(const Json& json, const std::string& path, AddedTokensInit& target) {
    return read_choice(json, path, added_tokens_inits, target);
}
static Status read_value(const Json& json, const std::string& path, TruncationSide& target) {
    return read_choice(json, path, truncation_sides, target);
}

void to_json(Json& json, const LabelRule& rule) {
    json = choice_name(label_rules, rule);
}
void to_json(Json& json, const AddedTokensInit& init) {
    json = choice_name(added_tokens_inits, init);
}
void to_json(Json& json, const TruncationSide& side) {
    json = choice_name(truncation_sides, side);
}

static constexpr JsonField<TemplateSpec> template_fields[] = {
    json_field<&TemplateSpec::prompt>("prompt"),
    json_field<&TemplateSpec::completion>("completion"),
    json_field<&TemplateSpec::start_token>("start_token"),
    json_field<&TemplateSpec::end_token>("end_token"),
    json_field<&TemplateSpec::added_tokens>("added_tokens"),
    json_field<&TemplateSpec::added_tokens_init>("added_tokens_init"),
    json_field<&TemplateSpec::pad_token>("pad_token"),
    json_field<&TemplateSpec::label_padding>("label_padding"),
    json_field<&TemplateSpec::labels>("labels"),
    json_field<&TemplateSpec::label_marker>("label_marker"),
    json_field<&TemplateSpec::label_tokens>("label_tokens"),
    json_field<&TemplateSpec::label_pattern>("label_pattern"),
    json_field<&TemplateSpec::truncation_side>("truncation_side"),
    json_field<&TemplateSpec::special_tokens_in_text>("special_tokens_in_text"),
};

void to_json(Json& json, const TemplateSpec& spec) {
    write_fields(json, template_fields, spec);
}

Status read_value(const Json& json, const std::string& path, TemplateSpec& target) {
    return read_fields(json, path, template_fields, target);
}

Result<TemplateSpec> template_spec_from_json(const Json& json) {
    TemplateSpec spec;
    LOSSMITH_CHECK(read_value(json, "", spec));
    return spec;
}

std::vector<Error> TemplateSpec::validate() const {
    constexpr std::size_t most_added_tokens = 1'000;
    std::vector<Error> errors = pattern_errors("prompt", prompt, "problem");
    for (auto& error : pattern_errors("completion", completion, "solution")) errors.push_back(std::move(error));
    check_text(errors, "prompt", prompt);
    check_text(errors, "completion", completion);
    check_text(errors, "start_token", start_token);
    check_text(errors, "end_token", end_token);
    check_text(errors, "pad_token", pad_token);
    check_text(errors, "label_marker", label_marker);
    check_text(errors, "label_pattern", label_pattern);
    for (auto& error : label_rule_errors(*this)) errors.push_back(std::move(error));
    if (added_tokens.size() > most_added_tokens) errors.push_back(Error::bad_input("`added_tokens` may have at most 1,000 entries."));
    for (std::size_t i = 0; i < added_tokens.size() && i < most_added_tokens; ++i) {
        const std::string field = "added_tokens[" + std::to_string(i) + "]";
        check_text(errors, field, added_tokens[i]);
        if (added_tokens[i].empty()) errors.push_back(Error::bad_input("`" + field + "` is empty; a token needs at least one character."));
        if (std::find(added_tokens.begin(), added_tokens.begin() + static_cast<std::ptrdiff_t>(i), added_tokens[i]) !=
            added_tokens.begin() + static_cast<std::ptrdiff_t>(i))
            errors.push_back(Error::bad_input("`" + field + "` repeats \"" + added_tokens[i] + "\"."));
    }
    return errors;
}

TemplateSpec plain_text_template() {
    TemplateSpec spec;
    spec.prompt = "{problem}";
    spec.completion = "{solution}";
    return spec;
}

std::string prompt_text(const TemplateSpec& spec, const std::string& problem) {
    return filled(spec.prompt, "problem", problem);
}
std::string completion_text(const TemplateSpec& spec, const std::string& solution) {
    return filled(spec.completion, "solution", solution);
}

}  // namespace lossmith
