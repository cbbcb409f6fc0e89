#include "core/engine/model/LoadedModel.h"

#include <algorithm>
#include <charconv>

#include "core/base/Files.h"
#include "core/base/Resources.h"
#include "core/engine/model/AdapterFolder.h"
#include "core/engine/model/Checkpoint.h"
#include "core/project/ModelStore.h"
#include "core/project/Project.h"
#include "core/project/RunOrigins.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> run_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || number < 1) return {};
    return number;
}

Result<fs::path> run_model(Project& project, std::int64_t number) {
    const Run run = LOSSMITH_TRY(project.runs().run(number));
    const auto checkpoints = LOSSMITH_TRY(project.runs().checkpoints(number));
    if (checkpoints.empty())
        return failure(Error::not_found("Run " + std::to_string(number) + " of " + project.path().string() + " has no checkpoint yet.")
                           .with_hint("Let it train until its first checkpoint, or resume it."));
    const auto best =
        std::find_if(checkpoints.begin(), checkpoints.end(), [](const lossmith::Checkpoint& c) { return c.kind == CheckpointKind::Best; });
    const lossmith::Checkpoint& chosen = best != checkpoints.end() ? *best : checkpoints.back();
    return project.folder() / chosen.path;
}

bool is_model_folder(const fs::path& folder) {
    std::error_code code;
    return fs::is_regular_file(folder / "config.json", code) || is_adapter_folder(folder);
}

/// Adapters whose base is an adapter's folder, one on another; a longer chain is surely a circle.
constexpr int most_adapters = 16;

Result<LoadedModel> load(const fs::path& folder, int adapters, const SharedModels& shared);

/// The base, its vocabulary grown if the adapter's was, with the adapter beside it.
Result<LoadedModel> load_with_adapter(const fs::path& folder, int adapters, const SharedModels& shared) {
    if (adapters >= most_adapters)
        return failure(
            Error::bad_input("This adapter stands on more than " + std::to_string(most_adapters) + " others.").in_file(folder.string()));
    const AdapterBase base = LOSSMITH_TRY(read_adapter_base(folder));
    const fs::path base_folder = LOSSMITH_TRY(find_model(base.model, nullptr));
    LOSSMITH_CHECK(check_base(base, base_folder));
    std::shared_ptr<const LoadedModel> known;
    if (shared) known = LOSSMITH_TRY(shared(base_folder));
    LoadedModel loaded =
        known ? LoadedModel{known->model, known->tokenizer, base_folder, {}} : LOSSMITH_TRY(load(base_folder, adapters + 1, shared));
    engine::Checkpoint checkpoint = loaded.model.to_checkpoint();
    if (base.vocab_size > checkpoint.config.vocab_size)
        LOSSMITH_CHECK(grow_vocabulary(checkpoint, base.vocab_size, {base.random_rows, base.seed}));
    loaded.model = Gpt2::from_checkpoint(checkpoint);
    LoraAdapter adapter = LOSSMITH_TRY(read_adapter(folder, checkpoint.config));
    adapter.base = base;
    loaded.model.set_adapter(std::move(adapter));
    loaded.folder = folder;
    auto tokenizer = Tokenizer::from_folder(folder);
    if (tokenizer)
        loaded.tokenizer = std::move(*tokenizer);
    else if (tokenizer.error().kind != ErrorKind::NotFound)
        return failure(std::move(tokenizer).error());
    return loaded;
}

Result<LoadedModel> load(const fs::path& folder, int adapters, const SharedModels& shared) {
    if (is_adapter_folder(folder)) return load_with_adapter(folder, adapters, shared);
    const engine::Checkpoint checkpoint = LOSSMITH_TRY(read_checkpoint(folder));
    auto tokenizer = Tokenizer::from_folder(folder);
    if (!tokenizer && tokenizer.error().kind == ErrorKind::NotFound && checkpoint.config.vocab_size >= 50257) tokenizer = Tokenizer::gpt2();
    if (!tokenizer) return failure(std::move(tokenizer).error());
    return LoadedModel{Gpt2::from_checkpoint(checkpoint), std::move(*tokenizer), folder, {}};
}

}  // namespace

Result<fs::path> find_model(const std::string& reference, Project* project) {
    if (reference.empty()) return failure(Error::bad_input("No model is named.").with_hint("Give a folder, \"starter\" or PROJECT:RUN."));
    if (project != nullptr) {
        for (const StoredModel& known : LOSSMITH_TRY(project->models().models()))
            if (known.name == reference && known.path != "starter" && known.path != reference) {
                const fs::path path = known.path;
                return path.is_absolute() ? path : project->folder() / path;
            }
    }
    if (reference == "starter") return resource("starter-model");

    const auto colon = reference.rfind(':');
    if (colon != std::string::npos)
        if (const auto number = run_number(std::string_view(reference).substr(colon + 1))) {
            const std::string file = reference.substr(0, colon);
            if (project != nullptr && run_named_by(reference, *project) == *number) return run_model(*project, *number);
            if (file.empty())
                return failure(
                    Error::bad_input("\"" + reference + "\" names a run, but no project is given.").with_hint("Write PROJECT:RUN."));
            auto other = LOSSMITH_TRY(Project::open(file));
            return run_model(*other, *number);
        }

    if (project != nullptr && is_model_folder(project->folder() / reference)) return project->folder() / reference;
    if (is_model_folder(reference)) return fs::path(reference);
    std::error_code code;
    if (fs::is_directory(reference, code))
        return failure(Error::bad_input("The folder has no config.json, so it is not a Hugging Face model.").in_file(reference));
    return failure(
        Error::not_found("There is no model \"" + reference + "\".").with_hint("Give a Hugging Face folder, \"starter\" or PROJECT:RUN."));
}

Result<LoadedModel> load_model(const fs::path& folder, const SharedModels& shared) {
    return load(folder, 0, shared);
}

std::shared_ptr<const StepWeights> step_weights(const LoadedModel& loaded, Precision precision) {
    if (!loaded.laid_out || loaded.laid_out->precision() != precision) {
        loaded.laid_out.reset();
        loaded.laid_out = std::make_shared<const StepWeights>(loaded.model, precision);
    }
    return loaded.laid_out;
}

Status check_base(const AdapterBase& base, const fs::path& folder) {
    if (base.sha256.empty() || LOSSMITH_TRY(weights_digest(folder)) == base.sha256) return {};
    return failure(Error::bad_input("The weights in this folder are not those that the adapter was trained beside.")
                       .with_hint("Put the model back as it was, or train the adapter again.")
                       .in_file(folder.string()));
}

Result<std::string> weights_digest(const fs::path& folder) {
    std::error_code code;
    if (is_adapter_folder(folder)) {
        std::string digests;
        for (const char* name : {"adapter_config.json", "adapter_model.safetensors", "base.json"})
            if (fs::exists(folder / name, code)) digests += LOSSMITH_TRY(sha256_of_file(folder / name));
        return sha256_of(digests);
    }
    for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"})
        if (fs::exists(folder / name, code)) return sha256_of_file(folder / name);
    return failure(Error::not_found("There are no weights in this folder.").in_file(folder.string()));
}

}  // namespace lossmith::engine
