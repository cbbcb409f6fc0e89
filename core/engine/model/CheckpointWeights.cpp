#include "core/engine/model/CheckpointWeights.h"

#include <map>
#include <set>

#include "core/base/Json.h"
#include "core/engine/model/PickleCheckpoint.h"
#include "core/engine/model/QuotedName.h"
#include "core/engine/model/Safetensors.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

/// Visits one file's tensors and gives their names.
Result<Names> visit_safetensors(const fs::path& path, const TensorVisitor& visit) {
    const SafetensorsFile file = LOSSMITH_TRY(SafetensorsFile::open(path));
    for (const std::string& name : file.names())
        LOSSMITH_CHECK(visit(name, LOSSMITH_TRY(file.shape(name)), [&] { return file.tensor(name); }));
    return Names(file.names().begin(), file.names().end());
}

Result<Names> visit_pickle(const fs::path& path, const TensorVisitor& visit) {
    auto tensors = LOSSMITH_TRY(read_pickle_checkpoint(path));
    Names names;
    for (auto& [name, tensor] : tensors) {
        names.insert(name);
        const auto read = [held = std::move(tensor)]() -> Result<at::Tensor> { return held; };
        LOSSMITH_CHECK(visit(name, LOSSMITH_TRY(read()).sizes().vec(), read));
    }
    return names;
}

Result<Names> visit_file(const fs::path& path, const TensorVisitor& visit) {
    return path.extension() == ".safetensors" ? visit_safetensors(path, visit) : visit_pickle(path, visit);
}

/// The shards that an index names, each with the tensors it is said to hold.
Result<std::map<std::string, Names>> read_index(const fs::path& index, const std::string& extension) {
    const Json json = LOSSMITH_TRY(read_json_file(index));
    const auto refuse = [&](std::string sentence) { return failure(Error::bad_input(std::move(sentence)).in_file(index.string())); };
    if (!json.is_object() || !json.contains("weight_map") || !json.at("weight_map").is_object())
        return refuse("The index has no weight_map, so it does not say which file holds which tensor.");
    std::map<std::string, Names> shards;
    for (const auto& [name, file] : json.at("weight_map").items()) {
        if (!file.is_string()) return refuse("The index does not name a file for the tensor " + in_quotes(name) + ".");
        const fs::path shard = file.get<std::string>();
        // A bare file name of the expected kind, so that an index cannot reach outside its folder.
        if (shard.empty() || shard != shard.filename() || shard.extension() != extension)
            return refuse("The index sends the tensor " + in_quotes(name) + " to the file " + in_quotes(shard.string()) +
                          ", which is not a plain " + extension + " file name in this folder.");
        shards[shard.string()].insert(name);
    }
    if (shards.empty()) return refuse("The index names no tensor at all.");
    return shards;
}

Status visit_shards(const fs::path& folder, const fs::path& index, const std::string& extension, const TensorVisitor& visit) {
    const auto shards = LOSSMITH_TRY(read_index(folder / index, extension));
    for (const auto& [file, promised] : shards) {
        const Names found = LOSSMITH_TRY(visit_file(folder / file, visit));
        for (const std::string& name : promised) {
            if (!found.contains(name))
                return failure(Error::bad_input("The tensor " + in_quotes(name) + " is not in the file where the index says it is.")
                                   .in_file((folder / file).string()));
        }
    }
    return {};
}

}  // namespace

Status visit_weights(const fs::path& folder, const TensorVisitor& visit) {
    std::error_code ignored;
    for (const auto& [file, index] :
         {std::pair("model.safetensors", "model.safetensors.index.json"), std::pair("pytorch_model.bin", "pytorch_model.bin.index.json")}) {
        if (fs::exists(folder / file, ignored)) {
            LOSSMITH_CHECK(visit_file(folder / file, visit));
            return {};
        }
        if (fs::exists(folder / index, ignored)) return visit_shards(folder, index, fs::path(file).extension().string(), visit);
    }
    return failure(Error::not_found("This folder has no weights: neither model.safetensors nor pytorch_model.bin, nor an index of either.")
                       .with_hint("Choose a folder that a Hugging Face model was saved or downloaded into.")
                       .in_file(folder.string()));
}

}  // namespace lossmith::engine
