// An engine for the Loss page's tests: it answers loss/check from what stands in the text, without running anything.
//
// "argmax" cuts the gradient; a line with "lgits" is not understood; "while True" takes too long; "slowly" takes half a second;
// "print" prints; `def reward` is a reward; `NAME: TYPE = DEFAULT` in the first line is a parameter; `round` is remarked on.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/support/ScriptedEngine.h"

namespace {

using namespace lossmith;

constexpr const char* cross_entropy =
    "def loss(logits, labels):\n"
    "    keep = labels != -100\n"
    "    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\")\n"
    "    return (nll * keep).sum() / keep.sum()\n";

constexpr const char* smoothing =
    "def loss(logits, labels, amount: float = 0.1):\n"
    "    logp = torch.log_softmax(logits, dim=-1)\n"
    "    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\")\n"
    "    return (1 - amount) * nll.mean() - amount * logp.mean()\n";

constexpr const char* counted_errors =
    "def loss(logits, labels):\n"
    "    p = torch.softmax(logits, dim=-1)\n"
    "    guess = torch.argmax(p, dim=-1)\n"
    "    keep = labels != -100\n"
    "    wrong = (guess != labels) & keep\n"
    "    return wrong.float().sum() / keep.sum()\n";

constexpr const char* exact_match =
    "def reward(problem: str, solution: str, generated: str) -> float:\n"
    "    return 1.0 if generated.strip() == solution.strip() else 0.0\n";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// The first line, from 1, with this word, and where in it the word stands; nothing where it is not there.
Json place_of(const std::vector<std::string>& lines, const std::string& word) {
    for (std::size_t line = 0; line < lines.size(); ++line) {
        const auto column = lines[line].find(word);
        if (column != std::string::npos) return {{"line", line + 1}, {"column", column + 1}, {"end_column", column + 1 + word.size()}};
    }
    return {};
}

Json default_from(const std::string& type, const std::string& text) {
    if (type == "bool") return text == "True";
    if (type == "str") return text.size() < 2 ? text : text.substr(1, text.size() - 2);
    if (type == "int") return std::atoll(text.c_str());
    return std::atof(text.c_str());
}

Json parameters_of(const std::vector<std::string>& lines, const Json& given) {
    Json parameters = Json::array();
    const auto head = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with("def "); });
    if (head == lines.end()) return parameters;
    static const std::regex declared(R"((\w+): (float|int|bool|str) = ([^,)]+))");
    for (auto found = std::sregex_iterator(head->begin(), head->end(), declared); found != std::sregex_iterator(); ++found) {
        const std::string name = (*found)[1];
        const Json standard = default_from((*found)[2], (*found)[3]);
        parameters.push_back(
            {{"name", name}, {"type", (*found)[2].str()}, {"default", standard}, {"value", given.value(name, standard)}, {"where", 1}});
    }
    return parameters;
}

bool holds(const std::string& text, const char* word) {
    return text.find(word) != std::string::npos;
}

Json value_of(const std::string& line, const std::string& number, bool is_cut, int at) {
    Json value = {{"line", at},     {"shape", nullptr}, {"dtype", ""}, {"gradient", "none"},
                  {"min", nullptr}, {"max", nullptr},   {"text", ""},  {"not_finite", false}};
    const auto set = [&](Json shape, const char* dtype, const char* gradient) {
        value["shape"] = std::move(shape);
        value["dtype"] = dtype;
        value["gradient"] = gradient;
    };
    if (holds(line, "return")) {
        set(Json::array(), "float32", is_cut ? "cut" : "flows");
        value["text"] = number;
    } else if (holds(line, "argmax")) {
        set({4, 96}, "int64", "cut");
    } else if (holds(line, "!=") || holds(line, "& ")) {
        set({4, 96}, "bool", "none");
    } else if (holds(line, "softmax")) {
        set({4, 96, 50257}, "float32", "flows");
        value["min"] = holds(line, "log_") ? -71.2 : 0.0;
        value["max"] = holds(line, "log_") ? -0.02 : 0.98;
    } else {
        set({4, 96}, "float32", is_cut ? "cut" : "flows");
        value["min"] = 0.01;
        value["max"] = 11.3;
    }
    return value;
}

