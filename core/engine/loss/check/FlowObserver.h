// Looks on while a typed loss runs: what every line holds, and where the way back to the logits is lost.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/engine/loss/language/Interpreter.h"

namespace lossmith::engine {

/// A place where gradient came in and did not go out.
struct GradientCut {
    SourceRange where;
    std::string name;  ///< "argmax"
    std::string reason;
    bool inside_no_grad = false;
};

struct GradientNote {
    SourceRange where;
    std::string name;
    std::string kind;  ///< "kink" or "note"
    std::string reason;
};

/// What a line of the source last held.
struct HeldLine {
    int line = 0;
    std::string target;
    std::optional<std::vector<std::int64_t>> shape;
    std::string dtype;
    std::string gradient = "none";  ///< "flows", "cut", "none"
    std::optional<double> minimum, maximum;
    std::string text;  ///< a short value for scalars and what is no tensor
    bool not_finite = false;
};

/// "float32", "int64", "bool", … as PyTorch names them.
[[nodiscard]] std::string dtype_name(const at::Tensor& tensor);

class FlowObserver final : public Observer {
public:
    /// `arguments`: the tensors that gradient is wanted at, and all others, by name. `ranges`: whether each line's smallest and largest
    /// value is looked for, which costs a pass over it.
    FlowObserver(const std::vector<std::pair<std::string, Value>>& arguments, bool ranges);

    void on_operator(const SourceRange& where, std::string_view name, std::span<const Value> inputs, const Value& output) override;
    void on_statement(const SourceRange& where, std::string_view target, const Value& value) override;
    void on_print(const SourceRange& where, std::string_view text) override;

    [[nodiscard]] const std::vector<GradientCut>& cuts() const { return m_cuts; }
    [[nodiscard]] const std::vector<GradientNote>& notes() const { return m_notes; }
    [[nodiscard]] std::vector<HeldLine> lines() const;
    [[nodiscard]] const std::vector<std::string>& prints() const { return m_prints; }
    /// Indices of cuts() through which `value` came, in the order they happened.
    [[nodiscard]] std::vector<std::size_t> cuts_before(const Value& value) const;
    [[nodiscard]] bool was_used(const std::string& argument) const { return m_used.contains(argument); }
    /// Where a tensor first held NaN or infinity though nothing it was made of did. Only when looked for.
    [[nodiscard]] std::optional<SourceRange> born_not_finite() const { return m_born; }
    void look_for_not_finite() { m_looking = true; }
    /// Bytes of the tensors that operators made.
    [[nodiscard]] std::int64_t bytes_made() const { return m_bytes; }
    /// Tensors that statements held, in order, whose gradients are kept after the backward pass.
    [[nodiscard]] const std::vector<std::pair<SourceRange, at::Tensor>>& held_tensors() const { return m_held; }
    void keep_gradients() { m_keep = true; }
    /// Stretches of source where an argument is cut along its tokens: "logits" by [:, :-1] or "labels" by [:, 1:].
    struct Shift {
        SourceRange where;
        std::string argument;
    };
    [[nodiscard]] const std::vector<Shift>& shifts() const { return m_shifts; }

private:
    using Taint = std::set<std::size_t>;
    struct Known {
        c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> tensor;
        Taint taint;
    };

    [[nodiscard]] Taint taint_of(const Value& value, int depth = 0) const;
    void set_taint(const Value& value, const Taint& taint, int depth = 0);
    void note_use(const Value& value, int depth = 0);
    void note_shift(const SourceRange& where, std::span<const Value> inputs);
    void note_not_finite(const SourceRange& where, std::span<const Value> inputs, const Value& output);
    [[nodiscard]] std::size_t add_cut(const SourceRange& where, std::string_view name);

    std::vector<std::pair<std::string, Value>> m_arguments;
    bool m_ranges;
    bool m_looking = false;
    bool m_keep = false;
    std::vector<GradientCut> m_cuts;
    std::vector<GradientNote> m_notes;
    std::map<int, HeldLine> m_lines;
    std::vector<std::string> m_prints;
    std::set<std::string> m_used;
    std::unordered_map<const void*, Known> m_tensors;
    std::map<double, Taint> m_numbers;  ///< a plain number that was taken out of a tensor, by its value
    std::optional<SourceRange> m_born;
    std::int64_t m_bytes = 0;
    std::vector<std::pair<SourceRange, at::Tensor>> m_held;
    std::vector<Shift> m_shifts;
};

}  // namespace lossmith::engine
