#include "core/engine/training/SharedRun.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/Json.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Product.h"
#include "core/engine/training/BatchPlan.h"
#include "core/engine/training/RunDriver.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t numbers_of_example = 5;

Json as_json(const StepLoss& loss) {
    Json parts = Json::array();
    for (const auto& [name, value] : loss.parts) parts.push_back({name, value});
    return {{"mean", loss.mean}, {"real_tokens", loss.real_tokens}, {"parts", std::move(parts)}};
}

/// A number that is not finite is null in JSON.
double number(const Json& json) {
    return json.is_number() ? json.get<double>() : std::nan("");
}

Status add(StepLoss& sum, const std::string& share) {
    const Json json = LOSSMITH_TRY(parse_json(share, "a rank's loss"));
    sum.mean += number(json.at("mean"));
    sum.real_tokens += json.at("real_tokens").get<std::int64_t>();
    for (const Json& part : json.at("parts")) add_part(sum.parts, part.at(0).get<std::string>(), number(part.at(1)));
    return {};
}

/// Examples as three tensors: what is known of each, then all ids and all labels end to end.
struct PackedExamples {
    at::Tensor numbers, ids, labels;

    static PackedExamples room_for(std::int64_t count, std::int64_t tokens) {
        return {at::empty({count, numbers_of_example}, at::kLong), at::empty({tokens}, at::kInt), at::empty({tokens}, at::kLong)};
    }
    Status broadcast(Ranks& ranks) const {
        LOSSMITH_CHECK(ranks.broadcast(numbers));
        LOSSMITH_CHECK(ranks.broadcast(ids));
        return ranks.broadcast(labels);
    }
};

std::int64_t tokens_of(const std::vector<Example>& examples) {
    std::int64_t tokens = 0;
    for (const Example& example : examples) tokens += static_cast<std::int64_t>(example.input_ids.size());
    return tokens;
}

PackedExamples packed(const std::vector<Example>& examples) {
    PackedExamples all = PackedExamples::room_for(static_cast<std::int64_t>(examples.size()), tokens_of(examples));
    auto* number = all.numbers.data_ptr<std::int64_t>();
    auto* id = all.ids.data_ptr<std::int32_t>();
    auto* label = all.labels.data_ptr<std::int64_t>();
    for (const Example& example : examples) {
        *number++ = static_cast<std::int64_t>(example.input_ids.size());
        *number++ = static_cast<std::int64_t>(example.prompt_tokens);
        *number++ = static_cast<std::int64_t>(example.truncated_tokens);
        *number++ = static_cast<std::int64_t>(example.padding_tokens);
        *number++ = example.ended ? 1 : 0;
        id = std::copy(example.input_ids.begin(), example.input_ids.end(), id);
        label = std::copy(example.labels.begin(), example.labels.end(), label);
    }
    return all;
}

Result<std::vector<Example>> unpacked(const PackedExamples& all, std::int64_t vocab_size) {
    std::vector<Example> examples(static_cast<std::size_t>(all.numbers.size(0)));
    const auto* number = all.numbers.data_ptr<std::int64_t>();
    const auto* id = all.ids.data_ptr<std::int32_t>();
    const auto* label = all.labels.data_ptr<std::int64_t>();
    std::int64_t left = all.ids.numel();
    for (Example& example : examples) {
        const std::int64_t length = *number++;
        const bool fits = length >= 0 && length <= left;
        if (!fits || std::any_of(id, id + length, [&](std::int32_t one) { return one < 0 || one >= vocab_size; }) ||
            std::any_of(label, label + length, [&](std::int64_t one) { return one >= vocab_size; }))
            return failure(Error::bad_input("Rank 0 sent examples that do not fit together."));
        left -= length;
        example.prompt_tokens = static_cast<std::size_t>(*number++);
        example.truncated_tokens = static_cast<std::size_t>(*number++);
        example.padding_tokens = static_cast<std::size_t>(*number++);
        example.ended = *number++ != 0;
        example.input_ids.assign(id, id + length);
        example.labels.assign(label, label + length);
        id += length;
        label += length;
    }
    return examples;
}