Json heat(std::int64_t first_row, double weight) {
    static const std::pair<const char*, double> words[] = {
        {"We", 0.6},    {" are", 0.1},  {" sorry", 0.15}, {" that", 0.2},        {" your", 0.1},    {" kettle", 8.5},
        {" did", 2.3},  {" not", 0.2},  {" arrive", 0.9}, {" on", 0.2},          {" Friday", 6.2},  {".", 0.05},
        {" We", 0.8},   {" have", 0.6}, {" asked", 2.2},  {" the", 0.1},         {" carrier", 2.9}, {" to", 0.1},
        {" find", 2.4}, {" the", 0.1},  {" parcel", 1.9}, {"<|endoftext|>", 0.3}};
    Json rows = Json::array();
    for (std::int64_t row = first_row; row < first_row + 4; ++row) {
        Json tokens = Json::array();
        for (const char* word : {"My", " kettle", " has", " not", " come", ".\n"})
            tokens.push_back({{"text", word}, {"labelled", false}, {"value", nullptr}, {"gradient", nullptr}});
        for (const auto& [word, value] : words)
            tokens.push_back({{"text", word}, {"labelled", true}, {"value", value * weight}, {"gradient", value / 20}});
        rows.push_back({{"row", row}, {"tokens", std::move(tokens)}});
    }
    return rows;
}

Json rewrites() {
    return Json::array(
        {{{"title", "Expected error"},
          {"about", "probability given to wrong tokens"},
          {"snippet", "wrong = 1 - p.gather(-1, safe(labels)[..., None])[..., 0]"},
          {"source",
           "def loss(logits, labels):\n    p = torch.softmax(logits, dim=-1)\n    keep = labels != -100\n"
           "    wrong = 1 - p.gather(-1, labels.clamp(min=0)[..., None])[..., 0]\n    return (wrong * keep).sum() / keep.sum()\n"},
          {"becomes", "loss"}},
         {{"title", "Log-probability of the label"},
          {"about", "cross-entropy; the usual choice"},
          {"snippet", "nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction=\"none\")"},
          {"source", cross_entropy},
          {"becomes", "loss"}},
         {{"title", "Make it a reward"},
          {"about", "keep argmax or sampling; policy gradient"},
          {"snippet", "def reward(problem, solution, generated): …"},
          {"source", exact_match},
          {"becomes", "reward"}}});
}

Json arguments() {
    return Json::array({{{"name", "logits"}, {"shape", {4, 96, 50257}}, {"dtype", "float32"}, {"gradient", "flows"}, {"about", "scores"}},
                        {{"name", "labels"}, {"shape", {4, 96}}, {"dtype", "int64"}, {"gradient", "cut"}, {"about", ""}},
                        {{"name", "base_logits"}, {"shape", nullptr}, {"dtype", ""}, {"gradient", "unused"}, {"about", ""}},
                        {{"name", "label_mask"}, {"shape", nullptr}, {"dtype", ""}, {"gradient", "unused"}, {"about", ""}}});
}

Json wrong(const char* verdict, const Json& place, const char* message, const char* hint) {
    Json answer = {{"verdict", verdict}, {"message", message}, {"hint", hint}, {"kind", "loss"}, {"value", nullptr}};
    answer.update(place);
    return answer;
}

