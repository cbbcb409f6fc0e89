#include "tests/unit/loss_language/LanguageTest.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>

#include <QElapsedTimer>
#include <QtTest/QtTest>

#include "core/engine/loss/language/Interpreter.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

struct Seen : Observer {
    std::vector<std::string> operators;
    std::vector<std::string> statements;
    std::string printed;
    void on_operator(const SourceRange& where, std::string_view name, std::span<const Value> inputs, const Value& /*output*/) override {
        operators.push_back(std::to_string(where.line) + ":" + std::string(name) + "/" + std::to_string(inputs.size()));
    }
    void on_statement(const SourceRange& where, std::string_view target, const Value& value) override {
        statements.push_back(std::to_string(where.line) + ":" + std::string(target) + "=" + std::string(value.type_name()));
    }
    void on_print(const SourceRange& /*where*/, std::string_view text) override { printed += text; }
};

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += part + " ";
    return text;
}

Result<Value> called(Interpreter& interpreter, const std::string& source,
                     const std::vector<std::pair<std::string, Value>>& arguments = {}) {
    auto program = Program::parse(source);
    if (!program) return failure(program.error());
    return interpreter.call(*program, "f", arguments);
}

}  // namespace

void LanguageTest::what_is_not_in_the_language_is_refused_with_its_place_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<int>("line");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("says");
    QTest::addColumn<bool>("denied");
    const auto row = [](const char* name, const char* source, int line, int column, const char* says, bool denied) {
        QTest::newRow(name) << QByteArray(source) << line << column << QByteArray(says) << denied;
    };
    row("class", "import torch\nclass Foo(nn.Module):\n    pass\n", 2, 1, "forward(self", true);
    row("autograd function", "class R(torch.autograd.Function):\n    pass\n", 1, 1, "@gradient(backward)", true);
    row("try", "def f():\n    try:\n        return 1\n    except: pass\n", 2, 5, "`try`", true);
    row("global", "def f():\n    global a\n", 2, 5, "`global`", true);
    row("nonlocal", "def f():\n    nonlocal a\n", 2, 5, "`nonlocal`", true);
    row("raise", "def f():\n    raise ValueError('x')\n", 2, 5, "assert", true);
    row("yield", "def f():\n    yield 1\n", 2, 5, "`yield`", true);
    row("async", "async def f():\n    return 1\n", 1, 1, "`async`", true);
    row("await", "def f():\n    x = await g()\n", 2, 9, "`await`", true);
    row("eval", "def f():\n    return eval('1')\n", 2, 12, "`eval`", true);
    row("exec", "def f():\n    exec('1')\n", 2, 5, "`exec`", true);
    row("open", "def f():\n    return open('/etc/passwd').read()\n", 2, 12, "reads no files", true);
    row("getattr", "def f(x):\n    return getattr(x, 'shape')\n", 2, 12, "x.name", true);
    row("dunder name", "def f(x):\n    return __import__('os')\n", 2, 12, "underscores", true);
    row("dunder attribute", "def f(x):\n    return x.__class__\n", 2, 14, "underscores", true);
    row("main guard", "def f():\n    return 1\nif __name__ == '__main__':\n    f()\n", 3, 4, "only called", true);
    row("import os", "import os\n", 1, 8, "no files", true);
    row("import numpy", "import numpy as np\n", 1, 8, "torch's functions", true);
    row("from os", "from os import path\n", 1, 6, "no files", true);
    row("import star", "from torch import *\n", 1, 19, "import *", true);
    row("torch load", "def f():\n    return torch.load('x')\n", 2, 12, "arguments", true);
    row("backward", "def f(x):\n    x.sum().backward()\n", 2, 5, "trainer runs backward", true);
    row("manual seed", "def f():\n    torch.manual_seed(0)\n", 2, 5, "seed", true);
    row("linear layer", "def f():\n    return nn.Linear(2, 3)\n", 2, 12, "no weights", true);
    row("with open", "def f():\n    with torch.autocast('cpu'):\n        pass\n", 2, 10, "torch.autocast", true);
    row("complex", "def f():\n    return 3j\n", 2, 12, "Complex", true);
    row("bytes", "def f():\n    return b'a'\n", 2, 12, "Byte", true);
    row("self", "def f(self, x):\n    return x\n", 1, 7, "self", true);
    row("percent format", "def f():\n    return '%d' % 3\n", 2, 12, "f-string", true);
    row("attribute assignment", "def f(x):\n    x.y = 1\n", 2, 5, "Attributes", true);
    row("unclosed bracket", "def f(x):\n    return (x + 1\n", 2, 12, "never closed", false);
    row("wrong bracket", "def f(x):\n    return (x]\n", 2, 14, "closes nothing", false);
    row("unclosed string", "def f():\n    return 'abc\n", 2, 12, "not closed", false);
    row("bad indent", "def f():\n    x = 1\n  y = 2\n", 3, 3, "indentation", false);
    row("missing indent", "def f():\nreturn 1\n", 2, 1, "indented block", false);
    row("tabs and spaces", "def f():\n        x = 1\n\treturn x\n", 3, 2, "Tabs and spaces", false);
    row("missing colon", "def f()\n    return 1\n", 1, 8, "`:`", false);
    row("single equals", "def f(x):\n    if x = 1:\n        pass\n", 2, 10, "==", false);
    row("return outside", "return 1\n", 1, 1, "outside a function", false);
    row("break outside", "def f():\n    break\n", 2, 5, "outside a loop", false);
    row("big int", "def f():\n    return 99999999999999999999\n", 2, 12, "64 bits", false);
    row("typographic quote", "def f():\n    return \xE2\x80\x9Chi\xE2\x80\x9D\n", 2, 12, "typographic", false);
    row("keyword as name", "def f():\n    lambda = 3\n", 2, 12, "parameter", false);
    row("dollar", "def f():\n    return $x\n", 2, 12, "nothing in Python", false);
    row("missing comma", "def f(x):\n    return g(x y)\n", 2, 16, "comma", false);
    row("columns count characters", "def f(x):\n    return '\xC3\xA4\xC3\xA4\xC3\xA4' + $\n", 2, 20, "nothing in Python", false);
    row("empty braces", "def f():\n    return f'{}'\n", 2, 15, "empty", false);
    row("default order", "def f(a=1, b):\n    return a\n", 1, 12, "default", false);
    row("not utf8", "def f():\n    return '\xff'\n", 2, 13, "UTF-8", false);
    row("no such function", "def g():\n    return 1\n", 1, 1, "no function", false);
}

