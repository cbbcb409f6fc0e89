#include "core/comparison/Scores.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "core/comparison/CopyIndex.h"
#include "core/comparison/Overlap.h"
#include "core/comparison/Words.h"

namespace lossmith {
namespace {

constexpr std::array kinds{
    ScoreKind{"exact_match", &Scores::exact_match, BetterWhen::Higher, ScoreUnit::Share, "Exact reply",
              "Texts equal to the true solution, white space at the ends aside"},
    ScoreKind{"number_match", &Scores::number_match, BetterWhen::Higher, ScoreUnit::Share, "Right number",
              "Texts whose answer, the number after #### or else the last one, is the true solution's"},
    ScoreKind{"rouge_l", &Scores::rouge_l, BetterWhen::Higher, ScoreUnit::Ratio, "ROUGE-L",
              "Words shared in order with the true solution, F1 (Lin 2004)"},
    ScoreKind{"bleu", &Scores::bleu, BetterWhen::Higher, ScoreUnit::Ratio, "BLEU",
              "Runs of one to four words shared with the true solution (Papineni et al. 2002, smoothed)"},
    ScoreKind{"chrf", &Scores::chrf, BetterWhen::Higher, ScoreUnit::Ratio, "chrF",
              "Runs of one to six characters shared with the true solution (Popović 2015)"},
    ScoreKind{"solution_loss", &Scores::solution_loss, BetterWhen::Lower, ScoreUnit::Nats, "Loss of true solution",
              "Mean negative log-probability of the true solution's tokens"},
    ScoreKind{"perplexity", &Scores::perplexity, BetterWhen::Lower, ScoreUnit::Count, "Perplexity",
              "Of the true solution: among how many tokens the model is as if undecided at each of its tokens (Jelinek et al. 1977)", true},
    ScoreKind{"distinct_1", &Scores::distinct_1, BetterWhen::Neither, ScoreUnit::Ratio, "Distinct words",
              "Different words among all words of a text (Li et al. 2016)"},
    ScoreKind{"distinct_2", &Scores::distinct_2, BetterWhen::Neither, ScoreUnit::Ratio, "Distinct pairs",
              "Different pairs of words among all pairs of a text (Li et al. 2016)"},
    ScoreKind{"words", &Scores::words, BetterWhen::Neither, ScoreUnit::Count, "Length", "Words in a text"},
    ScoreKind{"copied_words", &Scores::copied_words, BetterWhen::Neither, ScoreUnit::Count, "Longest copied run",
              "Words in a row that a training solution has in the same order"},
    ScoreKind{"copied_share", &Scores::copied_share, BetterWhen::Neither, ScoreUnit::Share, "Copied from training",
              "Longest copied run as a share of the text"},
};

struct NumberFound {
    double value = 0.0;
    std::size_t end = 0;
};

/// The number that starts at the digit (or the point before a digit) `begin`.
NumberFound number_at(std::string_view text, std::size_t begin) {
    std::string digits;
    std::size_t at = begin;
    bool point = false;
    while (at < text.size()) {
        const char c = text[at];
        const bool digit_follows = at + 1 < text.size() && is_digit(text[at + 1]);
        if (is_digit(c)) {
            digits += c;
        } else if (c == '.' && !point && digit_follows) {
            point = true;
            digits += c;
        } else if (!(c == ',' && !point && digit_follows)) {
            break;
        }
        ++at;
    }
    NumberFound found{0.0, at};
    if (digits.front() == '.') digits.insert(digits.begin(), '0');
    std::from_chars(digits.data(), digits.data() + digits.size(), found.value);
    return found;
}

bool is_negative(std::string_view text, std::size_t begin) {
    std::size_t at = begin;
    if (at > 0 && text[at - 1] == '$') --at;
    constexpr std::string_view minus_sign = "\xE2\x88\x92";
    std::size_t sign = 0;
    if (at > 0 && text[at - 1] == '-') sign = 1;
    if (text.substr(0, at).ends_with(minus_sign)) sign = minus_sign.size();
    if (sign == 0) return false;
    const std::string_view before = text.substr(0, at - sign);
    if (before.empty()) return true;
    const auto last = static_cast<unsigned char>(before.back());
    const bool alphanumeric = last >= 0x80 || is_digit(before.back()) || (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z');
    return !alphanumeric && last != ')';
}

std::optional<double> first_or_last_number(std::string_view text, bool first) {
    std::optional<double> result;
    for (std::size_t at = 0; at < text.size();) {
        const bool leading_point = text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1]);
        if (!is_digit(text[at]) && !leading_point) {
            ++at;
            continue;
        }
        const NumberFound found = number_at(text, at);
        result = is_negative(text, at) ? -found.value : found.value;
        if (first) return result;
        at = found.end;
    }
    return result;
}

}  // namespace