Status broadcast_weights(Ranks& ranks, const Gpt2& model) {
    const at::NoGradGuard no_graph;
    for (auto& [name, tensor] : model.parameters()) LOSSMITH_CHECK(ranks.broadcast(tensor.detach()));
    if (const LoraAdapter* adapter = model.adapter())
        for (auto& [name, tensor] : named_tensors(*adapter)) LOSSMITH_CHECK(ranks.broadcast(tensor.detach()));
    return {};
}

/// A model of rank 0's shape and weights, and if asked for with an adapter like rank 0's.
Result<Gpt2> receive_model(Ranks& ranks, const Json& shape, const RunConfig& config, bool with_adapter) {
    const Gpt2Config of_model = LOSSMITH_TRY(gpt2_config_from_json(shape));
    const auto checkpoint = LOSSMITH_TRY(new_checkpoint(of_model, config.seed));
    Gpt2 model = Gpt2::from_checkpoint(checkpoint);
    if (with_adapter) model.set_adapter(new_adapter(of_model, *config.lora, config.freeze_layers, config.seed));
    LOSSMITH_CHECK(broadcast_weights(ranks, model));
    return model;
}

Result<Json> order_from(Ranks& ranks) {
    const std::string words = LOSSMITH_TRY(ranks.next_order());
    return parse_json(words, "rank 0's order");
}

std::vector<std::size_t> lengths_in(const std::vector<Example>& examples) {
    std::vector<std::size_t> lengths;
    for (const Example& example : examples) lengths.push_back(example.input_ids.size());
    return lengths;
}

/// The steps that rank 0 orders, until it orders no more.
Status take_part(Ranks& ranks, Gpt2& model, const Objective& objective, const std::vector<Example>& examples, const RunConfig& config,
                 AdamW& optimizer, std::int64_t total_steps) {
    BatchPlan plan(lengths_in(examples), config);
    while (true) {
        const Json order = LOSSMITH_TRY(order_from(ranks));
        if (!order.contains("step")) return {};
        const auto step = order.at("step").get<std::int64_t>();
        const double progress = static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, total_steps));
        optimizer.zero_gradients();
        const StepLoss loss =
            LOSSMITH_TRY(shared_gradients(ranks, model, objective, examples, plan.step(step), config, LossMoment{step, progress}));
        const double norm = optimizer.gradient_norm();
        // What is not finite ends the run, as rank 0 will order.
        if (std::isfinite(loss.mean) && std::isfinite(norm)) optimizer.step(order.at("learning_rate").get<double>(), norm);
    }
}

Status work_on_job(Ranks& ranks) {
    const std::string sent = LOSSMITH_TRY(ranks.broadcast(std::string()));
    const Json job = LOSSMITH_TRY(parse_json(sent, "rank 0's job"));
    const RunConfig config = LOSSMITH_TRY(run_config_from_json(job.at("config")));
    const MatmulPrecision precision(config.float32_matmul_precision, ranks.device());
    PackedExamples all = PackedExamples::room_for(job.at("examples").get<std::int64_t>(), job.at("tokens").get<std::int64_t>());
    LOSSMITH_CHECK(all.broadcast(ranks));
    const Json& shape = job.at("model");
    const std::vector<Example> examples = LOSSMITH_TRY(unpacked(all, shape.at("vocab_size").get<std::int64_t>()));
    Gpt2 model = LOSSMITH_TRY(receive_model(ranks, shape, config, config.lora.has_value()));
    if (config.dropout) model.set_dropout(*config.dropout);
    model.move_to(ranks.device());
    std::optional<Gpt2> frozen;
    if (job.contains("frozen")) {
        frozen = config.lora ? model.without_adapter() : LOSSMITH_TRY(receive_model(ranks, job.at("frozen"), config, false));
        frozen->move_to(ranks.device());
    }
    model.require_gradients_but(config.freeze_layers, config.freeze_embeddings);
    AdamW optimizer(model.trainable_parameters(), config);
    std::map<std::string, at::Tensor> moments;
    for (const auto& [name, tensor] : optimizer.state()) {
        LOSSMITH_CHECK(ranks.broadcast(tensor));
        moments.emplace(name, tensor);
    }
    LOSSMITH_CHECK(optimizer.restore(moments, job.at("updates").get<std::int64_t>()));
    auto tokenizer = LOSSMITH_TRY(Tokenizer::from_folder(job.at("tokenizer").get<std::string>()));
    if (config.template_spec) tokenizer = tokenizer->with_added_tokens(config.template_spec->added_tokens);
    const LossSetting setting{model.config().vocab_size, model.config().n_embd, tokenizer.get()};
    const auto loss = LOSSMITH_TRY(make_loss(config.loss, setting));
    const Objective objective(*loss, frozen ? &*frozen : nullptr);
    return take_part(ranks, model, objective, examples, config, optimizer, job.at("total_steps").get<std::int64_t>());
}

}  // namespace

