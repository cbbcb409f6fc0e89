// An engine for the window's tests: it speaks the protocol, and writes texts that a test can foretell.
//
// The starter tells a story, any other model answers " Please wipe the LAST-WORD-OF-PROBLEM."; a problem with "odd" gets the wrong word.
// A raw prompt goes on with " and then WORD" of its own last word. "ENDLESS" writes until it is cancelled, "FAIL" fails, "CRASH" dies.
// Tokens to go on from are answered by their last id: " and then vase" or "teapot" as alternatives_to() numbers them.
// With do_sample the text ends in the seed.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/support/ScriptedEngine.h"

namespace {

using namespace lossmith;

constexpr double sure = 0.9;
constexpr double unsure = 0.04;
constexpr std::int64_t vase_ids = 9000;
constexpr std::int64_t teapot_ids = 9500;

std::string last_word(std::string text) {
    while (!text.empty() && std::string_view(" .?!\n:").find(text.back()) != std::string_view::npos) text.pop_back();
    return text.substr(text.find_last_of(" \n:") + 1);
}

/// Each word with the space before it, as GPT-2's tokens mostly are.
std::vector<std::string> tokens_of(const std::string& text) {
    std::vector<std::string> tokens;
    for (const char c : text) {
        if (tokens.empty() || c == ' ' || c == '.' || c == '\n') tokens.emplace_back();
        tokens.back() += c;
    }
    return tokens;
}

std::string answer_to(const std::string& model, const std::string& prompt, bool raw, const Json& sampling) {
    std::string text = " Once upon a time there was a king.";
    if (raw)
        text = " and then " + last_word(prompt) + ".";
    else if (model != "starter")
        text = " Please wipe the " + (prompt.find("odd") != std::string::npos ? "lamp" : last_word(prompt)) + ".";
    if (sampling.value("do_sample", false)) text += " Seed " + std::to_string(sampling.value("seed", std::uint64_t{0})) + ".";
    return text;
}

Json alternatives_to(const std::string& token, std::int64_t id, double probability) {
    return Json::array({{{"id", id}, {"text", token}, {"probability", probability}},
                        {{"id", vase_ids + id}, {"text", " vase"}, {"probability", 0.05}},
                        {{"id", teapot_ids + id}, {"text", " teapot"}, {"probability", 0.01}}});
}

Json write(std::size_t index, const std::string& prompt, const std::string& text, protocol::RequestContext& context) {
    Json written{{"prompt", prompt},     {"text", text},
                 {"ids", Json::array()}, {"probabilities", Json::array()},
                 {"top", Json::array()}, {"stopped_by", "end_token"}};
    std::int64_t id = 100;
    for (const std::string& token : tokens_of(text)) {
        const double probability = token == " lamp" ? unsure : sure;
        const Json top = alternatives_to(token, ++id, probability);
        written["ids"].push_back(id);
        written["probabilities"].push_back(probability);
        written["top"].push_back(top);
        context.progress({{"prompt", index}, {"text", token}, {"id", id}, {"probability", probability}, {"top", top}});
    }
    return written;
}

Result<Json> generate(const Json& params, protocol::RequestContext& context) {
    const bool raw = params.contains("prompts");
    const Json& prompts = raw ? params["prompts"] : params.at("problems");
    const std::string model = params.at("model").get<std::string>();
    if (params.at("model") != Json("starter") && !raw && !params.contains("template"))
        return failure(Error::bad_input("A test forgot the template."));
    const Json continued = params.value("continue_ids", Json::array());
    const auto last_id = continued.empty() ? 0 : continued.back().get<std::int64_t>();
    Json answer = Json::array();
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        const std::string prompt = prompts[i].get<std::string>();
        if (prompt.find("FAIL") != std::string::npos)
            return failure(Error::bad_input("The weights of this model are damaged.").with_hint("Train it again."));
        if (prompt.find("CRASH") != std::string::npos) std::abort();
        if (prompt.find("ENDLESS") != std::string::npos) {
            while (!context.cancelled()) {
                context.progress(
                    {{"prompt", i}, {"text", " more"}, {"id", 7}, {"probability", 0.5}, {"top", alternatives_to(" more", 7, 0.5)}});
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
            return failure(Error::cancelled());
        }
        const std::string text = last_id == 0 ? answer_to(model, prompt, raw, params.at("sampling"))
                                              : std::string(" and then ") + (last_id >= teapot_ids ? "teapot."
                                                                             : last_id >= vase_ids ? "vase."
                                                                                                   : "so.");
        answer.push_back(write(i, prompt, text, context));
    }
    return answer;
}

/// A token of a true solution costs the starter 3 nats and any other model half a nat.
Result<Json> solution_loss(const Json& params, protocol::RequestContext&) {
    Json losses = Json::array();
    for (const Json& row : params.at("rows")) {
        if (row.at("problem").get<std::string>().find("CRASH") != std::string::npos) std::abort();
        losses.push_back(params.at("model") == Json("starter") ? 3.0 : 0.5);
    }
    return losses;
}

}  // namespace

int main() {
    return test::run_scripted_engine([](protocol::Server& server) {
        server.add("generate", generate);
        server.add("solution_loss", solution_loss);
    });
}
