// `new-model`: a GPT-2 from scratch at a chosen size.
#include <filesystem>

#include "app/lossmith-cli/Verbs.h"
#include "core/engine/model/Checkpoint.h"
#include "core/tokenizer/Tokenizer.h"
#include "core/tokenizer/Vocabulary.h"

namespace lossmith::cli {
namespace {

struct NewModelCall {
    std::string folder;
    std::string tokenizer;
    engine::Gpt2Config config;
    std::uint64_t seed = 42;
    double dropout = 0.1;
};

Status run_new_model(const NewModelCall& call, const Context& context) {
    const auto tokenizer = LOSSMITH_TRY(call.tokenizer.empty() ? Tokenizer::gpt2() : Tokenizer::from_folder(call.tokenizer));
    engine::Gpt2Config config = call.config;
    config.vocab_size = tokenizer->size();
    config.resid_pdrop = config.embd_pdrop = config.attn_pdrop = call.dropout;
    const auto end = tokenizer->id_of(end_of_text);
    config.bos_token_id = end;
    config.eos_token_id = end;
    std::error_code code;
    if (std::filesystem::exists(call.folder, code))
        return failure(Error::bad_input("There is already something at this place.")
                           .with_hint("Choose a folder that does not exist yet.")
                           .in_file(call.folder));
    const auto checkpoint = LOSSMITH_TRY(engine::new_checkpoint(config, call.seed));
    LOSSMITH_CHECK(engine::write_checkpoint(call.folder, checkpoint, engine::StoredType::Float32,
                                            [&tokenizer](const std::filesystem::path& part) { return tokenizer->save(part); }));
    if (context.json())
        context.print_json({{"folder", call.folder}, {"parameters", config.parameter_count()}, {"config", config}});
    else
        context.print("A new model of " + std::to_string(config.parameter_count()) + " parameters lies in " + call.folder + ".\n");
    return {};
}

}  // namespace

void add_new_model(CLI::App& app, Context& context) {
    auto call = std::make_shared<NewModelCall>();
    Verb verb = context.add_verb(app, "new-model", "Makes a GPT-2 with random weights, to be trained from scratch.",
                                 [call, &context] { return run_new_model(*call, context); });
    verb.add_option("folder", call->folder, "The folder to be made").required().type_name("DIR");
    verb.add_option("--n_embd", call->config.n_embd, "Width").capture_default_str();
    verb.add_option("--n_layer", call->config.n_layer, "Blocks").capture_default_str();
    verb.add_option("--n_head", call->config.n_head, "Attention heads").capture_default_str();
    verb.add_option("--n_positions", call->config.n_positions, "Longest text in tokens").capture_default_str();
    verb.add_option("--dropout", call->dropout, "All three dropout probabilities").capture_default_str();
    verb.add_option("--tokenizer", call->tokenizer, "A folder with tokenizer files; without it GPT-2's own vocabulary").type_name("DIR");
    verb.add_option("--seed", call->seed, "Of the random weights").capture_default_str();
}

}  // namespace lossmith::cli
