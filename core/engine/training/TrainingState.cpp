#include "core/engine/training/TrainingState.h"

#include <ATen/core/Tensor.h>

#include <map>

#include "core/base/Files.h"
#include "core/base/Json.h"
#include "core/engine/model/Safetensors.h"

namespace lossmith::engine {
namespace {

constexpr const char* state_file = "training_state.json";
constexpr const char* optimizer_file = "optimizer.safetensors";

}  // namespace

Status write_training_state(const std::filesystem::path& folder, const TrainingState& state, const AdamW& optimizer) {
    LOSSMITH_CHECK(write_safetensors(folder / optimizer_file, optimizer.state(), {{"format", "pt"}}));
    Json json = {{"step", state.step},
                 {"best_step", state.best_step},
                 {"best_validation_loss", state.best_validation_loss ? Json(*state.best_validation_loss) : Json()},
                 {"validations_without_improvement", state.validations_without_improvement},
                 {"threads", state.threads},
                 {"updates", state.updates}};
    if (state.best_validation_reward) json["best_validation_reward"] = *state.best_validation_reward;
    if (state.reward_baseline) json["reward_baseline"] = *state.reward_baseline;
    return write_file_atomically(folder / state_file, json.dump(2) + "\n");
}

Result<TrainingState> read_training_state(const std::filesystem::path& folder, AdamW& optimizer) {
    const Json json = LOSSMITH_TRY(read_json_file(folder / state_file));
    TrainingState state;
    try {
        state.step = json.at("step").get<std::int64_t>();
        state.best_step = json.at("best_step").get<std::int64_t>();
        if (!json.at("best_validation_loss").is_null()) state.best_validation_loss = json.at("best_validation_loss").get<double>();
        state.validations_without_improvement = json.at("validations_without_improvement").get<int>();
        state.threads = json.at("threads").get<int>();
        state.updates = json.value("updates", state.step);
        if (json.contains("best_validation_reward")) state.best_validation_reward = json.at("best_validation_reward").get<double>();
        if (json.contains("reward_baseline")) state.reward_baseline = json.at("reward_baseline").get<double>();
    } catch (const Json::exception&) {
        return failure(
            Error::bad_input("The saved state of the run is not as this program writes it.").in_file((folder / state_file).string()));
    }
    const auto file = LOSSMITH_TRY(SafetensorsFile::open(folder / optimizer_file));
    std::map<std::string, at::Tensor> tensors;
    for (const std::string& name : file.names()) tensors.emplace(name, LOSSMITH_TRY(file.tensor(name)));
    LOSSMITH_CHECK(optimizer.restore(tensors, state.updates));
    return state;
}

}  // namespace lossmith::engine
