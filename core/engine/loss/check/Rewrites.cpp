#include "core/engine/loss/check/Rewrites.h"

#include <algorithm>
#include <optional>

#include "core/engine/loss/check/SourceText.h"

namespace lossmith::engine {
namespace {

std::string trimmed_snippet(const std::string& line) {
    const auto begin = line.find_first_not_of(" \t");
    return begin == std::string::npos ? std::string() : line.substr(begin);
}

/// The operands of "a OP b" when OP stands outside all brackets.
std::optional<std::pair<std::string, std::string>> operands(const std::string& text, const std::string& op) {
    int depth = 0;
    for (std::size_t i = 0; i + op.size() <= text.size(); ++i) {
        if (text[i] == '(' || text[i] == '[') ++depth;
        if (text[i] == ')' || text[i] == ']') --depth;
        if (depth != 0 || text.compare(i, op.size(), op) != 0) continue;
        if (op.size() == 1 && i + 1 < text.size() && text[i + 1] == '=') continue;
        return std::pair(text.substr(0, i), text.substr(i + op.size()));
    }
    return std::nullopt;
}

/// The receiver of a method call or the first argument of a function call: "x" of "x.round()" and of "torch.round(x)".
std::optional<std::string> operand_of_call(const std::string& text, const std::string& name) {
    for (const char* prefix : {"torch.", "F.", "torch.nn.functional."}) {
        const std::string call = prefix + name + "(";
        if (!text.starts_with(call) || !text.ends_with(")")) continue;
        const std::string inside = text.substr(call.size(), text.size() - call.size() - 1);
        if (const auto parts = operands(inside, ",")) return parts->first;
        return inside;
    }
    for (const std::string& builtin : {name + "(", std::string("round("), std::string("float("), std::string("int(")})
        if (text.starts_with(builtin) && text.ends_with(")")) return text.substr(builtin.size(), text.size() - builtin.size() - 1);
    const auto method = text.rfind("." + name + "(");
    if (method != std::string::npos && method > 0) return text.substr(0, method);
    return std::nullopt;
}

Rewrite line_edit(const Program& program, const SourceRange& where, std::string title, std::string about, const std::string& replacement) {
    Rewrite rewrite{std::move(title), std::move(about), {}, with_text_at(program.source(), where, replacement)};
    rewrite.snippet = trimmed_snippet(line_of(rewrite.source, where.line));
    return rewrite;
}

void add_line_edits(std::vector<Rewrite>& all, const Program& program, const GradientCut& cut) {
    const std::string text = text_at(program.source(), cut.where);
    const auto edit = [&](std::string title, std::string about, const std::string& replacement) {
        all.push_back(line_edit(program, cut.where, std::move(title), std::move(about), replacement));
    };
    if (cut.inside_no_grad) {
        std::string source = program.source();
        for (const char* block : {"with torch.no_grad():", "with torch.inference_mode():"})
            for (auto at = source.find(block); at != std::string::npos; at = source.find(block))
                source.replace(at, std::string(block).size(), "if True:");
        if (source != program.source())
            all.push_back({"Without no_grad", "what stands in the block is recorded for the way back", "if True:", source});
        return;
    }
    const auto operand = operand_of_call(text, cut.name);
    for (const auto& [name, op] : {std::pair{"gt", ">"}, {"ge", ">="}, {"lt", "<"}, {"le", "<="}}) {
        if (cut.name != name) continue;
        const auto sides = operands(text, op);
        if (!sides) continue;
        const bool greater = name[0] == 'g';
        const std::string& more = greater ? sides->first : sides->second;
        const std::string& less = greater ? sides->second : sides->first;
        edit("A soft comparison", "between 0 and 1 with a slope; a smaller divisor is sharper",
             "torch.sigmoid(((" + more + ") - (" + less + ")) / 0.1)");
    }
    if (!operand) return;
    const std::string x = "(" + *operand + ")";
    if (cut.name == "round" || cut.name == "floor" || cut.name == "ceil" || cut.name == "trunc")
        edit("Straight through", "the rounded value, with the gradient of the value before it",
             "(" + x + " + (" + x + "." + cut.name + "() - " + x + ").detach())");
    if (cut.name == "sign" || cut.name == "sgn" || cut.name == "heaviside")
        edit("A soft sign", "between -1 and 1 with a slope; a smaller divisor is sharper", "torch.tanh(" + x + " / 0.1)");
    if (cut.name == "item" || cut.name == "float" || cut.name == "tolist" || cut.name == "tensor")
        edit("Keep the tensor", "the same value with its way back", x);
    if (cut.name == "detach" || cut.name == "data") edit("Without detach", "the same value with its way back", x);
    if (cut.name == "int" || cut.name == "long" || cut.name == "short" || cut.name == "to" || cut.name == "type" || cut.name == "byte")
        edit("Keep the fraction", "the value without the change of type", x);
}

/// The function's stretch replaced by another definition of the same name.
Rewrite whole_loss(const Program& program, const FunctionSignature& function, std::string title, std::string about, std::string snippet,
                   const std::string& body) {
    const std::string definition = "def " + function.name + "(logits, labels):\n" + body;
    return {std::move(title), std::move(about), std::move(snippet), with_text_at(program.source(), function.where, definition)};
}

void add_whole_losses(std::vector<Rewrite>& all, const Program& program, const FunctionSignature& function) {
    all.push_back(whole_loss(program, function, "Expected error", "the probability given to wrong tokens, in place of counting them",
                             "wrong = 1 - p.gather(-1, labels[keep][:, None])[:, 0]",
                             "    keep = labels != -100\n"
                             "    p = F.softmax(logits[keep], dim=-1)\n"
                             "    wrong = 1 - p.gather(-1, labels[keep][:, None])[:, 0]\n"
                             "    return wrong.mean()"));
    all.push_back(whole_loss(program, function, "Log-probability of the label", "cross-entropy; the usual choice",
                             "F.cross_entropy(logits[keep], labels[keep])",
                             "    keep = labels != -100\n"
                             "    return F.cross_entropy(logits[keep], labels[keep])"));
    all.push_back(whole_loss(program, function, "Gumbel straight-through",
                             "draws a token, and lets the gradient pass as if softmax had been handed on",
                             "drawn = hard + soft - soft.detach()",
                             "    keep = labels != -100\n"
                             "    kept = logits[keep]\n"
                             "    noise = -torch.log(-torch.log(torch.rand_like(kept).clamp(1e-9, 1 - 1e-7)))\n"
                             "    soft = F.softmax(kept + noise, dim=-1)\n"
                             "    hard = F.one_hot(soft.argmax(dim=-1), kept.shape[-1]).float()\n"
                             "    drawn = hard + soft - soft.detach()\n"
                             "    return 1 - drawn.gather(-1, labels[keep][:, None]).mean()"));
}

/// The same question asked of what the model writes, which needs no slope. What compares
/// token by token becomes the share of words in their place.
Rewrite as_reward(const GradientCut& cut) {
    Rewrite rewrite;
    rewrite.title = "Make this a reward";
    rewrite.about = "policy gradient: the model writes completions and learns from what each is worth, so " + cut.name + " needs no slope";
    rewrite.snippet = "def reward(solution, generated):";
    rewrite.source =
        "def reward(solution, generated):\n"
        "    wanted = words(solution)\n"
        "    written = words(generated)\n"
        "    in_place = 0\n"
        "    for a, b in zip(written, wanted):\n"
        "        if a == b:\n"
        "            in_place += 1\n"
        "    return in_place / max(1, len(wanted), len(written))\n";
    rewrite.becomes = "reward";
    return rewrite;
}

}  // namespace

std::vector<Rewrite> rewrites_for(const Program& program, const FunctionSignature& function, const GradientCut& cut) {
    std::vector<Rewrite> all;
    add_line_edits(all, program, cut);
    add_whole_losses(all, program, function);
    all.push_back(as_reward(cut));
    return all;
}

std::vector<Rewrite> rewrites_of_shapes(const Program& program, const FunctionSignature& function, const Error& error) {
    if (!error.where.line || line_of(program.source(), static_cast<int>(*error.where.line)).find("cross_entropy") == std::string::npos)
        return {};
    return {whole_loss(program, function, "Keep the labelled places", "logits [N, V] beside labels [N], without prompt and padding",
                       "F.cross_entropy(logits[keep], labels[keep])",
                       "    keep = labels != -100\n    return F.cross_entropy(logits[keep], labels[keep])"),
            whole_loss(program, function, "Flatten both", "[B·T, V] beside [B·T]; -100 is passed over",
                       "F.cross_entropy(logits.view(-1, logits.size(-1)), labels.view(-1))",
                       "    return F.cross_entropy(logits.view(-1, logits.size(-1)), labels.view(-1))"),
            whole_loss(program, function, "Put the vocabulary second", "[B, V, T] beside [B, T], as cross_entropy wants its classes",
                       "F.cross_entropy(logits.transpose(1, 2), labels)", "    return F.cross_entropy(logits.transpose(1, 2), labels)")};
}

Rewrite without_shifts(const Program& program, const std::vector<FlowObserver::Shift>& shifts) {
    std::vector<FlowObserver::Shift> later_first = shifts;
    std::ranges::sort(later_first, [](const auto& a, const auto& b) {
        return std::pair(a.where.line, a.where.column) > std::pair(b.where.line, b.where.column);
    });
    std::string source = program.source();
    for (const auto& shift : later_first) source = with_text_at(source, shift.where, shift.argument);
    Rewrite rewrite{
        "Take logits and labels as they are", "they are aligned already: the logits at t are held against the label at t", {}, source};
    rewrite.snippet = trimmed_snippet(line_of(source, shifts.front().where.line));
    return rewrite;
}

}  // namespace lossmith::engine
