// From the project's rows to examples: the same for a run and for the estimate before it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/Cancellation.h"
#include "core/base/Result.h"
#include "core/config/RunConfig.h"
#include "core/engine/training/Trainer.h"
#include "core/project/Project.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith::engine {

struct PreparedData {
    TrainingSet set;
    std::vector<std::int64_t> train_rows;          ///< the row behind each training example; empty with packing
    std::int64_t rows = 0;                         ///< training rows read
    std::int64_t truncated_rows = 0;               ///< of them, those cut to max_length
    std::vector<std::int64_t> unlabelled_rows;     ///< ids of training rows left out because nothing of them is labelled
    std::int64_t tokens = 0, labelled_tokens = 0;  ///< of the training examples
};

/// `config.template_spec` must be set. BadInput when no training row with a labelled token is left.
/// With packing, examples are joined end to end and cut into blocks of max_length; the rest of the last block is its own.
[[nodiscard]] Result<PreparedData> prepare_data(Project& project, const RunConfig& config, const Tokenizer& tokenizer,
                                                std::int64_t n_positions, const CancellationToken& cancelled = {});

/// The longest example a run may have: max_length, bounded by the model's positions.
[[nodiscard]] std::size_t longest_example(const RunConfig& config, std::int64_t n_positions);

}  // namespace lossmith::engine
