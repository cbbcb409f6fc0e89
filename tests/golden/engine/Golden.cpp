#include "Golden.h"

#include <ATen/ATen.h>

#include <cstdlib>
#include <stdexcept>

#include "core/engine/model/Safetensors.h"

namespace golden {
namespace {

std::filesystem::path path_of(const std::string& name) {
    return std::filesystem::path(LOSSMITH_TEST_DATA) / "golden" / name;
}

template <typename T>
T must(lossmith::Result<T> result) {
    if (!result) throw std::runtime_error(lossmith::describe(result.error()));
    return std::move(*result);
}

}  // namespace

Tensors tensors(const std::string& name) {
    const auto file = must(lossmith::engine::SafetensorsFile::open(path_of(name)));
    Tensors all;
    for (const auto& key : file.names()) all.emplace(key, must(file.tensor(key)));
    return all;
}

lossmith::Json json(const std::string& name) {
    return must(lossmith::read_json_file(path_of(name)));
}

at::Device device() {
    const char* named = std::getenv("LOSSMITH_TEST_DEVICE");
    return named == nullptr || *named == '\0' ? at::Device(at::kCPU) : at::Device(named);
}

lossmith::engine::Gpt2 model(const std::string& folder, at::Device where) {
    auto model = lossmith::engine::Gpt2::from_checkpoint(must(lossmith::engine::read_checkpoint(path_of(folder))));
    model.move_to(where);
    return model;
}

double largest_difference(const at::Tensor& ours, const at::Tensor& theirs) {
    return (ours.detach().cpu() - theirs.cpu()).abs().max().item<double>();
}

double relative_difference(const at::Tensor& ours, const at::Tensor& theirs) {
    return ((ours.detach().cpu() - theirs.cpu()).norm() / theirs.cpu().norm().clamp_min(1e-12)).item<double>();
}

bool same_weights(const lossmith::engine::Gpt2& a, const lossmith::engine::Gpt2& b) {
    const auto left = a.parameters();
    const auto right = b.parameters();
    for (std::size_t i = 0; i < left.size(); ++i) {
        const bool same = device().is_cpu() ? at::equal(left[i].second.detach(), right[i].second.detach())
                                            : largest_difference(left[i].second, right[i].second) < 2e-4;
        if (!same) return false;
    }
    return true;
}

std::vector<lossmith::Example> examples(const Tensors& forward) {
    std::vector<lossmith::Example> all;
    const at::Tensor& ids = forward.at("input_ids");
    for (std::int64_t row = 0; row < ids.size(0); ++row) {
        const std::int64_t length = forward.at("attention_mask")[row].sum().item<std::int64_t>();
        lossmith::Example example;
        for (std::int64_t t = 0; t < length; ++t) {
            example.input_ids.push_back(static_cast<std::int32_t>(ids[row][t].item<std::int64_t>()));
            example.labels.push_back(forward.at("labels")[row][t].item<std::int64_t>());
        }
        all.push_back(std::move(example));
    }
    return all;
}

}  // namespace golden
