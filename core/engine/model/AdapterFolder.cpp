#include "core/engine/model/AdapterFolder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/Files.h"
#include "core/base/Resources.h"
#include "core/engine/model/QuotedName.h"
#include "core/engine/model/Safetensors.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* adapter_config_file = "adapter_config.json";
constexpr const char* adapter_weights_file = "adapter_model.safetensors";
constexpr const char* adapter_base_file = "base.json";
constexpr std::string_view peft_prefix = "base_model.model.";
constexpr std::int64_t largest_rank = 100'000;

Error wrong_in_config(const std::string& sentence) {
    return Error::bad_input("In adapter_config.json, " + sentence);
}

/// Whether a key of peft's config asks for something: absent, null, false, empty and zero do not.
bool asks(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null() || *found == false) return false;
    return !((found->is_object() || found->is_array()) && found->empty());
}

/// Keys that change what an adapter computes, and that nothing here computes.
Status refuse_other_kinds(const Json& json) {
    if (json.value("peft_type", Json()) != "LORA")
        return failure(Error::unsupported("This adapter's peft_type is not LORA, which is the only kind that is supported here."));
    static constexpr std::array others = {"use_dora",          "use_qalora",
                                          "use_bdlora",        "lora_bias",
                                          "modules_to_save",   "alpha_pattern",
                                          "layer_replication", "trainable_token_indices",
                                          "target_parameters", "alora_invocation_tokens",
                                          "arrow_config",      "velora_config",
                                          "monteclora_config"};
    for (const char* key : others)
        if (asks(json, key))
            return failure(Error::unsupported(std::string("This adapter uses ") + key + ", which is not supported here.")
                               .with_hint("Merge it into its model with peft's merge_and_unload() and use the whole model."));
    if (const Json bias = json.value("bias", Json("none")); bias != "none")
        return failure(Error::unsupported("This adapter also changes biases (bias is not \"none\"), which is not supported here."));
    const Json start = json.value("init_lora_weights", Json(true));
    // The others of peft's ways to begin also change the base's weights, which the adapter's file does not hold.
    if (!start.is_boolean() && start != "gaussian" && start != "orthogonal")
        return failure(Error::unsupported("This adapter's init_lora_weights changes the weights of its base, which is not supported here.")
                           .with_hint("Save it with peft's path_initial_model_for_weight_conversion, which makes a plain adapter of it."));
    return {};
}

struct AdapterConfig {
    LoraSpec spec;
    bool scaled_by_root = false;  ///< use_rslora: alpha / sqrt(r)
    bool ranks_differ = false;    ///< rank_pattern
    std::string base;             ///< base_model_name_or_path
};

Result<AdapterConfig> read_adapter_config(const fs::path& folder) {
    const Json json = LOSSMITH_TRY(read_json_file(folder / adapter_config_file));
    if (!json.is_object()) return failure(Error::bad_input("adapter_config.json does not hold a JSON object."));
    LOSSMITH_CHECK(refuse_other_kinds(json));
    AdapterConfig config;
    const Json rank = json.value("r", Json());
    if (!rank.is_number_integer() || rank < 1 || rank > largest_rank)
        return failure(wrong_in_config("r must be a whole number from 1 to " + std::to_string(largest_rank) + "."));
    config.spec.r = rank.get<int>();
    const Json alpha = json.value("lora_alpha", Json());
    if (!alpha.is_number() || !std::isfinite(alpha.get<double>()) || alpha.get<double>() <= 0.0)
        return failure(wrong_in_config("lora_alpha must be a number above 0."));
    config.spec.lora_alpha = alpha.get<double>();
    const Json dropout = json.value("lora_dropout", Json(0.0));
    if (!dropout.is_number() || !(dropout.get<double>() >= 0.0 && dropout.get<double>() < 1.0))
        return failure(wrong_in_config("lora_dropout must be at least 0 and below 1."));
    config.spec.lora_dropout = dropout.get<double>();
    config.scaled_by_root = asks(json, "use_rslora");
    config.ranks_differ = asks(json, "rank_pattern");
    config.base = string_or_empty(json, "base_model_name_or_path");
    return config;
}

/// The folder of the base, which for the shipped model is where this program lies.
Json name_for_peft(const AdapterBase& base) {
    if (base.model.empty()) return {};
    if (base.model != "starter") return base.model;
    const auto shipped = resource("starter-model");
    return shipped ? shipped->string() : base.model;
}