Result<StepLoss> shared_gradients(Ranks& ranks, const Gpt2& model, const Objective& objective, const std::vector<Example>& examples,
                                  const PlannedStep& planned, const RunConfig& config, const LossMoment& moment) {
    GradientPass pass;
    pass.rank = static_cast<std::size_t>(ranks.rank());
    pass.ranks = static_cast<std::size_t>(ranks.size());
    const StepLoss own = LOSSMITH_TRY(accumulate_gradients(model, objective, examples, planned, config, moment, pass));
    std::vector<at::Tensor> gradients;
    for (auto& [name, tensor] : model.trainable_parameters()) {
        at::Tensor& gradient = tensor.mutable_grad();
        if (!gradient.defined()) gradient = at::zeros_like(tensor);
        gradients.push_back(gradient);
    }
    LOSSMITH_CHECK(ranks.sum(gradients));
    StepLoss all;
    all.labelled = own.labelled;
    for (const std::string& share : LOSSMITH_TRY(ranks.gather(as_json(own).dump()))) LOSSMITH_CHECK(add(all, share));
    return all;
}

Status give_job(Ranks& ranks, const SharedJob& job, const AdamW& optimizer, std::int64_t updates, std::int64_t total_steps) {
    const PackedExamples all = packed(job.examples);
    Json json = {{"config", job.config},
                 {"model", job.base.model.config()},
                 {"tokenizer", job.base.folder.string()},
                 {"examples", all.numbers.size(0)},
                 {"tokens", all.ids.numel()},
                 {"updates", updates},
                 {"total_steps", total_steps}};
    if (job.frozen != nullptr) json["frozen"] = job.frozen->model.config();
    static_cast<void>(LOSSMITH_TRY(ranks.broadcast(json.dump())));
    LOSSMITH_CHECK(all.broadcast(ranks));
    LOSSMITH_CHECK(broadcast_weights(ranks, job.base.model));
    if (job.frozen != nullptr && !job.config.lora) LOSSMITH_CHECK(broadcast_weights(ranks, job.frozen->model));
    for (const auto& [name, tensor] : optimizer.state()) LOSSMITH_CHECK(ranks.broadcast(tensor));
    return {};
}

Status order_step(Ranks& ranks, std::int64_t step, double learning_rate) {
    return ranks.order(Json{{"step", step}, {"learning_rate", learning_rate}}.dump());
}

Status order_end(Ranks& ranks) {
    return ranks.order(Json{{"end", true}}.dump());
}

Status work_as_rank(Ranks& ranks) {
    Status status;
    try {
        status = work_on_job(ranks);
    } catch (const std::exception& exception) {
        status = failure(Error::internal(exception.what()));
    }
    if (!status) ranks.leave(describe(status.error()));
    return status;
}

}  // namespace lossmith::engine
