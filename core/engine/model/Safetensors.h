// Tensors in a file as https://huggingface.co/docs/safetensors defines it: a JSON header, then the bytes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"

namespace lossmith::engine {

/// An open file whose header has been checked in full: known types, shapes that fill their byte range, ranges that
/// cover the file without gap or overlap, unique names. The weights themselves are read one tensor at a time.
class SafetensorsFile {
public:
    [[nodiscard]] static Result<SafetensorsFile> open(const std::filesystem::path& path);

    ~SafetensorsFile();
    SafetensorsFile(SafetensorsFile&&) noexcept;
    SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

    [[nodiscard]] const std::vector<std::string>& names() const;  ///< in the order of their bytes
    [[nodiscard]] bool contains(const std::string& name) const;
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const;

    /// A copy in host memory, of the type it has in the file. Unsupported for types that this LibTorch lacks (8-bit floats).
    [[nodiscard]] Result<at::Tensor> tensor(const std::string& name) const;

    /// The sizes that the header states, without reading the weights.
    [[nodiscard]] Result<std::vector<std::int64_t>> shape(const std::string& name) const;

private:
    struct Parts;
    explicit SafetensorsFile(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes the tensors in the order given, each in its own type, to a temporary name; flushes; renames over `path`.
/// When the disk is full or anything else fails, the file that was there stays as it was. Metadata of weights for
/// transformers is {"format": "pt"}.
[[nodiscard]] Status write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                                       const std::map<std::string, std::string>& metadata = {});

}  // namespace lossmith::engine
