#include "tests/unit/loss_language/FuzzTest.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>

#include <QElapsedTimer>
#include <QtTest/QtTest>
#include <random>

#include "core/base/Json.h"
#include "core/engine/loss/language/Interpreter.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

std::vector<std::string> sources() {
    const Json document = *read_json_file(LOSSMITH_TEST_DATA "/loss-snippets/expected.json");
    std::vector<std::string> all;
    for (const Json& snippet : document.at("snippets")) all.push_back(snippet.at("source").get<std::string>());
    return all;
}

constexpr const char* kPieces[] = {"(",
                                   ")",
                                   "[",
                                   "]",
                                   "{",
                                   "}",
                                   ",",
                                   ":",
                                   ".",
                                   "=",
                                   "==",
                                   "+",
                                   "-",
                                   "*",
                                   "**",
                                   "/",
                                   "//",
                                   "%",
                                   "@",
                                   "&",
                                   "|",
                                   "~",
                                   "<",
                                   ">",
                                   "!=",
                                   ":=",
                                   "->",
                                   "...",
                                   "\n",
                                   "\n    ",
                                   "\n        ",
                                   " ",
                                   "\t",
                                   "#",
                                   "\\",
                                   "'",
                                   "\"",
                                   "f'{",
                                   "}'",
                                   "'''",
                                   "0",
                                   "1",
                                   "2",
                                   "-1",
                                   "1e9",
                                   "1.5",
                                   "10**18",
                                   "9223372036854775807",
                                   "None",
                                   "True",
                                   "x",
                                   "y",
                                   "f",
                                   "i",
                                   "a",
                                   "b",
                                   "torch",
                                   "F",
                                   "nn",
                                   "math",
                                   "re",
                                   "len",
                                   "range",
                                   "sum",
                                   "list",
                                   "dict",
                                   "print",
                                   "lambda",
                                   "def ",
                                   "return ",
                                   "if ",
                                   "else ",
                                   "elif ",
                                   "for ",
                                   "in ",
                                   "while ",
                                   "break",
                                   "continue",
                                   "pass",
                                   "with ",
                                   "import ",
                                   "from ",
                                   "assert ",
                                   "del ",
                                   "not ",
                                   "and ",
                                   "or ",
                                   "is ",
                                   "softmax",
                                   "view",
                                   "sum()",
                                   "zeros",
                                   "shape",
                                   "item()",
                                   "append",
                                   "join",
                                   "split",
                                   "\xC3\xA9",
                                   "\xF0\x9F\x98\x80",
                                   "\x01",
                                   "class ",
                                   "try:",
                                   "@gradient(f)",
                                   "*args",
                                   "**kw"};

void run_once(const std::string& source) {
    const auto program = Program::parse(source);
    if (!program) return;
    Budget budget;
    budget.steps = 3000;
    budget.seconds = 0.2;
    budget.tensor_bytes = 1 << 20;
    budget.text_bytes = 1 << 20;
    budget.depth = 30;
    budget.printed_bytes = 1000;
    struct Looking : Observer {
        std::size_t seen = 0;
        void on_operator(const SourceRange& /*where*/, std::string_view name, std::span<const Value> /*inputs*/,
                         const Value& output) override {
            seen += name.size() + output.type_name().size();
        }
    } looking;
    Interpreter interpreter(budget, &looking);
    std::vector<std::pair<std::string, Value>> arguments;
    for (const auto& function : program->functions()) {
        if (function.name != "f") continue;
        for (const auto& parameter : function.parameters)
            if (!parameter.has_default)
                arguments.emplace_back(parameter.name, parameter.name == "labels" || parameter.name == "ids"
                                                           ? Value(at::ones({2, 3}).to(at::kLong))
                                                           : Value(at::ones({2, 3}).requires_grad_(parameter.name != "mask")));
    }
    const auto result = interpreter.call(*program, "f", arguments);
    if (!result) {
        QVERIFY2(!result.error().message.empty(), source.c_str());
        QVERIFY2(result.error().kind != ErrorKind::Internal, (source + "\n" + describe(result.error())).c_str());
    } else if (result->is_tensor() && result->as_tensor().requires_grad() && result->as_tensor().numel() == 1) {
        try {
            result->as_tensor().backward();
        } catch (const std::exception&) {
            // a derivative may fail; it may not crash
        }
    }
}

}  // namespace