std::span<const ScoreKind> score_kinds() {
    return kinds;
}

const ScoreKind* find_score_kind(std::string_view name) {
    const auto* const found = std::ranges::find_if(kinds, [&](const ScoreKind& kind) { return name == kind.name; });
    return found == kinds.end() ? nullptr : found;
}

void set_solution_loss(Scores& scores, std::optional<double> nats) {
    scores.solution_loss = nats;
    scores.perplexity = nats ? std::optional(std::exp(*nats)) : std::nullopt;
}

std::optional<double> answer_number(std::string_view text) {
    constexpr std::string_view mark = "####";
    if (const auto marked = text.find(mark); marked != std::string_view::npos) {
        std::string_view line = text.substr(marked + mark.size());
        line = line.substr(0, line.find('\n'));
        if (const auto number = first_or_last_number(line, true)) return number;
    }
    return first_or_last_number(text, false);
}

double exact_match(std::string_view text, std::string_view solution) {
    return trimmed(text) == trimmed(solution) ? 1.0 : 0.0;
}

std::optional<double> number_match(std::string_view text, std::string_view solution) {
    const auto wanted = answer_number(solution);
    if (!wanted) return std::nullopt;
    const auto said = answer_number(text);
    const double tolerance = 1e-9 * std::max(1.0, std::abs(*wanted));
    return said && std::abs(*said - *wanted) <= tolerance ? 1.0 : 0.0;
}

Scores score_text(std::string_view text, std::string_view solution, const CopyIndex* training) {
    Scores scores;
    const auto words = static_cast<double>(score_words(text).size());
    scores.words = words;
    if (words > 0) scores.distinct_1 = distinct_n(text, 1);
    if (words > 1) scores.distinct_2 = distinct_n(text, 2);
    if (!trimmed(solution).empty()) {
        scores.exact_match = exact_match(text, solution);
        scores.number_match = number_match(text, solution);
        scores.rouge_l = rouge_l(text, solution);
        scores.bleu = bleu(text, solution);
        scores.chrf = chrf(text, solution);
    }
    if (training != nullptr) {
        const CopiedRun run = training->longest_run(text);
        scores.copied_words = static_cast<double>(run.words);
        scores.copied_share = words > 0 ? static_cast<double>(run.words) / words : 0.0;
        if (run.words > 0) scores.copied_from = run.row;
    }
    return scores;
}

void to_json(Json& json, const Scores& scores) {
    json = Json::object();
    for (const ScoreKind& kind : kinds)
        if (const auto& value = scores.*kind.value) json[kind.name] = *value;
    if (scores.copied_from) json["copied_from"] = *scores.copied_from;
}

Result<Scores> scores_from_json(const Json& json) {
    if (!json.is_object()) return failure(Error::bad_input("The scores of a text must be an object of numbers."));
    Scores scores;
    for (const ScoreKind& kind : kinds) {
        const auto value = json.find(kind.name);
        if (value == json.end() || value->is_null()) continue;
        if (!value->is_number()) return failure(Error::bad_input(std::string("The score \"") + kind.name + "\" is not a number."));
        scores.*kind.value = value->get<double>();
    }
    if (const auto row = json.find("copied_from"); row != json.end() && row->is_number_integer())
        scores.copied_from = row->get<std::int64_t>();
    return scores;
}

}  // namespace lossmith