void LanguageTest::what_is_not_in_the_language_is_refused_with_its_place() {
    QFETCH(QByteArray, source);
    QFETCH(int, line);
    QFETCH(int, column);
    QFETCH(QByteArray, says);
    QFETCH(bool, denied);
    Interpreter interpreter;
    const auto result = called(interpreter, source.toStdString(),
                               source.startsWith("def f(x)") ? std::vector<std::pair<std::string, Value>>{{"x", Value(at::ones({2, 3}))}}
                                                             : std::vector<std::pair<std::string, Value>>{});
    QVERIFY(!result);
    const Error& error = result.error();
    const QByteArray text = QByteArray::fromStdString(describe(error) + " | " + error.hint);
    QVERIFY2(text.contains(says), text);
    QVERIFY2(error.where.line == line && error.where.column == column, text);
    QVERIFY2((error.kind == ErrorKind::Unsupported) == denied, text);
}

void LanguageTest::a_function_is_described_as_written() {
    const auto program = Program::parse(
        "A = 1\ndef loss(logits: torch.Tensor, labels, alpha: float = 0.5, names=['a', -1], *, flag=None, other=A):\n    '''Doc.'''\n    "
        "return logits\n\ndef g(*args):\n    pass\n");
    QVERIFY(program);
    const auto functions = program->functions();
    QCOMPARE(functions.size(), std::size_t{2});
    const auto& parameters = functions[0].parameters;
    QCOMPARE(parameters.size(), std::size_t{6});
    QCOMPARE(parameters[0].annotation, std::string("torch.Tensor"));
    QVERIFY(!parameters[0].has_default);
    QCOMPARE(parameters[2].default_value->get<double>(), 0.5);
    QCOMPARE(parameters[3].default_value->dump(), std::string("[\"a\",-1]"));
    QVERIFY(parameters[4].keyword_only && parameters[4].default_value->is_null());
    QVERIFY(parameters[5].has_default && !parameters[5].default_value);
    QCOMPARE(functions[0].documentation, std::string("Doc."));
    QCOMPARE(functions[0].where.line, 2);
    QCOMPARE(functions[0].where.end_line, 4);
}

