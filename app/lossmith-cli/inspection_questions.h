// The questions about what a model makes of a text, JSON in and out as docs/protocol.md has it.
#pragma once

#include "app/lossmith-cli/questions.h"

namespace lossmith::cli {

/// Each text comes as "ids", as "text" (special tokens written out are tokens), or as "problem" and "solution", which go through the
/// template as training's rows do; without a solution it is the problem's prompt.
[[nodiscard]] Result<Json> ask_inspect(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_place(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_lens(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_attention(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_attribution(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
[[nodiscard]] Result<Json> ask_difference(const Json& params, engine::ModelCache& models, const CancellationToken& cancelled);
/// News is {done, total} in rows.
[[nodiscard]] Result<Json> ask_odds(const Json& params, engine::ModelCache& models, const News& news, const CancellationToken& cancelled);

}  // namespace lossmith::cli
