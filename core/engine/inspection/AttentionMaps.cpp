#include "core/engine/inspection/AttentionMaps.h"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <string>

#include "core/engine/inspection/Places.h"

namespace lossmith::engine {
namespace {

Status check_index(const char* what, std::int64_t index, std::int64_t count) {
    if (index >= 0 && index < count) return {};
    return failure(Error::bad_input("The model has no " + std::string(what) + " " + std::to_string(index) + ".")
                       .with_hint("It has " + std::to_string(count) + ", counted from 0."));
}

}  // namespace

Result<at::Tensor> attention_maps(const Gpt2& model, const std::vector<TokenId>& ids, std::int64_t layer, std::optional<std::int64_t> head,
                                  const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const at::Tensor text = LOSSMITH_TRY(text_tensor(model, ids));
    if (ids.size() > longest_attention_text)
        return failure(Error::bad_input("Attention is shown for at most " + std::to_string(longest_attention_text) +
                                        " tokens; this text has " + std::to_string(ids.size()) + ".")
                           .with_hint("Shorten the text."));
    LOSSMITH_CHECK(check_index("layer", layer, model.config().n_layer));
    if (head) LOSSMITH_CHECK(check_index("head", *head, model.config().n_head));
    if (cancelled.is_cancelled()) return failure(Error::cancelled());
    std::vector<at::Tensor> attentions;
    ForwardOptions options;
    options.attentions = &attentions;
    static_cast<void>(model.hidden(text, options));
    const at::Tensor maps = attentions[static_cast<std::size_t>(layer)][0].contiguous();
    return head ? maps.slice(0, *head, *head + 1) : maps;
}

Json attention_json(const at::Tensor& maps, std::int64_t layer, std::optional<std::int64_t> head) {
    const at::Tensor values = maps.contiguous();
    const float* at = values.data_ptr<float>();
    Json heads = Json::array();
    for (std::int64_t map = 0; map < values.size(0); ++map) {
        Json queries = Json::array();
        for (std::int64_t query = 0; query < values.size(1); ++query) {
            Json keys = Json::array();
            for (std::int64_t key = 0; key < values.size(2); ++key) keys.push_back(std::round(static_cast<double>(*at++) * 1e6) / 1e6);
            queries.push_back(std::move(keys));
        }
        heads.push_back(std::move(queries));
    }
    Json answer = {{"layer", layer}, {"heads", std::move(heads)}};
    if (head) answer["head"] = *head;
    return answer;
}

}  // namespace lossmith::engine
