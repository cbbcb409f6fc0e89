// Writes what Checkpoint.h describes: a whole folder under another name, put in place in one step.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/Files.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/QuotedName.h"
#include "core/engine/model/Safetensors.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

at::ScalarType scalar_type(StoredType type) {
    switch (type) {
        case StoredType::Float16: return at::kHalf;
        case StoredType::BFloat16: return at::kBFloat16;
        case StoredType::Float32: break;
    }
    return at::kFloat;
}

Error failed(const std::string& what, const fs::path& path, int code) {
    Error error = Error::io(what + ": " + std::strerror(code) + ".").in_file(path.string());
    if (code == ENOSPC) error.hint = "Free some room on this disk and try again.";
    if (code == EACCES || code == EROFS || code == EPERM) error.hint = "Choose a folder that you may write to.";
    return error;
}

/// Model folders hold plain files of these kinds; anything else there is somebody's own.
bool belongs_to_a_model(const fs::directory_entry& entry) {
    static constexpr std::array kinds = {".json", ".safetensors", ".bin", ".bpe", ".txt", ".jinja", ".md", ".part"};
    const std::string kind = entry.path().extension().string();
    return entry.is_regular_file() && std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// A folder may be removed when it is empty or a model.
Status check_may_replace(const fs::path& folder, bool must_be_model) {
    std::error_code code;
    const auto state = fs::symlink_status(folder, code);
    if (!fs::exists(state)) return {};
    if (!fs::is_directory(state))
        return failure(Error::bad_input("There is a file of this name; a model is a folder.").in_file(folder.string()));
    bool empty = true;
    for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator(); entry.increment(code)) {
        empty = false;
        if (!belongs_to_a_model(*entry))
            return failure(Error::bad_input("This folder holds " + in_quotes(entry->path().filename().string()) +
                                            ", which is not part of a model; writing a model here would remove it.")
                               .with_hint("Choose a new or empty folder.")
                               .in_file(folder.string()));
    }
    if (code) return failure(failed("The folder could not be read", folder, code.value()));
    if (!empty && must_be_model && !fs::exists(folder / "config.json", code) && !fs::exists(folder / "adapter_config.json", code))
        return failure(Error::bad_input("This folder holds files and is not a model; writing a model here would remove them.")
                           .with_hint("Choose a new or empty folder.")
                           .in_file(folder.string()));
    return {};
}

Status remove_folder(const fs::path& folder) {
    std::error_code code;
    fs::remove_all(folder, code);
    if (code) return failure(failed("An older folder could not be removed", folder, code.value()));
    return {};
}

/// Puts `part` in the place of `folder`. Where the file system can exchange two names there is no moment without a model.
Status put_in_place(const fs::path& part, const fs::path& folder) {
    std::error_code code;
    if (!fs::exists(folder, code)) {
        if (::rename(part.c_str(), folder.c_str()) != 0) return failure(failed("The folder could not be put in place", folder, errno));
        return {};
    }
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return remove_folder(part);
    if (errno != EINVAL && errno != ENOSYS) return failure(failed("The folder could not be put in place", folder, errno));
    const fs::path old = folder.string() + ".old";
    LOSSMITH_CHECK(check_may_replace(old, true));
    LOSSMITH_CHECK(remove_folder(old));
    if (::rename(folder.c_str(), old.c_str()) != 0) return failure(failed("The older folder could not be moved aside", folder, errno));
    if (::rename(part.c_str(), folder.c_str()) != 0) return failure(failed("The folder could not be put in place", folder, errno));
    return remove_folder(old);
}

Status flush_all(const fs::path& folder) {
    std::error_code code;
    for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator(); entry.increment(code)) {
        if (entry->is_regular_file()) LOSSMITH_CHECK(flush_to_disk(entry->path()));
    }
    if (code) return failure(failed("The folder could not be read", folder, code.value()));
    return {};
}

