#include "core/config/RunConfig.h"

#include <algorithm>
#include <utility>

#include "core/config/ReadValue.h"
#include "core/config/RunFields.h"
#include "core/data/JsonFields.h"

namespace lossmith {
namespace {

constexpr JsonField<RunConfig> run_json_fields[] = {
    json_field<&RunConfig::name>("name"),
    json_field<&RunConfig::model>("model"),
    json_field<&RunConfig::loss>("loss"),
    json_field<&RunConfig::reward>("reward"),
    json_field<&RunConfig::template_spec>("template"),
    json_field<&RunConfig::num_train_epochs>("num_train_epochs"),
    json_field<&RunConfig::max_steps>("max_steps"),
    json_field<&RunConfig::per_device_train_batch_size>("per_device_train_batch_size"),
    json_field<&RunConfig::gradient_accumulation_steps>("gradient_accumulation_steps"),
    json_field<&RunConfig::per_device_eval_batch_size>("per_device_eval_batch_size"),
    json_field<&RunConfig::learning_rate>("learning_rate"),
    json_field<&RunConfig::lr_scheduler_type>("lr_scheduler_type"),
    json_field<&RunConfig::warmup_steps>("warmup_steps"),
    json_field<&RunConfig::weight_decay>("weight_decay"),
    json_field<&RunConfig::adam_beta1>("adam_beta1"),
    json_field<&RunConfig::adam_beta2>("adam_beta2"),
    json_field<&RunConfig::adam_epsilon>("adam_epsilon"),
    json_field<&RunConfig::max_grad_norm>("max_grad_norm"),
    json_field<&RunConfig::dropout>("dropout"),
    json_field<&RunConfig::lora>("lora"),
    json_field<&RunConfig::freeze_layers>("freeze_layers"),
    json_field<&RunConfig::freeze_embeddings>("freeze_embeddings"),
    json_field<&RunConfig::gradient_checkpointing>("gradient_checkpointing"),
    json_field<&RunConfig::bf16>("bf16"),
    json_field<&RunConfig::float32_matmul_precision>("float32_matmul_precision"),
    json_field<&RunConfig::seed>("seed"),
    json_field<&RunConfig::max_length>("max_length"),
    json_field<&RunConfig::group_by_length>("group_by_length"),
    json_field<&RunConfig::padding>("padding"),
    json_field<&RunConfig::packing>("packing"),
    json_field<&RunConfig::vocabulary_sample>("vocabulary_sample"),
    json_field<&RunConfig::logging_steps>("logging_steps"),
    json_field<&RunConfig::eval_steps>("eval_steps"),
    json_field<&RunConfig::save_steps>("save_steps"),
    json_field<&RunConfig::save_total_limit>("save_total_limit"),
    json_field<&RunConfig::early_stopping_patience>("early_stopping_patience"),
    json_field<&RunConfig::sample_steps>("sample_steps"),
    json_field<&RunConfig::sample_prompts>("sample_prompts"),
    json_field<&RunConfig::sampling>("sampling"),
    json_field<&RunConfig::devices>("devices"),
    json_field<&RunConfig::auto_find_batch_size>("auto_find_batch_size"),
    json_field<&RunConfig::threads>("threads"),
    json_field<&RunConfig::nproc_per_node>("nproc_per_node"),
};

void append_inside(std::vector<Error>& errors, const std::string& part, std::vector<Error> more) {
    for (auto& error : more) {
        error.message = "In `" + part + "`: " + error.message;
        errors.push_back(std::move(error));
    }
}

std::vector<std::string> split_at(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// What `text` means for a field that now holds `current`: JSON, or plain text where it is not JSON or the field holds text.
Json meant_value(const std::string& text, const Json* current, bool is_devices) {
    const auto parsed = parse_json(text);
    const bool holds_text = current && current->is_string();
    if (parsed && (!holds_text || parsed->is_string())) return *parsed;
    if (is_devices) return split_at(text, ',');
    if (current && current->is_array()) return Json::array({text});
    return text;
}

}  // namespace

void to_json(Json& json, const RunConfig& config) {
    write_fields(json, run_json_fields, config);
}

Result<RunConfig> run_config_from_json(const Json& json) {
    RunConfig config;
    LOSSMITH_CHECK(read_fields(json, "", run_json_fields, config));
    return config;
}

int RunConfig::processes() const {
    return devices.size() > 1 ? static_cast<int>(devices.size()) : nproc_per_node;
}

std::vector<Error> RunConfig::validate() const {
    std::vector<Error> errors = range_errors(Json(*this), run_fields(), "");
    const auto wrong = [&](std::string message) { errors.push_back(Error::bad_input(std::move(message))); };
    if (model.empty()) wrong("`model` is empty; name a model, e.g. \"starter\".");
    if (max_steps == 0 && num_train_epochs == 0) wrong("`num_train_epochs` and `max_steps` are both 0, so nothing would be trained.");
    if (max_length == 1) wrong("`max_length` is 1, but a row needs at least 2 tokens to learn from; use 0 for the model's own length.");
    if (devices.empty()) wrong("`devices` is empty; name at least one, e.g. \"cpu\".");
    for (std::size_t i = 0; i < devices.size(); ++i) {
        if (devices[i].empty()) wrong("`devices[" + std::to_string(i) + "]` is empty.");
        if (std::count(devices.begin(), devices.begin() + static_cast<std::ptrdiff_t>(i), devices[i]) > 0)
            wrong("`devices` names \"" + devices[i] + "\" twice.");
    }
    if (packing && padding != "longest") wrong("`packing` leaves nothing to pad; leave `padding` at \"longest\".");
    if (template_spec && template_spec->label_padding && padding == "longest")
        wrong("`template.label_padding` labels what rows are filled up with, so `padding` must be \"max_length\".");
    if (template_spec) append_inside(errors, "template", template_spec->validate());
    append_inside(errors, "loss", loss.validate());
    if (reward) append_inside(errors, "reward", reward->validate());
    if (reward && packing) wrong("`packing` joins rows, but a reward needs each row's own prompt; turn one of them off.");
    if (reward && vocabulary_sample > 0) wrong("`vocabulary_sample` is for training from scratch; with a reward it must be 0.");
    if (reward && auto_find_batch_size)
        wrong("`auto_find_batch_size` is for learning from solutions; with a reward, lower `per_device_train_batch_size` instead.");
    if (reward && processes() > 1) wrong("A run by reward computes in one process; set `nproc_per_node` to 1 and choose one device.");
    if (nproc_per_node > 1 && devices != std::vector<std::string>{"cpu"})
        wrong("`nproc_per_node` is for processors; each graphics card has one process, so with them it must be 1.");
    const auto processors = std::ranges::count(devices, "cpu");
    if (processors > 0 && std::cmp_less(processors, devices.size()))
        wrong("`devices` names the processor and a graphics card; a run computes on one or the other.");
    if (lora) append_inside(errors, "lora", lora->validate());
    append_inside(errors, "sampling", sampling.validate());
    return errors;
}

Status set_field(RunConfig& config, const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
        return failure(
            Error::bad_input("\"" + assignment + "\" sets nothing.").with_hint("Write it as name=value, e.g. learning_rate=1e-4."));
    const std::string path = assignment.substr(0, equals);

    Json json = config;
    if (!json.contains("template") && path.starts_with("template.")) json["template"] = TemplateSpec{};
    if (!json.contains("reward") && path.starts_with("reward.")) json["reward"] = RewardSpec{};
    if (!json.contains("lora") && path.starts_with("lora.")) json["lora"] = LoraSpec{};
    Json* place = &json;
    const auto names = split_at(path, '.');
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        place = &(*place)[names[i]];
        if (place->is_null()) *place = Json::object();
        if (!place->is_object()) return failure(Error::bad_input("`" + path + "` names a field inside a value that has none."));
    }
    const std::string& last = names.back();
    const std::string text = assignment.substr(equals + 1);
    const auto file = path.starts_with("loss.parameters.") ? file_parameter(text) : std::nullopt;
    const Json* current = place->contains(last) ? &(*place)[last] : nullptr;
    const Json meant = file ? *file : meant_value(text, current, path == "devices");
    (*place)[last] = meant;
    config = LOSSMITH_TRY(run_config_from_json(json));
    return {};
}

}  // namespace lossmith
