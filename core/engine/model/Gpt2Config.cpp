#include "core/engine/model/Gpt2Config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/engine/model/QuotedName.h"

namespace lossmith::engine {
namespace {

// Wide enough for any GPT-2 in the world, narrow enough that no product of two overflows.
constexpr std::int64_t largest_vocabulary = 10'000'000;
constexpr std::int64_t largest_positions = 1'000'000;
constexpr std::int64_t largest_width = 100'000;
constexpr std::int64_t largest_inner_width = 1'000'000;
constexpr std::int64_t most_layers = 10'000;
constexpr std::array known_activations = {"gelu_new", "gelu_pytorch_tanh", "gelu", "relu"};

std::string kind_of(const Json& value) {
    if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
    if (value.is_number() || value.is_boolean() || value.is_null()) return value.dump();
    return std::string("a JSON ") + value.type_name();
}

Error wrong_field(const char* name, const Json& value, const char* wanted) {
    return Error::bad_input(std::string("In config.json, ") + name + " is " + kind_of(value) + " where " + wanted + " is expected.");
}

/// Takes fields out of config.json one by one; what is left at the end is the rest.
class Fields {
public:
    explicit Fields(const Json& json) : m_left(json) {}

    [[nodiscard]] Json take(const char* name) {
        const auto found = m_left.find(name);
        if (found == m_left.end()) return Json(Json::value_t::discarded);
        Json value = std::move(*found);
        m_left.erase(found);
        return value;
    }
    [[nodiscard]] Json left() && { return std::move(m_left); }

    [[nodiscard]] Status read(const char* name, std::int64_t& field) {
        const Json value = take(name);
        if (value.is_discarded()) return {};
        if (!is_whole(value)) return failure(wrong_field(name, value, "a whole number"));
        field = value.get<std::int64_t>();
        return {};
    }
    [[nodiscard]] Status read(const char* name, std::optional<std::int64_t>& field) {
        const Json value = take(name);
        if (value.is_discarded()) return {};
        field.reset();
        if (value.is_null()) return {};
        // transformers lets a config name several end tokens; the first is the one that is written behind a text.
        const Json& first = value.is_array() && !value.empty() ? value.front() : value;
        if (!is_whole(first)) return failure(wrong_field(name, value, "a whole number or null"));
        field = first.get<std::int64_t>();
        return {};
    }
    [[nodiscard]] Status read(const char* name, double& field) {
        const Json value = take(name);
        if (value.is_discarded()) return {};
        if (!value.is_number()) return failure(wrong_field(name, value, "a number"));
        field = value.get<double>();
        return {};
    }
    [[nodiscard]] Status read(const char* name, bool& field) {
        const Json value = take(name);
        if (value.is_discarded()) return {};
        if (!value.is_boolean()) return failure(wrong_field(name, value, "true or false"));
        field = value.get<bool>();
        return {};
    }
    [[nodiscard]] Status read(const char* name, std::string& field) {
        const Json value = take(name);
        if (value.is_discarded()) return {};
        if (!value.is_string()) return failure(wrong_field(name, value, "text"));
        field = value.get<std::string>();
        return {};
    }

private:
    static bool is_whole(const Json& value) {
        if (value.is_number_unsigned())
            return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        return value.is_number_integer();
    }

