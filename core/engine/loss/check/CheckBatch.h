// The real batch that a typed loss is checked on: a few rows of the project under a model, everything a loss may ask for computed once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/engine/generation/Generate.h"
#include "core/engine/generation/SamplePrompt.h"
#include "core/engine/loss/Loss.h"
#include "core/engine/model/ModelCache.h"

namespace lossmith::engine {

struct CheckBatchRequest {
    std::string model = "starter";
    std::int64_t rows = 4;
    std::int64_t first_row = 0;  ///< among the training rows; beyond their end it starts again
};

struct CheckBatch {
    LossInputs inputs;                            ///< in rows; base_logits are the same model's
    std::vector<std::int64_t> row_ids;            ///< of the project; counted from 1 without one
    std::vector<std::vector<std::string>> texts;  ///< each row's token texts; at [t] the one that the model predicts there
    std::vector<SamplePrompt> prompts;            ///< each row's problem, solution and prompt, for a reward
    std::shared_ptr<const LoadedModel> model;
    double forward_seconds = 0.0;  ///< the model's own time on these rows, a forward pass
    std::int64_t first_row = 0;    ///< among the training rows, from 0
    std::int64_t rows_there = 0;   ///< how many could be looked at
};

/// Rows from the training split, or from the shipped sample without a project. Rows longer than 64 tokens are cut on the left, so that the
/// completion stays; rows without a label are passed over.
[[nodiscard]] Result<CheckBatch> make_check_batch(const CheckBatchRequest& request, Project* project, ModelCache& models);

/// What the model writes greedily after each of the batch's prompts, at most 48 tokens; a row without a prompt has an empty text.
[[nodiscard]] Result<std::vector<GeneratedText>> replies_of(const CheckBatch& batch, const CancellationToken& cancelled = {});

/// Keeps the last batch and its replies for the next keystroke, as long as the question, the model and the data are the same.
class CheckBatchCache {
public:
    [[nodiscard]] Result<std::shared_ptr<const CheckBatch>> get(const CheckBatchRequest& request, Project* project, ModelCache& models);
    /// The replies of the batch that get() gave last.
    [[nodiscard]] Result<std::vector<GeneratedText>> replies(const CancellationToken& cancelled = {});

private:
    std::string m_key;
    std::shared_ptr<const CheckBatch> m_batch;
    std::vector<GeneratedText> m_replies;  ///< empty: not yet asked for
};

}  // namespace lossmith::engine