void LanguageTest::the_observer_sees_operators_and_statements() {
    Seen seen;
    Interpreter interpreter({}, &seen);
    const auto result = called(interpreter,
                               "def f(x):\n    p = F.softmax(x, dim=-1)\n    a = p.argmax(-1)\n    with torch.no_grad():\n        b = x[0] "
                               "> 0.5\n    n = x.sum().item()\n    if a[0] == 1:\n        pass\n    p.detach()\n    return -p + 1\n",
                               {{"x", Value(at::ones({2, 3}))}});
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    const std::vector<std::string> operators = {"2:softmax/2", "3:argmax/2", "4:no_grad/0", "5:getitem/2", "5:gt/2",
                                                "4:no_grad/0", "6:sum/1",    "6:item/1",    "7:getitem/2", "7:eq/2",
                                                "7:bool/1",    "9:detach/1", "10:neg/1",    "10:add/2"};
    QVERIFY2(seen.operators == operators, joined(seen.operators).c_str());
    const std::vector<std::string> statements = {"2:p=Tensor", "3:a=Tensor", "5:b=Tensor", "6:n=float", "9:=Tensor", "10:return=Tensor"};
    QVERIFY2(seen.statements == statements, joined(seen.statements).c_str());
}

void LanguageTest::nothing_changes_when_nobody_looks() {
    Seen seen;
    const std::string source = "def f(x):\n    y = x * 2\n    y[0] = 1\n    return float(y.sum())\n";
    Interpreter looked({}, &seen);
    Interpreter alone;
    const at::Tensor x = at::ones({2, 3});
    const auto one = called(looked, source, {{"x", Value(x)}});
    const auto other = called(alone, source, {{"x", Value(x)}});
    QVERIFY(one && other);
    QCOMPARE(one->as_float(), other->as_float());
    QCOMPARE(one->as_float(), 9.0);
}

void LanguageTest::print_goes_to_the_observer() {
    Seen seen;
    Interpreter interpreter({}, &seen);
    QVERIFY(called(interpreter, "def f(x):\n    print('a', 1, [2.5, 'b'], sep='|')\n    print(x)\n", {{"x", Value(at::ones({2}))}}));
    QCOMPARE(seen.printed, std::string("a|1|[2.5, 'b']\ntensor([1.0000, 1.0000])\n"));
}

void LanguageTest::a_host_function_is_called_by_name() {
    Interpreter interpreter;
    interpreter.add_function("tokens", [](std::span<const Value> arguments) -> Result<Value> {
        if (arguments.size() != 1 || !arguments[0].is(ValueKind::String)) return failure(Error::bad_input("tokens takes one text."));
        return Value::list({Value(7), Value(static_cast<int>(arguments[0].as_string().size()))});
    });
    const auto result = called(interpreter, "def f():\n    return tokens('refund')[1]\n");
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    QCOMPARE(result->as_int(), 6);
    const auto wrong = called(interpreter, "def f():\n    return tokens(1)\n");
    QVERIFY(!wrong);
    QCOMPARE(wrong.error().where.line, 2);
}

void LanguageTest::a_misspelt_name_is_answered_with_the_nearest() {
    Interpreter interpreter;
    const auto hint = [&](const char* line) {
        return called(interpreter, std::string("def f(logits):\n    return ") + line + "\n", {{"logits", Value(at::ones({2, 3}))}})
            .error()
            .hint;
    };
    QCOMPARE(hint("logit"), std::string("Did you mean `logits`?"));
    QCOMPARE(hint("F.cross_entrop(logits, 1)"), std::string("Did you mean `cross_entropy`?"));
    QCOMPARE(hint("logits.summ()"), std::string("Did you mean `sum`?"));
    QCOMPARE(hint("torch.softmx(logits, -1)"), std::string("Did you mean `softmax`?"));
    QCOMPARE(hint("F.mse_loss(logits, logits, reductoin='sum')"), std::string("Did you mean `reduction`?"));
    QCOMPARE(hint("logits.sum(dimm=0)"), std::string("Did you mean `dim`?"));
}