void FuzzTest::mutated_snippets_end() {
    const auto all = sources();
    std::mt19937 random(7);
    const auto below = [&](std::size_t count) { return static_cast<std::size_t>(random() % std::max<std::size_t>(count, 1)); };
    QElapsedTimer timer;
    timer.start();
    int cases = 0;
    for (; cases < 4000 && timer.elapsed() < 9000; ++cases) {
        std::string source = all[below(all.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t at = below(source.size());
            switch (below(5)) {
                case 0: source.erase(at, 1 + below(6)); break;
                case 1: source.insert(at, kPieces[below(std::size(kPieces))]); break;
                case 2: source[at] = static_cast<char>(random() % 256); break;
                case 3: {
                    const std::string& other = all[below(all.size())];
                    const std::size_t from = below(other.size());
                    source.insert(at, other.substr(from, below(30)));
                    break;
                }
                default:
                    source.replace(at, std::min<std::size_t>(1 + below(4), source.size() - at),
                                   std::to_string(static_cast<int>(below(2000)) - 1000));
                    break;
            }
            if (source.empty()) source = " ";
        }
        run_once(source);
    }
    qInfo("%d cases", cases);
}

void FuzzTest::random_tokens_end() {
    std::mt19937 random(11);
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 4000 && timer.elapsed() < 3000; ++i) {
        std::string source = i % 2 == 0 ? "def f(x, y):\n    return " : "";
        for (std::size_t count = 1 + random() % 30; count > 0; --count) {
            source += kPieces[random() % std::size(kPieces)];
            if (random() % 3 == 0) source += ' ';
        }
        run_once(source);
    }
}

void FuzzTest::random_bytes_end() {
    std::mt19937 random(13);
    for (int i = 0; i < 3000; ++i) {
        std::string source;
        for (std::size_t count = random() % 200; count > 0; --count) source += static_cast<char>(random() % (i % 2 == 0 ? 256 : 128));
        run_once(source);
    }
}

void FuzzTest::allowed_functions_with_odd_arguments_end() {
    constexpr const char* odd[] = {"x",
                                   "y",
                                   "None",
                                   "-1",
                                   "0",
                                   "1",
                                   "2",
                                   "10**12",
                                   "-10**12",
                                   "1.5",
                                   "float('nan')",
                                   "float('inf')",
                                   "True",
                                   "'a'",
                                   "''",
                                   "[]",
                                   "[1, 2]",
                                   "[x, x]",
                                   "(0, 1)",
                                   "(10**9, 10**9)",
                                   "torch.tensor([1, 0])",
                                   "torch.tensor([])",
                                   "torch.tensor(3)",
                                   "torch.tensor([10**15])",
                                   "torch.zeros(0, 3)",
                                   "x > 0",
                                   "torch.float64",
                                   "{'a': 1}",
                                   "lambda q: q",
                                   "x.detach()",
                                   "range(3)",
                                   "'cpu'",
                                   "x.half()",
                                   "torch.zeros(2, 3, dtype=torch.long)"};
    const auto names = allowed_names();
    std::mt19937 random(17);
    QElapsedTimer timer;
    timer.start();
    int cases = 0;
    for (; cases < 12000 && timer.elapsed() < 8000; ++cases) {
        const std::string& name = names[random() % names.size()];
        const auto pick = [&] { return std::string(odd[random() % std::size(odd)]); };
        std::string call = name.starts_with("Tensor.") ? (random() % 2 == 0 ? "x" : "y") + name.substr(6) : name;
        call += "(";
        const std::size_t count = random() % 4;
        for (std::size_t i = 0; i < count; ++i) call += (i > 0 ? ", " : "") + pick();
        if (random() % 4 == 0) call += std::string(count > 0 ? ", " : "") + (random() % 2 == 0 ? "dim=" : "reduction=") + pick();
        call += ")";
        run_once("def f(x, y):\n    x = x.clone()\n    y = torch.ones(2, 3)\n    return " + call + "\n");
    }
    qInfo("%d cases", cases);
}

#include "moc_FuzzTest.cpp"
