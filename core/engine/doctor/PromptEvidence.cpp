#include "core/engine/doctor/PromptEvidence.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/data/TemplatePattern.h"
#include "core/project/RunStore.h"
#include "core/project/TemplateStore.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t texts_looked_at = 60;

/// What stands around the problem in a prompt, as text.
struct Surroundings {
    std::string before, after;
};

Surroundings surroundings_of(const TemplateSpec& spec) {
    Surroundings around;
    std::string* into = &around.before;
    for (const PatternPart& part : pattern_parts(spec.prompt)) {
        if (part.is_placeholder && part.text == "problem")
            into = &around.after;
        else
            *into += part.text;
    }
    around.before = spec.start_token + around.before;
    return around;
}

std::string without_space_at_end(std::string text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t')) text.pop_back();
    return text;
}

/// A way to get a prompt wrong: how it is told from a text, and how it is done to another row's problem.
struct Mistake {
    std::string what;
    std::function<bool(const std::string& prompt)> made_in;
    std::function<std::string(const std::string& problem)> done_to;
};

/// On one line.
std::string shown(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "⏎");
    return text;
}

std::vector<Mistake> possible_mistakes(const TemplateSpec& spec) {
    const Surroundings around = surroundings_of(spec);
    const std::string bare_after = without_space_at_end(around.after);
    const auto fits = [around](const std::string& prompt) {
        return prompt.starts_with(around.before) && prompt.find(around.after, around.before.size()) != std::string::npos;
    };
    std::vector<Mistake> mistakes;
    mistakes.push_back({"with a space at its end",
                        [around, bare_after](const std::string& prompt) {
                            return prompt.ends_with(' ') && !around.after.ends_with(' ') && !prompt.ends_with(around.after) &&
                                   without_space_at_end(prompt).ends_with(bare_after);
                        },
                        [spec](const std::string& problem) { return spec.start_token + prompt_text(spec, problem) + " "; }});
    if (!spec.start_token.empty())
        mistakes.push_back({"without the start token " + spec.start_token,
                            [spec](const std::string& prompt) { return !prompt.starts_with(spec.start_token); },
                            [spec](const std::string& problem) { return prompt_text(spec, problem); }});
    if (!bare_after.empty())
        mistakes.push_back({"without the template's “" + shown(bare_after) + "” after the problem",
                            [bare_after](const std::string& prompt) { return prompt.find(bare_after) == std::string::npos; },
                            [around](const std::string& problem) { return around.before + problem; }});
    if (!without_space_at_end(around.before).empty() && around.before != spec.start_token)
        mistakes.push_back({"without the template's “" + shown(without_space_at_end(around.before.substr(spec.start_token.size()))) +
                                "” before the problem",
                            [fits, around](const std::string& prompt) { return !fits(prompt) && !prompt.starts_with(around.before); },
                            [around](const std::string& problem) { return problem + around.after; }});
    return mistakes;
}

double loss_after(const LoadedModel& tuned, const std::vector<AskedRow>& rows,
                  const std::function<std::vector<TokenId>(const std::string& problem)>& prompt) {
    double sum = 0.0;
    std::size_t count = 0;
    for (const AskedRow& row : rows) {
        const std::vector<TokenId> ids = prompt(row.problem);
        if (ids.empty()) continue;
        sum += completion_loss(tuned.model, ids, row.completion);
        ++count;
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

}  // namespace

Result<std::vector<Generation>> texts_of_run(Project& project, std::int64_t run) {
    std::vector<std::string> weights;
    for (const auto& checkpoint : LOSSMITH_TRY(project.runs().checkpoints(run))) weights.push_back(checkpoint.sha256);
    std::vector<Generation> texts = LOSSMITH_TRY(project.prompts().generations(texts_looked_at));
    std::erase_if(texts, [&](const Generation& text) { return std::ranges::find(weights, text.weights) == weights.end(); });
    return texts;
}

Result<std::vector<PromptDeviation>> prompt_deviations(Project& project, std::int64_t run, const TemplateSpec& spec,
                                                       const LoadedModel& tuned, const std::vector<AskedRow>& rows, double usual_loss) {
    std::vector<PromptDeviation> deviations;
    const auto texts = LOSSMITH_TRY(texts_of_run(project, run));
    for (const Mistake& mistake : possible_mistakes(spec)) {
        const auto made = std::ranges::count_if(texts, [&](const Generation& text) { return mistake.made_in(text.prompt); });
        // One odd try is an experiment; most of them is a habit.
        if (made == 0 || 2 * made < static_cast<std::ptrdiff_t>(texts.size())) continue;
        const double loss = loss_after(tuned, rows, [&](const std::string& problem) {
            return tuned.tokenizer->encode(mistake.done_to(problem), SpecialTokens::AsTokens);
        });
        deviations.push_back({mistake.what, made, loss, usual_loss});
    }

    const TemplateSpec today = LOSSMITH_TRY(project.templates().current());
    if (today.prompt == spec.prompt && today.start_token == spec.start_token) return deviations;
    TemplateSpec readable = today;
    readable.added_tokens.clear();
    const double loss = loss_after(tuned, rows, [&](const std::string& problem) {
        return encode_prompt(readable, *tuned.tokenizer, problem).value_or(std::vector<TokenId>{});
    });
    if (loss > 0.0)
        deviations.push_back(
            {"from “" + shown(today.start_token + today.prompt) + "” instead of “" + shown(spec.start_token + spec.prompt) + "”", 0, loss,
             usual_loss});
    return deviations;
}

}  // namespace lossmith::engine