Json adapter_config_json(const LoraAdapter& adapter) {
    std::set<std::int64_t> layers;
    for (const auto& [name, pair] : adapter.pairs) layers.insert(std::stoll(name.substr(std::string("transformer.h.").size())));
    const double alpha = adapter.spec.lora_alpha;
    return {{"peft_type", "LORA"},
            {"task_type", "CAUSAL_LM"},
            {"base_model_name_or_path", name_for_peft(adapter.base)},
            {"r", adapter.spec.r},
            {"lora_alpha", alpha == std::floor(alpha) && alpha < 1e9 ? Json(static_cast<std::int64_t>(alpha)) : Json(alpha)},
            {"lora_dropout", adapter.spec.lora_dropout},
            {"target_modules", adapter.spec.target_modules},
            // From the first layer on peft wants no list.
            {"layers_to_transform", layers.empty() || *layers.begin() == 0 ? Json() : Json(layers)},
            {"fan_in_fan_out", true},
            {"bias", "none"},
            {"inference_mode", true},
            {"init_lora_weights", true},
            {"modules_to_save", nullptr}};
}

Json base_json(const AdapterBase& base, const fs::path& folder) {
    Json json = {{"model", base.model}, {"sha256", base.sha256}};
    std::error_code code;
    if (base.model != "starter") json["relative"] = fs::relative(base.model, folder, code).string();
    if (base.vocab_size > 0) json.update({{"vocab_size", base.vocab_size}, {"random_rows", base.random_rows}, {"seed", base.seed}});
    return json;
}

Result<AdapterBase> base_from_json(const Json& json) {
    const auto wrong = [] { return failure(Error::bad_input("base.json is not as this program writes it.")); };
    if (!json.is_object()) return wrong();
    AdapterBase base;
    base.model = string_or_empty(json, "model");
    base.sha256 = string_or_empty(json, "sha256");
    if (!json.contains("vocab_size")) return base;
    const Json rows = json.value("random_rows", Json(false));
    const Json seed = json.value("seed", Json(0));
    if (!json["vocab_size"].is_number_unsigned() || json["vocab_size"] > 10'000'000 || !rows.is_boolean() || !seed.is_number_unsigned())
        return wrong();
    base.vocab_size = json["vocab_size"].get<std::int64_t>();
    base.random_rows = rows.get<bool>();
    base.seed = seed.get<std::uint64_t>();
    return base;
}

/// Takes the tensors of an adapter's file one by one.
class PairGatherer {
public:
    PairGatherer(const AdapterConfig& config, std::vector<LoraPlace> places) : m_config(config), m_places(std::move(places)) {}

    [[nodiscard]] Status take(const SafetensorsFile& file, const std::string& name) {
        std::string_view rest = name;
        const bool is_a = rest.ends_with(".lora_A.weight");
        const bool is_b = rest.ends_with(".lora_B.weight");
        if (!rest.starts_with(peft_prefix) || !(is_a || is_b)) return failure(foreign(name));
        rest = rest.substr(peft_prefix.size(), rest.size() - peft_prefix.size() - std::string_view(".lora_A.weight").size());
        const auto place = std::find_if(m_places.begin(), m_places.end(), [&](const LoraPlace& known) { return known.name == rest; });
        if (place == m_places.end()) return failure(foreign(name));
        const auto shape = LOSSMITH_TRY(file.shape(name));
        const std::int64_t side = is_a ? place->in : place->out;
        if (shape.size() != 2 || shape[is_a ? 1 : 0] != side)
            return failure(Error::bad_input("The tensor " + in_quotes(name) + " does not fit a matrix of " + std::to_string(place->in) +
                                            " by " + std::to_string(place->out) + ".")
                               .with_hint("Check that the adapter was made for this model."));
        const std::int64_t rank = shape[is_a ? 0 : 1];
        if (rank < 1 || (rank != m_config.spec.r && !m_config.ranks_differ))
            return failure(Error::bad_input("The tensor " + in_quotes(name) + " is of rank " + std::to_string(rank) +
                                            " where adapter_config.json says " + std::to_string(m_config.spec.r) + "."));
        const at::Tensor stored = LOSSMITH_TRY(file.tensor(name));
        if (!stored.is_floating_point())
            return failure(Error::unsupported("The tensor " + in_quotes(name) + " does not hold floating-point numbers."));
        LoraPair& pair = m_pairs[place->name];
        (is_a ? pair.a : pair.b) = stored.to(at::kFloat).contiguous();
        return {};
    }

