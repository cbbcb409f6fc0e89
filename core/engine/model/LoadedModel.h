// A model as it is named by a user, found and read: weights, tokenizer, and where they came from.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/Result.h"
#include "core/engine/model/StepWeights.h"
#include "core/tokenizer/Tokenizer.h"

namespace lossmith {
class Project;
}

namespace lossmith::engine {

/// "starter" (the shipped one), a name the project knows, "PROJECT:RUN" (that run's best checkpoint, else its last),
/// or a Hugging Face folder. `project`, when not null, is where names and relative paths are looked up first; there
/// ":RUN" is a run of its own.
[[nodiscard]] Result<std::filesystem::path> find_model(const std::string& reference, Project* project);

struct LoadedModel {
    Gpt2 model;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::filesystem::path folder;
    mutable std::shared_ptr<const StepWeights> laid_out = {};  ///< by step_weights()
};

/// The model's weights laid out for one-token steps: made when first asked for and kept with the model until another precision is asked
/// for. For one thread.
[[nodiscard]] std::shared_ptr<const StepWeights> step_weights(const LoadedModel& loaded, Precision precision);

/// Gives the model of a folder that others hold too, or null.
using SharedModels = std::function<Result<std::shared_ptr<const LoadedModel>>(const std::filesystem::path& folder)>;

/// Reads a folder. That of a LoRA adapter gives its base with the adapter beside it, and the base's tokenizer where it has none of its own.
/// Without tokenizer files of its own, a model of GPT-2's vocabulary size gets GPT-2's. A base that `shared` gives is not
/// read for the adapter again: both then hold the same weights.
[[nodiscard]] Result<LoadedModel> load_model(const std::filesystem::path& folder, const SharedModels& shared = {});

/// Whether a folder's weights are those that an adapter was trained beside: an error if they are not.
[[nodiscard]] Status check_base(const AdapterBase& base, const std::filesystem::path& folder);

/// SHA-256 of the folder's weights file (of the index of a sharded one); of an adapter, over the digests of its files.
[[nodiscard]] Result<std::string> weights_digest(const std::filesystem::path& folder);

}  // namespace lossmith::engine
