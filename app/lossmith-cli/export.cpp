// `export`: a run's model as a Hugging Face folder that stands alone.
#include <filesystem>

#include "app/lossmith-cli/Verbs.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/LoadedModel.h"

namespace lossmith::cli {
namespace {

struct ExportCall {
    std::string model;
    std::string folder;
    std::string type = "float32";
};

Status run_export(const ExportCall& call, const Context& context) {
    const auto source = LOSSMITH_TRY(engine::find_model(call.model, nullptr));
    const auto loaded = LOSSMITH_TRY(engine::load_model(source));
    std::error_code code;
    if (std::filesystem::exists(call.folder, code))
        return failure(Error::bad_input("There is already something at this place.")
                           .with_hint("Choose a folder that does not exist yet.")
                           .in_file(call.folder));
    const auto type = call.type == "float16"    ? engine::StoredType::Float16
                      : call.type == "bfloat16" ? engine::StoredType::BFloat16
                                                : engine::StoredType::Float32;
    LOSSMITH_CHECK(engine::write_checkpoint(call.folder, loaded.model.to_checkpoint(), type,
                                            [&loaded](const std::filesystem::path& part) { return loaded.tokenizer->save(part); }));
    if (context.json())
        context.print_json({{"folder", call.folder}, {"from", source.string()}, {"dtype", call.type}});
    else
        context.print("Exported " + source.string() + " to " + call.folder + " as " + call.type + ".\n");
    return {};
}

}  // namespace

void add_export(CLI::App& app, Context& context) {
    auto call = std::make_shared<ExportCall>();
    Verb verb = context.add_verb(app, "export", "Writes a run's model as a Hugging Face folder; an adapter is merged into its base.",
                                 [call, &context] { return run_export(*call, context); });
    verb.add_option("model", call->model, "PROJECT:RUN, \"starter\" or a folder").required();
    verb.add_option("folder", call->folder, "The folder to be made").required().type_name("DIR");
    verb.add_option("--dtype", call->type, "float32, float16 or bfloat16").one_of({"float32", "float16", "bfloat16"}).capture_default_str();
}

}  // namespace lossmith::cli