    [[nodiscard]] Result<LoraAdapter> finish() {
        LoraAdapter adapter;
        adapter.spec = m_config.spec;
        adapter.spec.target_modules.clear();
        for (const LoraPlace& place : m_places) {
            const auto found = m_pairs.find(place.name);
            if (found == m_pairs.end()) continue;
            LoraPair& pair = found->second;
            if (!pair.a.defined() || !pair.b.defined() || pair.a.size(0) != pair.b.size(1))
                return failure(
                    Error::bad_input("The adapter's change of " + place.name + " is not whole: its lora_A and lora_B do not match."));
            const auto rank = static_cast<double>(pair.a.size(0));
            pair.scaling = m_config.spec.lora_alpha / (m_config.scaled_by_root ? std::sqrt(rank) : rank);
            pair.dropout = m_config.spec.lora_dropout;
            auto& modules = adapter.spec.target_modules;
            if (std::find(modules.begin(), modules.end(), place.module) == modules.end()) modules.push_back(place.module);
            adapter.pairs.emplace_back(place.name, std::move(pair));
        }
        if (adapter.pairs.empty()) return failure(Error::bad_input("The adapter holds no change at all."));
        return adapter;
    }

private:
    [[nodiscard]] static Error foreign(const std::string& name) {
        return Error::bad_input("The tensor " + in_quotes(name) + " is not a change of a matrix that this model has.")
            .with_hint("Check that the adapter was made for this model.");
    }

    const AdapterConfig& m_config;
    std::vector<LoraPlace> m_places;
    std::map<std::string, LoraPair> m_pairs;
};

Result<LoraAdapter> read_adapter_folder(const fs::path& folder, const Gpt2Config& config) {
    const AdapterConfig described = LOSSMITH_TRY(read_adapter_config(folder));
    std::error_code code;
    if (!fs::exists(folder / adapter_weights_file, code))
        return failure(Error::not_found("This adapter's folder has no adapter_model.safetensors.")
                           .with_hint("An adapter_model.bin can be saved anew by peft's save_pretrained(), which writes safetensors."));
    const SafetensorsFile file = LOSSMITH_TRY(SafetensorsFile::open(folder / adapter_weights_file));
    PairGatherer gatherer(described, lora_places(config));
    for (const std::string& name : file.names()) LOSSMITH_CHECK(gatherer.take(file, name));
    return gatherer.finish();
}

bool holds_a_model(const fs::path& folder) {
    std::error_code code;
    return fs::is_regular_file(folder / "config.json", code) || is_adapter_folder(folder);
}

Result<AdapterBase> read_base(const fs::path& folder) {
    const AdapterConfig described = LOSSMITH_TRY(read_adapter_config(folder));
    std::error_code code;
    AdapterBase base;
    std::vector<fs::path> candidates;
    if (fs::exists(folder / adapter_base_file, code)) {
        const Json json = LOSSMITH_TRY(read_json_file(folder / adapter_base_file));
        base = LOSSMITH_TRY(base_from_json(json));
        candidates = {fs::path(base.model), folder / string_or_empty(json, "relative")};
    } else {
        base.model = described.base;
        candidates = {fs::path(base.model), folder / base.model};
    }
    if (base.model == "starter") return base;
    if (base.model.empty())
        return failure(Error::not_found("The adapter does not say which model it belongs to.")
                           .with_hint("Write that model's folder as base_model_name_or_path into adapter_config.json."));
    for (const fs::path& candidate : candidates) {
        if (!holds_a_model(candidate) || fs::equivalent(candidate, folder, code)) continue;
        base.model = fs::absolute(candidate, code).lexically_normal().string();
        return base;
    }
    return failure(Error::not_found("The adapter belongs to the model " + in_quotes(base.model) + ", which is not a model's folder here.")
                       .with_hint("Put that model there, or write its folder as base_model_name_or_path into adapter_config.json."));
}

}  // namespace

bool is_adapter_folder(const fs::path& folder) {
    std::error_code code;
    return fs::is_regular_file(folder / adapter_config_file, code);
}

Result<AdapterBase> read_adapter_base(const fs::path& folder) {
    auto base = without_exceptions([&] { return read_base(folder); });
    if (!base && base.error().where.file.empty()) return failure(std::move(base).error().in_file(folder.string()));
    return base;
}

Result<LoraAdapter> read_adapter(const fs::path& folder, const Gpt2Config& config) {
    auto adapter = without_exceptions([&] { return read_adapter_folder(folder, config); });
    if (!adapter && adapter.error().where.file.empty()) return failure(std::move(adapter).error().in_file(folder.string()));
    return adapter;
}

Status write_adapter(const fs::path& folder, const LoraAdapter& adapter, const AlsoWrite& also) {
    return write_model_folder(folder, [&](const fs::path& part) -> Status {
        NamedTensors tensors;
        for (const auto& [name, tensor] : named_tensors(adapter)) tensors.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
        LOSSMITH_CHECK(write_safetensors(part / adapter_weights_file, tensors, {{"format", "pt"}}));
        LOSSMITH_CHECK(write_file_atomically(part / adapter_config_file, adapter_config_json(adapter).dump(2) + "\n"));
        if (!adapter.base.model.empty())
            LOSSMITH_CHECK(write_file_atomically(part / adapter_base_file, base_json(adapter.base, part).dump(2) + "\n"));
        return also ? also(part) : Status{};
    });
}

}  // namespace lossmith::engine
