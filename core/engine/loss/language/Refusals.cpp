#include "core/engine/loss/language/Refusals.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/engine/loss/language/Fault.h"

namespace lossmith::engine::language {
namespace {

using Advice = std::pair<std::string_view, std::string_view>;

constexpr std::array<Advice, 15> kStatements = {{
    {"try", "Check the condition beforehand with if, or let the error end the check: it is shown with its line."},
    {"except", "Errors are shown with their line; nothing can catch them."},
    {"finally", "Errors are shown with their line; nothing can catch them."},
    {"raise", "Write `assert condition, \"what is wrong\"` instead."},
    {"global", "Hand the value in as an argument and return the new one."},
    {"nonlocal", "Hand the value in as an argument and return the new one, or keep it in a list."},
    {"yield", "Collect the values in a list and return it."},
    {"async", "A loss runs step by step; leave out async."},
    {"await", "A loss runs step by step; leave out await."},
    {"match", "Write if, elif and else."},
    {"exec", "Write the code itself where it is needed."},
    {"type", "Leave type aliases out; annotations are not evaluated."},
    {"self", "A typed loss is a function: leave self out, and hand in what it holds as arguments."},
    {"super", "A typed loss is a function; leave out super()."},
    {"case", "Write if, elif and else."},
}};

constexpr std::array<Advice, 24> kNames = {{
    {"eval", "Write the expression itself where it is needed."},
    {"exec", "Write the code itself where it is needed."},
    {"compile", "Write the code itself where it is needed."},
    {"open", "A loss reads no files. Load tensors and token lists on the Loss page and take them as arguments."},
    {"input", "A loss asks nothing while it runs. Declare a parameter: it becomes a field of the form."},
    {"getattr", "Write the attribute itself: x.name."},
    {"setattr", "Keep values in variables or a dictionary."},
    {"delattr", "Keep values in variables or a dictionary."},
    {"hasattr", "Say what you mean: isinstance(x, torch.Tensor), or x is not None."},
    {"globals", "Keep values in variables or a dictionary."},
    {"locals", "Keep values in variables or a dictionary."},
    {"vars", "Keep values in variables or a dictionary."},
    {"dir", "See the list of functions in the editor's completion."},
    {"super", "A typed loss is a function; leave out super()."},
    {"object", "A typed loss is a function; keep values in a dictionary."},
    {"memoryview", "Use tensors and lists."},
    {"bytes", "Use ordinary strings."},
    {"bytearray", "Use ordinary strings and lists."},
    {"breakpoint", "Use print: the value of each line is shown beside it."},
    {"help", "See the list of functions in the editor's completion."},
    {"exit", "Use return."},
    {"quit", "Use return."},
    {"classmethod", "A typed loss is a function, without classes."},
    {"staticmethod", "A typed loss is a function, without classes."},
}};

constexpr std::array<std::string_view, 8> kImports = {
    "torch", "torch.nn", "torch.nn.functional", "torch.distributions", "torch.linalg", "torch.special", "math", "re"};

constexpr std::array<Advice, 16> kOtherImports = {{
    {"numpy", "Use torch's functions of the same names: torch.log, torch.where, torch.arange."},
    {"scipy", "Use torch's functions: torch.special, torch.linalg, torch.distributions."},
    {"os", "A loss reaches no files, no network and no other program."},
    {"sys", "A loss reaches no files, no network and no other program."},
    {"subprocess", "A loss reaches no files, no network and no other program."},
    {"socket", "A loss reaches no files, no network and no other program."},
    {"shutil", "A loss reaches no files, no network and no other program."},
    {"pathlib", "A loss reaches no files, no network and no other program."},
    {"io", "A loss reaches no files, no network and no other program."},
    {"requests", "A loss reaches no files, no network and no other program."},
    {"transformers", "The model's logits and tokens come as arguments: def loss(logits, labels)."},
    {"random", "Use torch.rand or torch.randint: the run's seed decides them."},
    {"time", "A loss has no clock; `step` and `progress` come as arguments."},
    {"collections", "Use a dict and a list: counts[word] = counts.get(word, 0) + 1."},
    {"string", "Write the characters themselves as a string."},
    {"einops", "Use reshape, permute and torch.einsum."},
}};

template <std::size_t Count>
std::string_view advice_for(const std::array<Advice, Count>& table, std::string_view word) {
    const auto found = std::ranges::find(table, word, &Advice::first);
    return found == table.end() ? std::string_view{} : found->second;
}

}  // namespace

void refuse_statement(std::string_view word, std::string_view rest, const SourceRange& where) {
    if (word == "class") {
        if (rest.substr(0, 200).find("Function") != std::string_view::npos)
            deny(where, "Classes are not part of the loss language, so torch.autograd.Function cannot be written as one.",
                 "Write two functions: `def backward(grad_output, x): …` gives the gradient of x, and `@gradient(backward)` stands over "
                 "`def "
                 "forward(x): …`; call forward(x) instead of .apply(x).");
        deny(where, "Classes are not part of the loss language.",
             "Write a function: `forward(self, logits, labels)` becomes `def loss(logits, labels, alpha=0.5):`, and what __init__ keeps in "
             "self "
             "becomes a parameter with a default.");
    }
    if (const auto advice = advice_for(kStatements, word); !advice.empty())
        deny(where, "`" + std::string(word) + "` is not part of the loss language.", std::string(advice));
}

void refuse_name(std::string_view name, const SourceRange& where) {
    if (name.starts_with("__")) {
        if (name == "__name__")
            deny(where, "`__name__` is not part of the loss language.",
                 "Leave the part under `if __name__ == \"__main__\":` out: a loss is only called.");
        deny(where, "`" + std::string(name) + "` is not part of the loss language: names with two underscores reach into Python itself.",
             "Leave it out, or choose a name without them.");
    }
    if (const auto advice = advice_for(kNames, name); !advice.empty())
        deny(where, "`" + std::string(name) + "` is not part of the loss language.", std::string(advice));
}

void refuse_import(std::string_view path, const SourceRange& where) {
    if (std::ranges::find(kImports, path) != kImports.end() || is_idle_import(path)) return;
    std::string_view first = path.substr(0, path.find('.'));
    std::string advice(advice_for(kOtherImports, first));
    if (advice.empty()) advice = "A loss may import torch, torch.nn, torch.nn.functional, torch.distributions, math and re.";
    deny(where, "`" + std::string(path) + "` cannot be imported here.", std::move(advice));
}

bool is_idle_import(std::string_view path) {
    return path == "typing" || path == "__future__" || path == "typing_extensions" || path == "collections.abc";
}

}  // namespace lossmith::engine::language