/// fsyncs the folder that holds `folder`, so that the rename itself is on disk.
Status flush_name(const fs::path& folder) {
    return flush_to_disk(folder);
}

Json config_json(const Checkpoint& checkpoint, StoredType type) {
    Json json = checkpoint.config;
    json.erase("torch_dtype");
    json["dtype"] = name_of(type);
    return json;
}

Json generation_json(const Checkpoint& checkpoint) {
    if (checkpoint.generation_config.is_object() && !checkpoint.generation_config.empty()) return checkpoint.generation_config;
    Json json = {{"_from_model_config", true}};
    if (checkpoint.config.bos_token_id) json["bos_token_id"] = *checkpoint.config.bos_token_id;
    if (checkpoint.config.eos_token_id) json["eos_token_id"] = *checkpoint.config.eos_token_id;
    if (checkpoint.config.pad_token_id) json["pad_token_id"] = *checkpoint.config.pad_token_id;
    return json;
}

Result<NamedTensors> tensors_to_write(const Checkpoint& checkpoint, StoredType type) {
    NamedTensors tensors;
    for (const auto& [name, shape] : expected_tensors(checkpoint.config)) {
        const auto found = checkpoint.tensors.find(name);
        if (found == checkpoint.tensors.end() || !found->second.defined() || found->second.sizes() != at::IntArrayRef(shape))
            return failure(
                Error::internal("The model to be written lacks the tensor " + in_quotes(name) + " in the shape that its config asks for."));
        tensors.emplace_back(name, found->second.detach().to(scalar_type(type)));
    }
    return tensors;
}

Status write_json(const fs::path& path, const Json& json) {
    return write_file_atomically(path, json.dump(2) + "\n");
}

Status write_folder(const fs::path& folder, const AlsoWrite& content) {
    const fs::path part = folder.string() + ".part";
    LOSSMITH_CHECK(check_may_replace(folder, true));
    LOSSMITH_CHECK(check_may_replace(part, false));
    LOSSMITH_CHECK(remove_folder(part));
    std::error_code code;
    fs::create_directories(part, code);
    if (code) return failure(failed("The folder could not be made", part, code.value()));

    const auto write = [&]() -> Status {
        LOSSMITH_CHECK(content(part));
        LOSSMITH_CHECK(flush_all(part));
        LOSSMITH_CHECK(put_in_place(part, folder));
        return flush_name(folder);
    };
    Status written = without_exceptions(write);
    if (!written) fs::remove_all(part, code);
    return written;
}

}  // namespace

const char* name_of(StoredType type) {
    switch (type) {
        case StoredType::Float16: return "float16";
        case StoredType::BFloat16: return "bfloat16";
        case StoredType::Float32: break;
    }
    return "float32";
}

Status write_checkpoint(const fs::path& folder, const Checkpoint& checkpoint, StoredType type, const AlsoWrite& also) {
    if (auto errors = checkpoint.config.validate(); !errors.empty()) return failure(std::move(errors.front()));
    return write_model_folder(folder, [&](const fs::path& part) -> Status {
        const NamedTensors tensors = LOSSMITH_TRY(tensors_to_write(checkpoint, type));
        LOSSMITH_CHECK(write_safetensors(part / "model.safetensors", tensors, {{"format", "pt"}}));
        LOSSMITH_CHECK(write_json(part / "generation_config.json", generation_json(checkpoint)));
        LOSSMITH_CHECK(write_json(part / "config.json", config_json(checkpoint, type)));
        return also ? also(part) : Status{};
    });
}

Status write_model_folder(const fs::path& folder, const AlsoWrite& content) {
    // A link to a folder is followed, so that the link stays and what it leads to is replaced; a trailing slash is dropped.
    std::error_code code;
    fs::path real = fs::weakly_canonical(folder, code);
    if (code) return failure(failed("The folder's path could not be followed", folder, code.value()));
    if (!real.has_filename()) real = real.parent_path();
    return without_exceptions([&] { return write_folder(real, content); });
}

}  // namespace lossmith::engine