Result<Json> check(const Json& params, protocol::RequestContext& context) {
    const std::string source = params.at("source").get<std::string>();
    const auto lines = lines_of(source);
    for (int wait = 0; holds(source, "slowly") && wait < 50 && !context.cancelled(); ++wait)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (const Json place = place_of(lines, "lgits"); !place.is_null())
        return wrong("error", place, "There is no name `lgits` here.", "Did you mean `logits`?");
    if (const Json place = place_of(lines, "while True"); !place.is_null())
        return wrong("timeout", place, "After 2 seconds the loss was still running.", "Is there a way out of the loop?");
    const Json parameters = parameters_of(lines, params.at("parameters"));
    double weight = 1;
    for (const Json& parameter : parameters)
        if (parameter["type"] == "float") weight = parameter["value"].get<double>();
    const bool is_reward = holds(source, "def reward");
    const Json cut = place_of(lines, "argmax");
    const double value = params.at("labels") == "unshifted" ? 0.5 : 0.417 * weight;
    char number[32];
    std::snprintf(number, sizeof number, "%.3g", value);
    Json values = Json::array();
    for (std::size_t line = 1; line < lines.size() && !is_reward; ++line)
        if (!lines[line].empty()) values.push_back(value_of(lines[line], number, !cut.is_null(), static_cast<int>(line) + 1));
    Json answer = {{"verdict", cut.is_null() || is_reward ? "ok" : "cut"},
                   {"message", "Gradient flows from the value to logits."},
                   {"hint", ""},
                   {"kind", is_reward ? "reward" : "loss"},
                   {"value", value},
                   {"parts", Json::array()},
                   {"argument_list", arguments()},
                   {"parameters", parameters},
                   {"lines", values},
                   {"cuts", Json::array()},
                   {"rewrites", Json::array()},
                   {"separable_by_token", true},
                   {"split_invariant", false},
                   {"split",
                    {{"difference", 0.02},
                     {"reason", "It divides by the tokens of its own part of the batch."},
                     {"trainer_does", "The trainer divides by those of the whole step instead."}}},
                   {"finite_differences", {{"agree", true}, {"positions", 12}, {"largest_difference", 2e-7}, {"reason", ""}}},
                   {"cost", {{"milliseconds", 0.9}, {"peak_bytes", 77'000'000}, {"share_of_model", 0.006}}},
                   {"heat", heat(params.at("first_row").get<std::int64_t>(), weight)},
                   {"prints", Json::array()},
                   {"batch", {{"rows", 4}, {"tokens", 384}, {"milliseconds", 41.3}}},
                   {"logits_range", {-71.2, -12.4}}};
    answer.update(Json{{"line", 0}, {"column", 0}, {"end_column", 0}});
    if (const Json kink = place_of(lines, "relu"); !kink.is_null()) {
        Json remark = {{"operator", "relu"}, {"kind", "kink"}, {"reason", "relu has a kink at 0, which does no harm."}};
        remark.update(kink);
        answer["cuts"].push_back(remark);
    }
    if (!cut.is_null() && !is_reward) {
        Json stop = {{"operator", "argmax"},
                     {"kind", "cut"},
                     {"reason",
                      "argmax gives the position of the largest value. Nudge any logit a little and the position stays the same, so its "
                      "slope is zero everywhere: nothing before line 3 can learn."}};
        stop.update(cut);
        answer["cuts"].push_back(stop);
        answer.update(cut);
        answer["message"] = stop["reason"];
        answer["rewrites"] = rewrites();
        for (const char* unknown : {"separable_by_token", "split_invariant"}) answer[unknown] = nullptr;
        answer["finite_differences"]["agree"] = nullptr;
    }
    if (is_reward) {
        answer["parts"] =
            Json::array({{{"name", "row 1"}, {"value", 1.0}}, {{"name", "row 2"}, {"value", 0.0}}, {{"name", "row 3"}, {"value", 0.0}}});
        answer["heat"] = Json::array();
    }
    if (holds(source, "print")) answer["prints"] = {"[4, 96, 50257]", "0.417"};
    return answer;
}

Result<Json> catalogue(const Json&, protocol::RequestContext&) {
    const auto entry = [](const char* name, const char* title, const char* about, const char* kind, const char* source) {
        return Json{{"name", name},
                    {"title", title},
                    {"about", about},
                    {"source_reference", ""},
                    {"kind", kind},
                    {"source", source},
                    {"parameters", Json::array()}};
    };
    Json entries = Json::array(
        {entry("cross_entropy", "Cross-entropy", "How improbable the model holds the right tokens.", "loss", cross_entropy),
         entry("label_smoothing", "Label smoothing", "Cross-entropy that leaves a little probability to every token.", "loss", smoothing),
         entry("unlikelihood", "Unlikelihood", "Pushes down tokens that should not come.", "loss", cross_entropy),
         entry("kl_to_base", "KL to base", "Keeps the model near where it began.", "loss", cross_entropy),
         entry("focal", "Focal", "Turns to the tokens that are still hard.", "loss", cross_entropy),
         entry("z_loss", "Z-loss", "Keeps the logits from drifting.", "loss", cross_entropy),
         entry("exact_match", "Exact match", "1 where the text is the solution to the letter.", "reward", exact_match),
         entry("counted_errors", "Counting wrong tokens", "The first attempt of the thread: argmax has no slope, so nothing is learnt.",
               "sample", counted_errors)});
    entries[1]["parameters"].push_back(
        {{"name", "amount"}, {"type", "float"}, {"default", 0.1}, {"minimum", 0}, {"maximum", 1}, {"about", "Share left to the others."}});
    return entries;
}

}  // namespace

int main() {
    return test::run_scripted_engine([](protocol::Server& server) {
        server.add("devices", [](const Json&, protocol::RequestContext&) -> Result<Json> {
            return Json::array({{{"id", "cpu"},
                                 {"kind", "cpu"},
                                 {"name", "AMD EPYC"},
                                 {"memory_bytes", 23'000'000'000},
                                 {"free_bytes", 22'100'000'000},
                                 {"cores", 2},
                                 {"load", 0.12}}});
        });
        server.add("estimate", [](const Json&, protocol::RequestContext&) -> Result<Json> {
            return Json{{"steps", 10},
                        {"examples", 20},
                        {"tokens", 1000},
                        {"labelled_tokens", 380},
                        {"padding_tokens", 40},
                        {"prompt_tokens", 580},
                        {"truncated_rows", 0},
                        {"memory_bytes", 410'000'000},
                        {"seconds", 170.0},
                        {"disk_bytes", 213'000'000},
                        {"trainable_parameters", 17'700'000}};
        });
        server.add("loss/check", check);
        server.add("loss/catalogue", catalogue);
    });
}
