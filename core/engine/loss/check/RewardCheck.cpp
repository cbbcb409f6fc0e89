#include "core/engine/loss/check/RewardCheck.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include "core/engine/loss/check/CheckReport.h"
#include "core/engine/reward/Advantages.h"
#include "core/engine/reward/Reward.h"

namespace lossmith::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t shown_characters = 60;

RewardInputs tried(const SamplePrompt& prompt, std::string_view text, std::size_t tokens, bool ended) {
    RewardInputs inputs;
    inputs.problem = prompt.problem;
    inputs.solution = prompt.solution;
    inputs.generated = text;
    inputs.length = static_cast<std::int64_t>(tokens);
    inputs.ended = ended;
    return inputs;
}

/// The beginning of a text on one line, cut between characters.
std::string beginning(std::string_view text) {
    std::string line;
    std::size_t characters = 0;
    for (const char c : text) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        if (starts && ++characters > shown_characters) return line + "…";
        line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
    return line;
}

Json reward_arguments_json(const FunctionSignature& function) {
    Json list = Json::array();
    for (const RewardArgument& known : reward_arguments())
        list.push_back({{"name", known.name},
                        {"shape", nullptr},
                        {"dtype", known.type},
                        {"gradient", function.has_parameter(known.name) ? "none" : "unused"},
                        {"about", known.meaning}});
    return list;
}

/// What the figures say of how well the model can learn from it.
void judge(Json& report, const std::vector<double>& solutions, const std::vector<double>& replies) {
    std::vector<double> all = solutions;
    all.insert(all.end(), replies.begin(), replies.end());
    const auto [lowest, highest] = std::ranges::minmax(all);
    const auto [worst, best] = std::ranges::minmax(replies);
    if (all.size() > 2 && lowest == highest) {
        report["verdict"] = "zero_gradient";
        report["message"] =
            "The true solutions and what the model writes now all get the same reward, so nothing is preferred and nothing would be "
            "learnt.";
        report["hint"] = "Let the reward look at `generated`, and grade: a share between 0 and 1 instead of all or nothing.";
        return;
    }
    if (mean_of(replies) > mean_of(solutions)) {
        report["hint"] = "What the model writes now gets more than the true solutions do. If that is not meant, turn the sign around.";
        return;
    }
    if (worst == best && replies.size() > 1)
        report["hint"] =
            "All that the model writes now gets the same reward. Learning begins where completions differ: grade more finely, draw more "
            "completions, "
            "or train on the true solutions first.";
}

}  // namespace

Json check_reward(RewardSpec spec, const CheckBatch& batch, const std::vector<GeneratedText>& replies, const CancellationToken& cancelled) {
    const auto begin = Clock::now();
    Json report = empty_report(batch, "reward");
    const auto program = Program::parse(spec.source);
    if (!program) {
        blame(report, verdict_of(LossFault::NotUnderstood, program.error()), program.error());
        return report;
    }
    const auto functions = program->functions();
    if (const FunctionSignature* function = reward_function(functions)) {
        report["parameters"] = parameters_json(*function, spec.parameters);
        report["argument_list"] = reward_arguments_json(*function);
        // A form may still hold a field that the text no longer has.
        for (auto field = spec.parameters.begin(); field != spec.parameters.end();)
            field = function->has_parameter(field.key()) ? std::next(field) : spec.parameters.erase(field);
    }
    FlowObserver seen({}, true);
    const auto reward = Reward::create(spec, batch.model->tokenizer.get(), nullptr, &seen, cancelled);
    if (!reward) {
        blame(report, "error", reward.error());
        return report;
    }
    std::vector<double> of_solutions;
    std::vector<double> of_replies;
    Json parts = Json::array();
    double seconds = 0.0;
    // The first row last, so that the lines show what they held for it.
    for (std::size_t row = batch.prompts.size(); row-- > 0;) {
        const SamplePrompt& prompt = batch.prompts[row];
        const GeneratedText& reply = replies[row];
        const std::tuple<const char*, RewardInputs, std::vector<double>&> tries[] = {
            {"the true solution", tried(prompt, prompt.solution, 0, true), of_solutions},
            {"now", tried(prompt, reply.text, reply.ids.size(), reply.stopped_by == "end_token"), of_replies}};
        Json of_row = Json::array();
        for (const auto& [what, inputs, rewards] : tries) {
            const auto start = Clock::now();
            const auto value = (*reward)->of(inputs);
            seconds += std::chrono::duration<double>(Clock::now() - start).count();
            if (!value) {
                report["lines"] = lines_json(seen);
                report["prints"] = seen.prints();
                const LossFault fault = (*reward)->last_fault();
                blame(report, value.error().kind == ErrorKind::NotFinite ? "not_finite" : verdict_of(fault, value.error()), value.error());
                return report;
            }
            rewards.push_back(value->total);
            std::string name = "row " + std::to_string(batch.row_ids[row]) + ", " + what + ": " + beginning(inputs.generated);
            for (const auto& [part, number] : value->parts) name += " · " + part + " " + Json(std::round(number * 1000.0) / 1000.0).dump();
            of_row.push_back({{"name", name}, {"value", value->total}});
        }
        parts.insert(parts.begin(), of_row.begin(), of_row.end());
    }
    report["parts"] = parts;
    report["value"] = mean_of(of_replies);
    report["lines"] = lines_json(seen);
    report["prints"] = seen.prints();
    report["cost"]["milliseconds"] = 1000.0 * seconds / std::max<double>(1.0, static_cast<double>(of_solutions.size() + of_replies.size()));
    judge(report, of_solutions, of_replies);
    report["batch"]["milliseconds"] = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    return report;
}

bool reward_runs(const std::string& source, const CheckBatch& batch) {
    RewardSpec spec;
    spec.name = "typed";
    spec.source = source;
    const auto reward = Reward::create(spec, batch.model->tokenizer.get(), nullptr);
    return reward && std::ranges::all_of(batch.prompts, [&](const SamplePrompt& prompt) {
               return (*reward)->of(tried(prompt, prompt.solution, 0, true)).has_value();
           });
}

}  // namespace lossmith::engine
