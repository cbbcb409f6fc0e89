// What is wrong with a run: named causes with their evidence, what each does, and the change that sets it right.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"

namespace lossmith {

/// In the order in which they are told, the one that ruins most first.
enum class Cause {
    NotFinite,
    NoGradient,
    WrongTokenizer,
    PaddingLabelled,
    NewTokensRandom,
    SolutionsTruncated,
    EndNotLabelled,
    RowsLeak,
    PromptMismatch,
    PairsUnrelated,
    ProblemLabelled,
    RateTooHigh,
    Memorised,
    RateTooLow,
    TooFewSteps,
    SamplingUndoesTraining,
    BaseTooSmall,
};

/// A cause's name in JSON, what people call it, and what it does to the loss and to the texts. Texts are English; a window translates them.
struct CauseKind {
    Cause cause;
    const char* name;    ///< "padding_labelled"
    const char* title;   ///< "Padding counts as text"
    const char* effect;  ///< what it does to the loss and to what is written
};

[[nodiscard]] std::span<const CauseKind> cause_kinds();  ///< all, in their order
[[nodiscard]] const CauseKind& kind_of(Cause cause);
[[nodiscard]] const CauseKind* find_cause(std::string_view name);  ///< null when there is none of this name

struct Finding {
    Cause cause = Cause::NotFinite;
    std::string evidence;           ///< a sentence or two with figures from the run itself
    std::string advice;             ///< what to do
    Json figures = Json::object();  ///< the same figures by name
    Json changes = Json::object();  ///< to a RunConfig's JSON, as a merge patch (RFC 7396); empty: nothing in the config would help
    std::string page;               ///< where in the window it is set right when not by `changes`: "data"; empty: nowhere

    bool operator==(const Finding&) const = default;
};

struct Diagnosis {
    std::int64_t run = 0;
    std::string at;                   ///< when it was made, ISO 8601, UTC
    std::vector<Finding> findings;    ///< worst first; empty: nothing was found
    std::vector<std::string> looked;  ///< what was looked at, a line each, with figures: the evidence of health
    std::vector<std::string> passed;  ///< what could not be looked at, and why

    bool operator==(const Diagnosis&) const = default;
};

/// `{run, at, findings: [{cause, title, evidence, effect, advice, figures, changes, page}], looked: [text], passed: [text]}`
void to_json(Json& json, const Diagnosis& diagnosis);
[[nodiscard]] Result<Diagnosis> diagnosis_from_json(const Json& json);

/// The run's config with the changes of all findings, the worst applied last. Its model is the run's own base, its name says so.
[[nodiscard]] Result<RunConfig> cured(const RunConfig& config, std::span<const Finding> findings);

}  // namespace lossmith
