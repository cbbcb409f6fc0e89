// Reads what Checkpoint.h describes: brings names, types and the head of every variant on the hub to one form.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>

#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/CheckpointWeights.h"
#include "core/engine/model/QuotedName.h"
#include "core/engine/model/TorchErrors.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* embedding_name = "transformer.wte.weight";
constexpr const char* head_name = "lm_head.weight";

std::string canonical_name(const std::string& name) {
    if (name == head_name || name.starts_with("transformer.")) return name;
    return "transformer." + name;
}

/// The causal mask and its fill value, which transformers once stored with the weights.
bool is_mask_buffer(const std::string& name) {
    return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias");
}

std::string text_of(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

const char* stored_name(at::ScalarType type) {
    switch (type) {
        case at::kFloat: return "float32";
        case at::kHalf: return "float16";
        case at::kBFloat16: return "bfloat16";
        case at::kDouble: return "float64";
        default: return nullptr;
    }
}

/// Gathers a model's tensors as they are visited.
class Gatherer {
public:
    explicit Gatherer(const Gpt2Config& config) {
        for (auto& [name, shape] : expected_tensors(config)) m_expected.emplace(std::move(name), std::move(shape));
        // Whether a tied model's file also has a head is known only when it comes.
        m_expected.emplace(head_name, std::vector<std::int64_t>{config.vocab_size, config.n_embd});
    }

    [[nodiscard]] Status take(const std::string& name, const std::vector<std::int64_t>& shape,
                              const std::function<Result<at::Tensor>()>& read) {
        const std::string canonical = canonical_name(name);
        if (is_mask_buffer(canonical)) return {};
        const auto expected = m_expected.find(canonical);
        if (expected == m_expected.end()) {
            unused.push_back(name);
            return {};
        }
        if (tensors.contains(canonical))
            return failure(Error::bad_input("The tensor " + in_quotes(canonical) + " is in the model's files twice."));
        if (shape != expected->second)
            return failure(Error::bad_input("The tensor " + in_quotes(name) + " has the shape " + text_of(shape) +
                                            " where config.json asks for " + text_of(expected->second) + ".")
                               .with_hint("Check that config.json and the weights are of the same model."));
        const at::Tensor stored = LOSSMITH_TRY(read());
        const char* type = stored_name(stored.scalar_type());
        if (type == nullptr)
            return failure(Error::unsupported("The tensor " + in_quotes(name) + " holds " +
                                              std::string(at::toString(stored.scalar_type())) +
                                              " where a model's weights are floating-point numbers."));
        m_numbers[type] += stored.numel();
        // A tensor that is a view into a larger storage is copied out of it, so that no two weights share memory.
        const bool own = stored.is_contiguous() && stored.storage().nbytes() == stored.nbytes() && stored.storage().use_count() == 1;
        tensors.emplace(canonical, own ? stored.to(at::kFloat) : stored.to(at::kFloat, false, true).contiguous());
        return {};
    }

    [[nodiscard]] std::string most_frequent_type() const {
        const auto most = std::max_element(m_numbers.begin(), m_numbers.end(),
                                           [](const auto& left, const auto& right) { return left.second < right.second; });
        return most == m_numbers.end() ? "float32" : most->first;
    }

    std::map<std::string, at::Tensor> tensors;
    std::vector<std::string> unused;

private:
    std::map<std::string, std::vector<std::int64_t>> m_expected;
    std::map<std::string, std::int64_t> m_numbers;
};

/// As transformers 5 does: of a tied pair either may be stored; both are accepted, and where they differ the config is wrong.
void settle_head(Checkpoint& checkpoint) {
    if (!checkpoint.config.tie_word_embeddings) return;
    const auto head = checkpoint.tensors.find(head_name);
    if (head == checkpoint.tensors.end()) return;
    const auto embedding = checkpoint.tensors.find(embedding_name);
    if (embedding == checkpoint.tensors.end()) {
        checkpoint.tensors.emplace(embedding_name, std::move(head->second));
        checkpoint.tensors.erase(head_name);
    } else if (embedding->second.equal(head->second)) {
        checkpoint.tensors.erase(head);
    } else {
        checkpoint.config.tie_word_embeddings = false;
    }
}

Status check_complete(const Checkpoint& checkpoint) {
    for (const auto& [name, shape] : expected_tensors(checkpoint.config)) {
        if (!checkpoint.tensors.contains(name))
            return failure(
                Error::bad_input("The tensor " + in_quotes(name) + " of shape " + text_of(shape) + " is missing from the model's files.")
                    .with_hint("Check that the download is complete and that config.json is of the same model."));
    }
    return {};
}

Result<Json> read_generation_config(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return Json::object();
    Json json = LOSSMITH_TRY(read_json_file(path));
    if (!json.is_object()) return failure(Error::bad_input("generation_config.json does not hold a JSON object.").in_file(path.string()));
    return json;
}

Result<Checkpoint> read_folder(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) return failure(Error::not_found("There is no such model folder.").in_file(folder.string()));
    if (!fs::exists(folder / "config.json", ignored))
        return failure(Error::not_found("This folder has no config.json, so it is not a Hugging Face model.")
                           .with_hint("Choose a folder that a Hugging Face model was saved or downloaded into.")
                           .in_file(folder.string()));
    const Json json = LOSSMITH_TRY(read_json_file(folder / "config.json"));
    auto config = gpt2_config_from_json(json);
    if (!config) return failure(std::move(config).error().in_file((folder / "config.json").string()));

    Checkpoint checkpoint;
    checkpoint.config = *std::move(config);
    checkpoint.generation_config = LOSSMITH_TRY(read_generation_config(folder / "generation_config.json"));
    Gatherer gatherer(checkpoint.config);
    LOSSMITH_CHECK(
        visit_weights(folder, [&](const auto& name, const auto& shape, const auto& read) { return gatherer.take(name, shape, read); }));
    checkpoint.dtype_on_disk = gatherer.most_frequent_type();
    checkpoint.tensors = std::move(gatherer.tensors);
    checkpoint.unused = std::move(gatherer.unused);
    settle_head(checkpoint);
    LOSSMITH_CHECK(check_complete(checkpoint));
    return checkpoint;
}

}  // namespace

