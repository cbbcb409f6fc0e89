// `export`: a run's model as a Hugging Face folder that stands alone, or its LoRA adapter as peft's.
#include <filesystem>

#include "app/lossmith-cli/Verbs.h"
#include "core/engine/model/AdapterFolder.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::cli {
namespace {

struct ExportCall {
    std::string model;
    std::string folder;
    std::string type = "float32";
    bool adapter = false;
};

Status write_whole(const ExportCall& call, const engine::LoadedModel& loaded, const engine::AlsoWrite& tokenizer) {
    const auto type = call.type == "float16"    ? engine::StoredType::Float16
                      : call.type == "bfloat16" ? engine::StoredType::BFloat16
                                                : engine::StoredType::Float32;
    return engine::write_checkpoint(call.folder, loaded.model.to_checkpoint(), type, tokenizer);
}

Status write_adapter_alone(const ExportCall& call, const engine::LoadedModel& loaded, const engine::AlsoWrite& tokenizer) {
    const engine::LoraAdapter* adapter = loaded.model.adapter();
    if (adapter == nullptr)
        return failure(Error::bad_input("This model has no LoRA adapter.").with_hint("Leave --adapter out to write its weights."));
    return engine::write_adapter(call.folder, *adapter, tokenizer);
}

Status run_export(const ExportCall& call, const Context& context) {
    const auto source = LOSSMITH_TRY(engine::find_model(call.model, nullptr));
    const auto loaded = LOSSMITH_TRY(engine::load_model(source));
    std::error_code code;
    if (std::filesystem::exists(call.folder, code))
        return failure(Error::bad_input("There is already something at this place.")
                           .with_hint("Choose a folder that does not exist yet.")
                           .in_file(call.folder));
    const engine::AlsoWrite tokenizer = [&loaded](const std::filesystem::path& part) { return loaded.tokenizer->save(part); };
    LOSSMITH_CHECK(call.adapter ? write_adapter_alone(call, loaded, tokenizer) : write_whole(call, loaded, tokenizer));
    const std::string written = call.adapter ? "adapter" : call.type;
    if (context.json())
        context.print_json({{"folder", call.folder},
                            {"from", source.string()},
                            {"dtype", call.adapter ? "float32" : call.type},
                            {"adapter", call.adapter}});
    else
        context.print("Exported " + source.string() + " to " + call.folder + " as " + written + ".\n");
    return {};
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
    auto call = std::make_shared<ExportCall>();
    Verb verb = context.add_verb(app, "export", "Writes a run's model as a Hugging Face folder; an adapter is merged into its base.",
                                 [call, &context] { return run_export(*call, context); });
    verb.add_option("model", call->model, "PROJECT:RUN, \"starter\" or a folder").required();
    verb.add_option("folder", call->folder, "The folder to be made").required().type_name("DIR");
    verb.add_flag("--adapter", call->adapter, "Of a LoRA run the adapter alone, as peft reads it, instead of merging it");
    verb.add_option("--dtype", call->type, "float32, float16 or bfloat16").one_of({"float32", "float16", "bfloat16"}).capture_default_str();
}

}  // namespace lossmith::cli
