#include "core/engine/loss/check/FlowObserver.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/engine/loss/check/OperatorKinds.h"

namespace lossmith::engine {
namespace {

constexpr int deepest_container = 3;

bool carries_gradient(const Value& value, int depth = 0) {
    if (value.is_tensor()) return value.as_tensor().requires_grad();
    if (depth == deepest_container) return false;
    if (value.is_sequence())
        return std::ranges::any_of(value.items(), [&](const Value& item) { return carries_gradient(item, depth + 1); });
    if (value.is(ValueKind::Dict))
        return std::ranges::any_of(value.pairs(), [&](const auto& pair) { return carries_gradient(pair.second, depth + 1); });
    return false;
}

/// A value that comes from tensors' contents: a tensor, a number, or some of them.
bool holds_data(const Value& value) {
    return value.is_tensor() || value.is_number() || value.is_sequence();
}

bool is_finite(const at::Tensor& tensor) {
    if (!tensor.is_floating_point() || tensor.numel() == 0) return true;
    const at::NoGradGuard no_graph;
    // A sum is finite unless a summand is not (or it overflows): one pass; only then the exact question.
    if (std::isfinite(tensor.sum().item<double>())) return true;
    return at::isfinite(tensor).all().item<bool>();
}

std::string short_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

bool same_tensor(const Value& a, const Value& b) {
    return a.is_tensor() && b.is_tensor() && a.as_tensor().is_same(b.as_tensor());
}

/// A slice with these ends and no step in the second place of an index.
bool cuts_tokens(const Value& index, bool first_dropped) {
    if (!index.is(ValueKind::Tuple) || index.items().size() < 2) return false;
    std::size_t place = 1;
    if (index.items()[0].is(ValueKind::Ellipsis)) place = index.items().size() - (index.items().size() == 3 ? 2 : 1);
    const Value& second = index.items()[place];
    if (!second.is(ValueKind::Slice)) return false;
    const auto& slice = second.heap<language::SliceValue>();
    const auto is = [](const Value& value, std::int64_t number) { return value.is(ValueKind::Int) && value.as_int() == number; };
    if (first_dropped) return is(slice.start, 1) && slice.stop.is_none();
    return (slice.start.is_none() || is(slice.start, 0)) && is(slice.stop, -1);
}

}  // namespace

std::string dtype_name(const at::Tensor& tensor) {
    switch (tensor.scalar_type()) {
        case at::kFloat: return "float32";
        case at::kDouble: return "float64";
        case at::kHalf: return "float16";
        case at::kBFloat16: return "bfloat16";
        case at::kLong: return "int64";
        case at::kInt: return "int32";
        case at::kShort: return "int16";
        case at::kChar: return "int8";
        case at::kByte: return "uint8";
        case at::kBool: return "bool";
        default: return at::toString(tensor.scalar_type());
    }
}

FlowObserver::FlowObserver(const std::vector<std::pair<std::string, Value>>& arguments, bool ranges)
    : m_arguments(arguments), m_ranges(ranges) {}

FlowObserver::Taint FlowObserver::taint_of(const Value& value, int depth) const {
    if (value.is_tensor()) {
        const auto found = m_tensors.find(value.as_tensor().unsafeGetTensorImpl());
        return found != m_tensors.end() && !found->second.tensor.expired() ? found->second.taint : Taint{};
    }
    if (value.is_number()) {
        const auto found = m_numbers.find(value.as_float());
        return found != m_numbers.end() ? found->second : Taint{};
    }
    Taint all;
    if (depth == deepest_container) return all;
    if (value.is_sequence())
        for (const Value& item : value.items()) all.merge(taint_of(item, depth + 1));
    if (value.is(ValueKind::Dict))
        for (const auto& [key, item] : value.pairs()) all.merge(taint_of(item, depth + 1));
    return all;
}

void FlowObserver::set_taint(const Value& value, const Taint& taint, int depth) {
    if (taint.empty() || depth > deepest_container) return;
    if (value.is_tensor()) {
        at::TensorImpl* impl = value.as_tensor().unsafeGetTensorImpl();
        const auto found = m_tensors.find(impl);
        if (found != m_tensors.end() && !found->second.tensor.expired())
            found->second.taint.insert(taint.begin(), taint.end());
        else
            m_tensors.insert_or_assign(
                impl,
                Known{c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>(value.as_tensor().getIntrusivePtr()), taint});
    } else if (value.is(ValueKind::Float) || value.is(ValueKind::Int)) {
        m_numbers[value.as_float()].insert(taint.begin(), taint.end());
    } else if (value.is_sequence()) {
        for (const Value& item : value.items()) set_taint(item, taint, depth + 1);
    }
}

void FlowObserver::note_use(const Value& value, int depth) {
    for (const auto& [name, argument] : m_arguments)
        if (same_tensor(value, argument)) m_used.insert(name);
    if (value.is_sequence() && depth < deepest_container)
        for (const Value& item : value.items()) note_use(item, depth + 1);
}

std::size_t FlowObserver::add_cut(const SourceRange& where, std::string_view name) {
    for (std::size_t i = 0; i < m_cuts.size(); ++i)
        if (m_cuts[i].where == where && m_cuts[i].name == name) return i;  // once more round a loop
    GradientCut cut{where, std::string(name), {}, !at::GradMode::is_enabled()};
    if (cut.inside_no_grad)
        cut.reason = "It stands inside torch.no_grad(), where nothing is recorded for the way back.";
    else
        cut.reason = reason_of_cut(name).value_or("It gives a result that carries no gradient.");
    if (cut.reason.starts_with("It ")) cut.reason.replace(0, 2, name);
    m_cuts.push_back(std::move(cut));
    return m_cuts.size() - 1;
}

void FlowObserver::note_shift(const SourceRange& where, std::span<const Value> inputs) {
    if (inputs.size() != 2) return;
    for (const auto& [name, argument] : m_arguments) {
        const bool labels = name == "labels" || name == "label_mask" || name == "input_ids";
        if (!same_tensor(inputs[0], argument) || (!labels && name != "logits")) continue;
        if (cuts_tokens(inputs[1], labels)) m_shifts.push_back({where, name});
    }
}

void FlowObserver::note_not_finite(const SourceRange& where, std::span<const Value> inputs, const Value& output) {
    if (m_born || !output.is_tensor() || is_finite(output.as_tensor())) return;
    for (const Value& input : inputs)
        if (input.is_tensor() && !is_finite(input.as_tensor())) return;
    m_born = where;
}

void FlowObserver::on_operator(const SourceRange& where, std::string_view name, std::span<const Value> inputs, const Value& output) {
    for (const Value& input : inputs) note_use(input);
    if (only_looks_at_the_shape(name)) return;
    if (name == "getitem") note_shift(where, inputs);
    if (m_looking) note_not_finite(where, inputs, output);
    if (output.is_tensor()) m_bytes += static_cast<std::int64_t>(output.as_tensor().nbytes());

    Taint taint;
    bool gradient_in = false;
    for (const Value& input : inputs) {
        taint.merge(taint_of(input));
        gradient_in = gradient_in || carries_gradient(input);
    }
    // A distribution holds the logits inside.
    if (name == "sample" && !inputs.empty() && inputs[0].is(ValueKind::Object)) gradient_in = true;
    const bool in_place = !name.empty() && name.back() == '_' && !inputs.empty();
    if (gradient_in && holds_data(output) && !in_place && name != "setitem") {
        if (!carries_gradient(output) || is_step(name)) {
            taint.insert(add_cut(where, name));
        } else if (const auto reason = reason_of_kink(name)) {
            const bool known = std::ranges::any_of(m_notes, [&](const GradientNote& note) { return note.where == where; });
            if (!known) m_notes.push_back({where, std::string(name), "kink", *reason});
        }
        // topk, sort, max with dim: values carry gradient, positions do not.
        if (output.is(ValueKind::Tuple) && carries_gradient(output)) {
            for (const Value& item : output.items()) {
                set_taint(item, taint);
                if (item.is_tensor() && !item.as_tensor().requires_grad())
                    set_taint(item, {add_cut(where, name == "max" ? "argmax" : name == "min" ? "argmin" : name)});
            }
            return;
        }
    }
    set_taint(output, taint);
    if (in_place) set_taint(inputs[0], taint);
    if (name == "setitem" && inputs.size() == 3) set_taint(inputs[0], taint);
}

void FlowObserver::on_statement(const SourceRange& where, std::string_view target, const Value& value) {
    HeldLine held;
    held.line = where.line;
    held.target = target;
    if (value.is_tensor()) {
        const at::Tensor& tensor = value.as_tensor();
        const at::NoGradGuard no_graph;
        held.shape = tensor.sizes().vec();
        held.dtype = dtype_name(tensor);
        if (m_ranges && tensor.numel() > 0 && !tensor.is_complex()) {
            const at::Tensor flat = tensor.detach();
            const auto [low, high] = at::aminmax(flat.scalar_type() == at::kBool ? flat.to(at::kByte) : flat);
            held.minimum = low.item<double>();
            held.maximum = high.item<double>();
            held.not_finite = !std::isfinite(*held.minimum) || !std::isfinite(*held.maximum);
        }
        if (tensor.numel() == 1) held.text = short_number(tensor.item<double>());
        if (m_keep && tensor.requires_grad()) {
            if (!tensor.is_leaf()) tensor.retain_grad();
            m_held.emplace_back(where, tensor);
        }
    } else if (value.is_number() || value.is(ValueKind::String)) {
        held.dtype = std::string(value.type_name());
        held.text = shown(value).substr(0, 60);
        if (value.is(ValueKind::Float)) held.not_finite = !std::isfinite(value.as_float());
    } else {
        held.dtype = std::string(value.type_name());
    }
    const Taint taint = taint_of(value);
    const bool stepped =
        std::ranges::any_of(taint, [&](std::size_t cut) { return m_cuts[cut].where.line == where.line && is_step(m_cuts[cut].name); });
    if (carries_gradient(value) && !stepped)
        held.gradient = "flows";
    else if (!taint.empty())
        held.gradient = "cut";
    m_lines[where.line] = std::move(held);
}

void FlowObserver::on_print(const SourceRange& /*where*/, std::string_view text) {
    if (m_prints.size() < 1000) m_prints.emplace_back(text);
}

std::vector<HeldLine> FlowObserver::lines() const {
    std::vector<HeldLine> all;
    for (const auto& [line, held] : m_lines) all.push_back(held);
    return all;
}

std::vector<std::size_t> FlowObserver::cuts_before(const Value& value) const {
    const Taint taint = taint_of(value);
    return {taint.begin(), taint.end()};
}

}  // namespace lossmith::engine
