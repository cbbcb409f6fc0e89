#include "tests/unit/loss_language/BudgetTest.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/ones.h>

#include <QElapsedTimer>
#include <QtTest/QtTest>

#include "core/engine/loss/language/Interpreter.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

Budget small_budget() {
    Budget budget;
    budget.steps = 200'000;
    budget.seconds = 5;
    budget.tensor_bytes = 64 << 20;
    budget.text_bytes = 8 << 20;
    return budget;
}

}  // namespace

void BudgetTest::what_takes_too_much_is_stopped_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<LossFault>("fault");
    const auto row = [](const char* line, LossFault fault) { QTest::newRow(line) << QByteArray(line) << fault; };
    const auto time = LossFault::Timeout;
    const auto memory = LossFault::Memory;
    row("while True: pass", time);
    row("for i in range(10**12): pass", time);
    row("a = [i for i in range(10**12)]", time);
    row("b = sum(range(10**7))", memory);
    row("list(range(10**10))", memory);
    row("'a' * 10**9", memory);
    row("[0] * 10**9", memory);
    row("(1, 2) * 10**18", memory);
    row("'ab' * 2**62", memory);
    row("r(1)", memory);
    row("(lambda s: s(s))(lambda s: s(s))", memory);
    row("sorted([3, 1], key=lambda q: r(q))", memory);
    row("double('a')", memory);
    row("double([1])", memory);
    row("torch.zeros(100000, 1000000)", memory);
    row("torch.zeros((10**9, 10**9))", memory);
    row("torch.ones(10**10)", memory);
    row("torch.arange(10**11)", memory);
    row("torch.arange(0, 1, 1e-12)", memory);
    row("torch.linspace(0, 1, 10**11)", memory);
    row("torch.eye(10**6)", memory);
    row("torch.rand(10**6, 10**6)", memory);
    row("torch.randint(5, (10**6, 10**6))", memory);
    row("torch.randperm(10**11)", memory);
    row("torch.tril_indices(10**6, 10**6)", memory);
    row("torch.full((10**6, 10**6), 1.0)", memory);
    row("torch.empty(10**6, 10**6)", memory);
    row("x.new_zeros(10**6, 10**6)", memory);
    row("x.new_full((10**6, 10**6), 1)", memory);
    row("x.expand(10**6, 1000).contiguous()", memory);
    row("x.expand(10**6, 1000) + 1", memory);
    row("x.expand(10**6, 1000).clone()", memory);
    row("torch.zeros_like(x.expand(10**6, 1000))", memory);
    row("x.expand(10**6, 1000).reshape(-1)", memory);
    row("x.expand(10**6, 1000)[x.expand(10**6, 1000) > 0]", memory);
    row("x.repeat(10**6, 10)", memory);
    row("torch.tile(x, (10**6, 10))", memory);
    row("x.repeat_interleave(10**8)", memory);
    row("torch.outer(y, y)", memory);
    row("y[:, None] + y[None, :]", memory);
    row("y[:, None] @ y[None, :]", memory);
    row("torch.einsum('i,j->ij', y, y)", memory);
    row("torch.einsum('i,j', y, y)", memory);
    row("torch.kron(y, y)", memory);
    row("torch.cdist(y[:, None], y[:, None])", memory);
    row("torch.tensordot(y, y, dims=0)", memory);
    row("torch.diag(y)", memory);
    row("torch.diag_embed(y)", memory);
    row("F.one_hot(torch.arange(1000), 10**8)", memory);
    row("F.one_hot(torch.tensor([10**12]))", memory);
    row("torch.bincount(torch.tensor([10**12]))", memory);
    row("torch.bincount(torch.tensor([1]), minlength=10**12)", memory);
    row("torch.histc(y, bins=10**11)", memory);
    row("torch.cat([y] * 10000)", memory);
    row("torch.stack([y] * 10000)", memory);
    row("F.pad(x, (10**10, 0))", memory);
    row("F.linear(y[:, None], y[:, None])", memory);
    row("torch.cartesian_prod(y, y)", memory);
    row("y[torch.zeros(1000, 100000, dtype=torch.long)]", memory);
    row("x[:, torch.arange(10).repeat(10**6)]", memory);
    row("torch.multinomial(x.abs() + 1, 10**10, replacement=True)", memory);
    row("torch.distributions.Categorical(logits=x).sample((10**10,))", memory);
    row("[y * 2 for _ in range(10**4)]", memory);
    row("f'{1:>1000000000}'", memory);
    row("'{:>5}'.zfill(10**10)", memory);
    row("',' .join(['abc' * 1000] * 100000)", memory);
    row("'a'.replace('a', 'b' * 10**6).replace('b', 'c' * 100)", memory);
    row("for i in range(10**6): print('flood of words that never ends')", memory);
    row("re.fullmatch(r'(a+)+', 'a' * 40 + '!')", time);
    row("re.search(r'(a|aa)+[!?]$', 'a' * 60)", time);
}

void BudgetTest::what_takes_too_much_is_stopped() {
    QFETCH(QByteArray, line);
    QFETCH(LossFault, fault);
    const std::string source = "def r(n):\n    return r(n + 1)\ndef double(a):\n    while True:\n        a = a + a\ndef f(x, y):\n    " +
                               line.toStdString() + "\n";
    const auto program = Program::parse(source);
    QVERIFY2(program, program ? "" : describe(program.error()).c_str());
    Interpreter interpreter(small_budget());
    QElapsedTimer timer;
    timer.start();
    const auto result = interpreter.call(*program, "f", {{"x", Value(at::ones({1, 1000}))}, {"y", Value(at::ones({20000}))}});
    QVERIFY2(!result, "it must be stopped");
    const std::string text = describe(result.error());
    QVERIFY2(interpreter.last_fault() == fault, text.c_str());
    QVERIFY2(result.error().where.line.has_value() && !result.error().hint.empty(), text.c_str());
    QVERIFY2(timer.elapsed() < 30000, text.c_str());
}

