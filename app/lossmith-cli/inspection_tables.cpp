#include "app/lossmith-cli/inspection_tables.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include "app/lossmith-cli/Table.h"

namespace lossmith::cli {
namespace {

constexpr std::size_t strongest_keys = 4;

/// A token's text in quotes, so that its blanks are seen.
std::string quoted(const Json& token) {
    return token.at("text").dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string rounded(const Json& number, int places) {
    if (!number.is_number()) return "-";
    char text[400];
    std::snprintf(text, sizeof text, "%.*f", places, number.get<double>());
    return text;
}

std::string probability(const Json& number) {
    return rounded(number, 6);
}

std::string three(const Json& number) {
    return rounded(number, 3);
}

std::string with_sign(const Json& number, int places) {
    return (number.is_number() && number.get<double>() >= 0.0 ? "+" : "") + rounded(number, places);
}

std::string whole(const Json& number) {
    return rounded(number, 0);
}

std::string in_a_line(const Json& alternatives) {
    std::string line;
    for (const Json& one : alternatives) line += "  " + quoted(one) + " " + three(one.at("probability"));
    return line + "\n";
}

std::string placed_table(const Json& tokens) {
    Table table({"rank", "id", "logit", "log probability", "probability", "after filters", "token"});
    for (const Json& token : tokens)
        table.add({whole(token.at("rank")), whole(token.at("id")), three(token.at("logit")), three(token.at("log_probability")),
                   probability(token.at("probability")), probability(token.at("after")), quoted(token)});
    return table.text();
}

std::string changed_table(const Json& tokens) {
    Table table({"id", "change", "before", "after", "true there", "token"});
    for (const Json& token : tokens)
        table.add({whole(token.at("id")), with_sign(token.at("change"), 3), three(token.at("base_log_probability")),
                   three(token.at("tuned_log_probability")), whole(token.at("count")), quoted(token)});
    return table.text();
}

}  // namespace

std::string inspection_table(const Json& answer) {
    Table table({"place", "id", "probability", "rank", "entropy", "loss", "logit", "token"});
    std::size_t place = 0;
    for (const Json& token : answer.at("tokens"))
        table.add({std::to_string(place++), whole(token.at("id")), probability(token.at("probability")), whole(token.at("rank")),
                   three(token.at("entropy")), three(token.at("loss")), three(token.at("logit")), quoted(token)});
    return table.text() + "next:" + in_a_line(answer.at("next"));
}

std::string place_table(const Json& answer) {
    const Json& logits = answer.at("logits");
    std::string text = "Place " + whole(answer.at("place")) + ": logits from " + three(logits.at("min")) + " to " +
                       three(logits.at("max")) + ", mean " + three(logits.at("mean")) + ", log of their sum of exponentials " +
                       three(logits.at("log_sum_exp")) + "; entropy " + three(answer.at("entropy")) + " nats\n" +
                       placed_table(answer.at("top"));
    if (!answer.at("filters").empty()) {
        Table table({"filter", "tokens left", "probability left"});
        for (const Json& step : answer.at("filters"))
            table.add({step.at("name").get<std::string>(), whole(step.at("kept")), probability(step.at("mass"))});
        text += "\n" + table.text();
    }
    if (!answer.at("found").empty()) text += "\n" + placed_table(answer.at("found"));
    return text;
}

std::string lens_table(const Json& answer, const Json& tokens) {
    std::vector<std::string> headings = {"position", "token"};
    for (const Json& layer : answer.at("layers")) headings.push_back(layer.at("name").get<std::string>());
    Table table(headings);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        std::vector<std::string> cells = {std::to_string(t), quoted(tokens[t])};
        for (const Json& layer : answer.at("layers")) {
            const Json& top = layer.at("tokens").at(t).at("top");
            cells.push_back(top.empty() ? "-" : quoted(top[0]) + " " + three(top[0].at("probability")));
        }
        table.add(std::move(cells));
    }
    return table.text();
}

std::string attention_table(const Json& answer, const Json& tokens) {
    std::string text;
    std::size_t at = 0;
    for (const Json& head : answer.at("heads")) {
        Table table({"query", "token", "attends to"});
        for (std::size_t query = 0; query < head.size(); ++query) {
            std::vector<std::size_t> keys(query + 1);
            std::iota(keys.begin(), keys.end(), std::size_t{0});
            std::stable_sort(keys.begin(), keys.end(),
                             [&](std::size_t a, std::size_t b) { return head[query][a].get<double>() > head[query][b].get<double>(); });
            std::string strongest;
            for (std::size_t i = 0; i < std::min(strongest_keys, keys.size()); ++i)
                strongest +=
                    (i > 0 ? "  " : "") + std::to_string(keys[i]) + " " + quoted(tokens[keys[i]]) + " " + three(head[query][keys[i]]);
            table.add({std::to_string(query), quoted(tokens[query]), strongest});
        }
        const std::string number = answer.contains("head") ? whole(answer.at("head")) : std::to_string(at);
        text += (at++ > 0 ? "\nLayer " : "Layer ") + whole(answer.at("layer")) + ", head " + number + "\n" + table.text();
    }
    return text;
}

std::string attribution_table(const Json& answer, const Json& tokens) {
    Table table({"place", "score", "token"});
    for (std::size_t t = 0; t < answer.at("scores").size(); ++t)
        table.add({std::to_string(t), with_sign(answer.at("scores")[t], 5), quoted(tokens[t])});
    std::string text = "The loss of " + quoted(answer.at("target")) + " at place " + whole(answer.at("place")) + " is " +
                       three(answer.at("loss")) + "; a score above 0 raises it (" + answer.at("method").get<std::string>() + ")\n" +
                       table.text();
    if (answer.contains("completeness_gap"))
        text += "From a baseline loss of " + three(answer.at("baseline_loss")) + "; the scores miss the difference by " +
                with_sign(answer.at("completeness_gap"), 5) + "\n";
    return text;
}

std::string difference_table(const Json& answer) {
    Table table({"place", "id", "before", "after", "change", "rank", "KL", "loss before", "loss after", "token"});
    std::size_t place = 0;
    for (const Json& token : answer.at("tokens")) {
        const Json& base = token.at("base");
        const Json& tuned = token.at("tuned");
        table.add({std::to_string(place++), whole(token.at("id")), probability(base.at("probability")),
                   probability(tuned.at("probability")), with_sign(token.at("probability_change"), 3),
                   whole(base.at("rank")) + " → " + whole(tuned.at("rank")), three(token.at("kl")), three(base.at("loss")),
                   three(tuned.at("loss")), quoted(token)});
    }
    return table.text() + "next before:" + in_a_line(answer.at("next").at("base")) +
           "next after: " + in_a_line(answer.at("next").at("tuned"));
}

std::string odds_table(const Json& answer) {
    return "Over " + with_commas(answer.at("places").get<std::int64_t>()) + " labelled places of " +
           with_commas(answer.at("rows").get<std::int64_t>()) +
           " rows: mean log-probability before and after, and the change of the log-odds\n\nRisen\n" + changed_table(answer.at("risen")) +
           "\nFallen\n" + changed_table(answer.at("fallen"));
}

}  // namespace lossmith::cli