    Json m_left;
};

/// Keys of config.json that change what the model computes, and that nothing here computes.
Status refuse_what_cannot_be_computed(const Json& json) {
    if (json.value("add_cross_attention", Json()) == true)
        return failure(Error::unsupported("This GPT-2 has cross-attention layers (add_cross_attention), which are not supported here."));
    if (json.contains("quantization_config") && !json.at("quantization_config").is_null())
        return failure(Error::unsupported("This model's weights are quantised (quantization_config), which is not supported here.")
                           .with_hint("Use the model in float32, float16 or bfloat16."));
    return {};
}

void drop_if_outside(std::optional<std::int64_t>& id, std::int64_t vocab_size) {
    if (id && (*id < 0 || *id >= vocab_size)) id.reset();
}

void set_optional(Json& json, const char* name, const std::optional<std::int64_t>& value) {
    json[name] = value ? Json(*value) : Json();
}

}  // namespace

double Gpt2Config::attention_scale(std::size_t layer) const {
    double scale = scale_attn_weights ? 1.0 / std::sqrt(static_cast<double>(head_size())) : 1.0;
    if (scale_attn_by_inverse_layer_idx) scale /= static_cast<double>(layer + 1);
    return scale;
}

std::int64_t Gpt2Config::parameter_count() const {
    const std::int64_t inner = inner_size();
    const std::int64_t layer = 4 * n_embd + (n_embd + 1) * 3 * n_embd + (n_embd + 1) * n_embd + (n_embd + 1) * inner + (inner + 1) * n_embd;
    const std::int64_t heads = tie_word_embeddings ? 1 : 2;
    return heads * vocab_size * n_embd + n_positions * n_embd + n_layer * layer + 2 * n_embd;
}

std::vector<Error> Gpt2Config::validate() const {
    std::vector<Error> errors;
    const auto within = [&](const char* name, std::int64_t value, std::int64_t largest) {
        if (value < 1 || value > largest)
            errors.push_back(Error::bad_input(std::string("The model's ") + name + " is " + std::to_string(value) +
                                              "; it must lie between 1 and " + std::to_string(largest) + "."));
    };
    within("vocab_size", vocab_size, largest_vocabulary);
    within("n_positions", n_positions, largest_positions);
    within("n_embd", n_embd, largest_width);
    within("n_layer", n_layer, most_layers);
    within("n_head", n_head, largest_width);
    if (n_inner) within("n_inner", *n_inner, largest_inner_width);
    if (n_head >= 1 && n_embd >= 1 && n_embd % n_head != 0)
        errors.push_back(Error::bad_input("The model's n_embd (" + std::to_string(n_embd) + ") is not a multiple of its n_head (" +
                                          std::to_string(n_head) + "): each head gets an equal share."));
    if (std::find(known_activations.begin(), known_activations.end(), activation_function) == known_activations.end())
        errors.push_back(Error::unsupported("The model's activation_function " + in_quotes(activation_function) + " is not supported.")
                             .with_hint("Supported are gelu_new (GPT-2's own), gelu_pytorch_tanh, gelu and relu."));
    const auto probability = [&](const char* name, double value) {
        if (!(value >= 0.0 && value < 1.0))
            errors.push_back(Error::bad_input(std::string("The model's ") + name + " must be at least 0 and below 1."));
    };
    probability("resid_pdrop", resid_pdrop);
    probability("embd_pdrop", embd_pdrop);
    probability("attn_pdrop", attn_pdrop);
    if (!(layer_norm_epsilon > 0.0 && layer_norm_epsilon < 1.0))
        errors.push_back(Error::bad_input("The model's layer_norm_epsilon must lie between 0 and 1."));
    if (!(initializer_range >= 0.0 && initializer_range <= 10.0))
        errors.push_back(Error::bad_input("The model's initializer_range must lie between 0 and 10."));
    return errors;
}

void to_json(Json& json, const Gpt2Config& config) {
    json = config.rest.is_object() ? config.rest : Json::object();
    json["model_type"] = "gpt2";
    if (!json.contains("architectures")) json["architectures"] = {"GPT2LMHeadModel"};
    json["vocab_size"] = config.vocab_size;
    json["n_positions"] = config.n_positions;
    json["n_embd"] = config.n_embd;
    json["n_layer"] = config.n_layer;
    json["n_head"] = config.n_head;
    set_optional(json, "n_inner", config.n_inner);
    json["activation_function"] = config.activation_function;
    json["resid_pdrop"] = config.resid_pdrop;
    json["embd_pdrop"] = config.embd_pdrop;
    json["attn_pdrop"] = config.attn_pdrop;
    json["layer_norm_epsilon"] = config.layer_norm_epsilon;
    json["initializer_range"] = config.initializer_range;
    json["tie_word_embeddings"] = config.tie_word_embeddings;
    json["scale_attn_weights"] = config.scale_attn_weights;
    json["scale_attn_by_inverse_layer_idx"] = config.scale_attn_by_inverse_layer_idx;
    set_optional(json, "bos_token_id", config.bos_token_id);
    set_optional(json, "eos_token_id", config.eos_token_id);
    set_optional(json, "pad_token_id", config.pad_token_id);
}

Result<Gpt2Config> gpt2_config_from_json(const Json& json) {
    if (!json.is_object()) return failure(Error::bad_input("config.json does not hold a JSON object."));
    Fields fields(json);
    const Json model_type = fields.take("model_type");
    if (model_type.is_discarded())
        return failure(Error::bad_input("config.json has no model_type, so it does not say which kind of model this is.")
                           .with_hint("If this is a GPT-2, add \"model_type\": \"gpt2\" to config.json."));
    if (model_type != "gpt2")
        return failure(Error::unsupported("This model's type is " + kind_of(model_type) + "; only gpt2 is supported."));
    LOSSMITH_CHECK(refuse_what_cannot_be_computed(json));

    Gpt2Config config;
    LOSSMITH_CHECK(fields.read("vocab_size", config.vocab_size));
    LOSSMITH_CHECK(fields.read("n_positions", config.n_positions));
    LOSSMITH_CHECK(fields.read("n_embd", config.n_embd));
    LOSSMITH_CHECK(fields.read("n_layer", config.n_layer));
    LOSSMITH_CHECK(fields.read("n_head", config.n_head));
    LOSSMITH_CHECK(fields.read("n_inner", config.n_inner));
    LOSSMITH_CHECK(fields.read("activation_function", config.activation_function));
    LOSSMITH_CHECK(fields.read("resid_pdrop", config.resid_pdrop));
    LOSSMITH_CHECK(fields.read("embd_pdrop", config.embd_pdrop));
    LOSSMITH_CHECK(fields.read("attn_pdrop", config.attn_pdrop));
    LOSSMITH_CHECK(fields.read("layer_norm_epsilon", config.layer_norm_epsilon));
    LOSSMITH_CHECK(fields.read("initializer_range", config.initializer_range));
    LOSSMITH_CHECK(fields.read("tie_word_embeddings", config.tie_word_embeddings));
    LOSSMITH_CHECK(fields.read("scale_attn_weights", config.scale_attn_weights));
    LOSSMITH_CHECK(fields.read("scale_attn_by_inverse_layer_idx", config.scale_attn_by_inverse_layer_idx));
    LOSSMITH_CHECK(fields.read("bos_token_id", config.bos_token_id));
    LOSSMITH_CHECK(fields.read("eos_token_id", config.eos_token_id));
    LOSSMITH_CHECK(fields.read("pad_token_id", config.pad_token_id));
    config.rest = std::move(fields).left();
    drop_if_outside(config.bos_token_id, config.vocab_size);
    drop_if_outside(config.eos_token_id, config.vocab_size);
    drop_if_outside(config.pad_token_id, config.vocab_size);
    if (auto errors = config.validate(); !errors.empty()) return failure(std::move(errors.front()));
    return config;
}

}  // namespace lossmith::engine