std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected_tensors(const Gpt2Config& config) {
    const std::int64_t width = config.n_embd;
    const std::int64_t inner = config.inner_size();
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) { tensors.emplace_back(name, std::move(shape)); };
    const auto add_pair = [&](const std::string& name, std::vector<std::int64_t> weight, std::int64_t bias) {
        add(name + ".weight", std::move(weight));
        add(name + ".bias", {bias});
    };
    add(embedding_name, {config.vocab_size, width});
    add("transformer.wpe.weight", {config.n_positions, width});
    for (std::int64_t layer = 0; layer < config.n_layer; ++layer) {
        const std::string prefix = "transformer.h." + std::to_string(layer) + ".";
        add_pair(prefix + "ln_1", {width}, width);
        add_pair(prefix + "attn.c_attn", {width, 3 * width}, 3 * width);
        add_pair(prefix + "attn.c_proj", {width, width}, width);
        add_pair(prefix + "ln_2", {width}, width);
        add_pair(prefix + "mlp.c_fc", {width, inner}, inner);
        add_pair(prefix + "mlp.c_proj", {inner, width}, width);
    }
    add_pair("transformer.ln_f", {width}, width);
    if (!config.tie_word_embeddings) add(head_name, {config.vocab_size, width});
    return tensors;
}

Result<Checkpoint> read_checkpoint(const fs::path& folder) {
    auto checkpoint = without_exceptions([&] { return read_folder(folder); });
    if (!checkpoint && checkpoint.error().where.file.empty()) return failure(std::move(checkpoint).error().in_file(folder.string()));
    return checkpoint;
}

}  // namespace lossmith::engine