void BudgetTest::memory_that_is_freed_counts_no_longer() {
    const auto program = Program::parse(
        "def f():\n    total = 0\n    for i in range(100):\n        a = torch.zeros(1000, 1000)\n        s = 'a' * 1000000\n        total "
        "+= a.sum().item() + len(s)\n    return total\n");
    QVERIFY(program);
    Budget budget = small_budget();
    budget.seconds = 100;
    Interpreter interpreter(budget);
    const auto result = interpreter.call(*program, "f", {});
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
}

void BudgetTest::a_million_characters_on_a_line_are_refused() {
    QVERIFY(!Program::parse(std::string(1'000'000, 'a')));
    QVERIFY(!Program::parse("x = " + std::string(250'000, '(')));
    QVERIFY(!Program::parse("x = '" + std::string(200'000, 'a')));
    QVERIFY(Program::parse("x = '" + std::string(200'000, 'a') + "'"));
    QVERIFY(Program::parse("# " + std::string(200'000, '(')));
}

void BudgetTest::deep_nesting_is_refused_data() {
    QTest::addColumn<QByteArray>("source");
    const auto row = [](const char* name, const QByteArray& source) { QTest::newRow(name) << source; };
    const int many = 20000;
    row("brackets", QByteArray("x = ") + QByteArray("(").repeated(150) + "1" + QByteArray(")").repeated(150));
    row("lists", QByteArray("x = ") + QByteArray("[").repeated(many) + QByteArray("]").repeated(many));
    row("minus", QByteArray("x = ") + QByteArray("-").repeated(many) + "1");
    row("not", QByteArray("x = ") + QByteArray("not ").repeated(many) + "1");
    row("sum", QByteArray("x = 1") + QByteArray(" + 1").repeated(many));
    row("power", QByteArray("x = 1") + QByteArray(" ** 1").repeated(many));
    row("calls", QByteArray("x = f") + QByteArray("()").repeated(many));
    row("attributes", QByteArray("x = f") + QByteArray(".a").repeated(many));
    row("lambdas", QByteArray("x = ") + QByteArray("lambda: ").repeated(many) + "1");
    row("conditionals", QByteArray("x = ") + QByteArray("1 if 1 else ").repeated(many) + "1");
    QByteArray blocks;
    for (int i = 0; i < 200; ++i) blocks += QByteArray(" ").repeated(i) + "if 1:\n";
    row("blocks", blocks + QByteArray(" ").repeated(200) + "pass\n");
    row("formats", QByteArray("x = f'{1:") + QByteArray("{1:").repeated(200) + QByteArray("}").repeated(201) + "'");
}

void BudgetTest::deep_nesting_is_refused() {
    QFETCH(QByteArray, source);
    const auto program = Program::parse(source.toStdString());
    QVERIFY(!program);
    QVERIFY(program.error().where.line.has_value());
}

void BudgetTest::a_chain_of_containers_ends_quietly() {
    for (const char* source : {"def f():\n    a = []\n    for i in range(30000):\n        a = [a]\n    return 1\n",
                               "def f():\n    root = x = []\n    for i in range(30000):\n        y = []\n        x.append(y)\n        x = "
                               "y\n    print(root)\n    return root\n",
                               "def f():\n    a = lambda: 0\n    for i in range(20000):\n        a = lambda b=a: b\n    return 1\n",
                               "def f():\n    a = {}\n    for i in range(20000):\n        a = {'k': a}\n    return a\n",
                               "def f():\n    a = (1,)\n    for i in range(20000):\n        a = (a, i)\n    return f'{a}'\n"}) {
        const auto program = Program::parse(source);
        QVERIFY(program);
        Interpreter interpreter;
        const auto result = interpreter.call(*program, "f", {});
        QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    }
    Interpreter interpreter;
    const auto deep = Program::parse(
        "def chain(n):\n    a = []\n    for i in range(n):\n        a = [a]\n    return a\ndef f():\n    return chain(30000) == "
        "chain(30000)\n");
    QVERIFY(!interpreter.call(*deep, "f", {}));
    const auto circle = Program::parse("def f():\n    a = []\n    b = {'a': a}\n    a.append((1, b))\n");
    const auto result = interpreter.call(*circle, "f", {});
    QVERIFY(!result);
    QCOMPARE(result.error().where.line, 4);
}

void BudgetTest::seconds_end_a_loop_of_tensors() {
    Budget budget;
    budget.seconds = 0.3;
    const auto program = Program::parse("def f(x):\n    while True:\n        x = (x @ x).softmax(-1)\n");
    QVERIFY(program);
    Interpreter interpreter(budget);
    QElapsedTimer timer;
    timer.start();
    const auto result = interpreter.call(*program, "f", {{"x", Value(at::ones({64, 64}))}});
    QVERIFY(!result);
    QCOMPARE(interpreter.last_fault(), LossFault::Timeout);
    QVERIFY(timer.elapsed() < 5000);
}

#include "moc_BudgetTest.cpp"