void LanguageTest::an_own_gradient_that_fails_says_so_from_backward() {
    Interpreter interpreter;
    const at::Tensor x = at::ones({2}).requires_grad_(true);
    const auto result = called(
        interpreter,
        "def back(g, t):\n    return g + 'a'\n\n@gradient(back)\ndef my(t):\n    return t * 2\n\ndef f(x):\n    return my(x).sum()\n",
        {{"x", Value(x)}});
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    try {
        result->as_tensor().backward();
        QFAIL("backward must throw");
    } catch (const std::exception& exception) {
        QVERIFY2(std::string(exception.what()).find("line 2") != std::string::npos, exception.what());
    }
}

void LanguageTest::an_own_gradient_may_use_what_it_closes_over() {
    Interpreter interpreter;
    at::Tensor x = at::ones({2}).requires_grad_(true);
    const auto weak = c10::weak_intrusive_ptr<c10::TensorImpl>(x.getIntrusivePtr());
    {
        const auto result = called(interpreter, R"(
def f(x):
    k = 3.0
    def helper(g):
        return g * k
    y = x
    def back(g, t):
        return helper(g) * y.detach()
    @gradient(back)
    def my(t):
        return t * 2
    y = my(x)
    return y.sum()
)",
                                   {{"x", Value(x)}});
        QVERIFY2(result, result ? "" : describe(result.error()).c_str());
        result->as_tensor().backward();
        QCOMPARE(x.grad()[0].item<float>(), 6.0F);
    }
    x = at::Tensor();
    QVERIFY(weak.expired());
}

void LanguageTest::a_closure_is_freed_after_the_call() {
    Interpreter interpreter;
    at::Tensor x = at::ones({2});
    const auto weak = c10::weak_intrusive_ptr<c10::TensorImpl>(x.getIntrusivePtr());
    const auto result =
        called(interpreter,
               "def f(x):\n    def g(n):\n        return x.sum() if n == 0 else g(n - 1)\n    h = lambda: h\n    return g(3).item()\n",
               {{"x", Value(x)}});
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    x = at::Tensor();
    QVERIFY(weak.expired());
}

void LanguageTest::no_grad_ends_when_a_fault_unwinds() {
    Interpreter interpreter;
    QVERIFY(!called(interpreter, "def f():\n    with torch.no_grad():\n        return 1 / 0\n"));
    QVERIFY(c10::GradMode::is_enabled());
}

void LanguageTest::a_cancelled_loss_says_cancelled() {
    const CancellationToken token;
    token.cancel();
    Interpreter interpreter({}, nullptr, token);
    const auto result = called(interpreter, "def f():\n    n = 0\n    while True:\n        n += 1\n");
    QVERIFY(!result);
    QCOMPARE(result.error().kind, ErrorKind::Cancelled);
    QCOMPARE(interpreter.last_fault(), LossFault::Cancelled);
}

void LanguageTest::a_loss_of_twenty_lines_costs_little() {
    const auto program = Program::parse(R"(def f(logits, labels, gamma=2.0, smoothing=0.1):
    B, T, V = logits.shape
    shift = logits[:, :-1, :].reshape(-1, V)
    target = labels[:, 1:].reshape(-1)
    logp = F.log_softmax(shift, dim=-1)
    p = logp.exp()
    nll = -logp.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    smooth = -logp.mean(dim=-1)
    loss = (1 - smoothing) * nll + smoothing * smooth
    pt = torch.exp(-nll)
    focal = (1 - pt) ** gamma * loss
    entropy = -(p * logp).sum(-1)
    mask = (target != -100).float()
    total = (focal * mask).sum() / mask.sum().clamp(min=1)
    bonus = 0.01 * (entropy * mask).mean()
    z = 1e-4 * (shift.logsumexp(-1) ** 2).mean()
    parts = {"total": total, "bonus": bonus, "z": z}
    result = 0
    for name, value in parts.items():
        result = result + value
    return result
)");
    QVERIFY(program);
    const std::vector<std::pair<std::string, Value>> arguments = {{"logits", Value(at::randn({1, 3, 4}))},
                                                                  {"labels", Value(at::randint(4, {1, 3}, at::TensorOptions(at::kLong)))}};
    Interpreter interpreter;
    QVERIFY(interpreter.call(*program, "f", arguments));
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 200; ++i) QVERIFY(interpreter.call(*program, "f", arguments));
    qInfo("%.1f microseconds a call, tensors of a few numbers included", static_cast<double>(timer.nsecsElapsed()) / 200e3);
}

#include "moc_LanguageTest.cpp"
