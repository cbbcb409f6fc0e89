// The answer to a check, of a loss or of a reward, in docs/protocol.md's form: what both kinds of report are made of.
#pragma once

#include "core/base/Json.h"
#include "core/base/Result.h"
#include "core/engine/loss/check/CheckBatch.h"
#include "core/engine/loss/check/FlowObserver.h"
#include "core/engine/loss/language/Program.h"

namespace lossmith::engine {

/// Every key is there, with nothing found yet. `kind`: "loss" or "reward".
[[nodiscard]] Json empty_report(const CheckBatch& batch, const char* kind);

/// The verdict, and the error's message, hint and place.
void blame(Json& report, const char* verdict, const Error& error);

/// "denied", "timeout", "memory" or "error".
[[nodiscard]] const char* verdict_of(LossFault fault, const Error& error);

/// {line, column, end_column}
[[nodiscard]] Json range_json(const SourceRange& where);

/// What each line held.
[[nodiscard]] Json lines_json(const FlowObserver& seen);

/// The function's fields with what is set in them.
[[nodiscard]] Json parameters_json(const FunctionSignature& function, const Json& given);

}  // namespace lossmith::engine
