#include "tests/unit/loss_language/SnippetTest.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include <QtTest/QtTest>
#include <cmath>

#include "core/base/Json.h"
#include "core/engine/loss/language/Interpreter.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const Json& expected() {
    static const Json document = *read_json_file(LOSSMITH_TEST_DATA "/loss-snippets/expected.json");
    return document;
}

double number_of(const Json& json) {
    if (json.is_object()) {
        const std::string text = json.at("float").is_string() ? json.at("float").get<std::string>() : std::string();
        if (text == "nan") return std::nan("");
        if (text == "inf") return HUGE_VAL;
        if (text == "-inf") return -HUGE_VAL;
        return json.at("float").get<double>();
    }
    if (json.is_boolean()) return json.get<bool>() ? 1 : 0;
    return json.get<double>();
}

at::ScalarType type_named(const std::string& name) {
    if (name == "float32") return at::kFloat;
    if (name == "float64") return at::kDouble;
    if (name == "float16") return at::kHalf;
    if (name == "bfloat16") return at::kBFloat16;
    if (name == "int64") return at::kLong;
    if (name == "int32") return at::kInt;
    if (name == "uint8") return at::kByte;
    return at::kBool;
}

at::Tensor tensor_from(const Json& json) {
    at::Tensor tensor = at::empty(json.at("shape").get<std::vector<std::int64_t>>(), at::TensorOptions(at::kDouble));
    double* out = tensor.data_ptr<double>();
    for (const Json& number : json.at("data")) *out++ = number_of(number);
    return tensor.to(type_named(json.at("tensor").get<std::string>()));
}

bool close(double got, double wanted, bool floating) {
    if (std::isnan(wanted)) return std::isnan(got);
    if (got == wanted) return true;
    return floating && std::fabs(got - wanted) <= 1e-5 * std::max(1.0, std::fabs(wanted));
}

/// What differs, or "".
std::string difference(const at::Tensor& got, const Json& wanted) {
    if (!wanted.is_object() || !wanted.contains("tensor")) return "a tensor, but PyTorch gives " + wanted.dump();
    if (got.scalar_type() != type_named(wanted.at("tensor").get<std::string>()))
        return "dtype " + shown(Value(got)) + ", but PyTorch gives " + wanted.at("tensor").dump();
    if (got.sizes().vec() != wanted.at("shape").get<std::vector<std::int64_t>>())
        return "shape of " + shown(Value(got)) + ", but PyTorch gives " + wanted.at("shape").dump();
    const at::Tensor flat = got.detach().to(at::kDouble).contiguous();
    const bool floating = got.is_floating_point();
    std::int64_t at = 0;
    for (const Json& number : wanted.at("data")) {
        const double value = flat.data_ptr<double>()[at++];
        if (!close(value, number_of(number), floating)) return shown(Value(got)) + ", but PyTorch gives " + wanted.at("data").dump();
    }
    return {};
}

std::string difference(const Value& got, const Json& wanted) {
    const std::string unlike = shown(got) + " (" + std::string(got.type_name()) + "), but Python gives " + wanted.dump();
    switch (got.kind()) {
        case ValueKind::Tensor: return difference(got.as_tensor(), wanted);
        case ValueKind::None: return wanted.is_null() ? "" : unlike;
        case ValueKind::Bool: return wanted.is_boolean() && wanted.get<bool>() == got.as_bool() ? "" : unlike;
        case ValueKind::String: return wanted.is_string() && wanted.get<std::string>() == got.as_string() ? "" : unlike;
        case ValueKind::Int:
            return wanted.is_object() && wanted.contains("int") && wanted.at("int").get<std::int64_t>() == got.as_int() ? "" : unlike;
        case ValueKind::Float:
            return wanted.is_object() && wanted.contains("float") && close(got.as_float(), number_of(wanted), true) ? "" : unlike;
        case ValueKind::List:
        case ValueKind::Tuple: {
            const char* key = got.is(ValueKind::List) ? "list" : "tuple";
            if (!wanted.is_object() || !wanted.contains(key) || wanted.at(key).size() != got.items().size()) return unlike;
            for (std::size_t i = 0; i < got.items().size(); ++i)
                if (const std::string inner = difference(got.items()[i], wanted.at(key)[i]); !inner.empty())
                    return "item " + std::to_string(i) + ": " + inner;
            return {};
        }
        case ValueKind::Dict: {
            if (!wanted.is_object() || !wanted.contains("dict") || wanted.at("dict").size() != got.pairs().size()) return unlike;
            for (std::size_t i = 0; i < got.pairs().size(); ++i) {
                if (!difference(got.pairs()[i].first, wanted.at("dict")[i][0]).empty()) return unlike;
                if (const std::string inner = difference(got.pairs()[i].second, wanted.at("dict")[i][1]); !inner.empty())
                    return shown(got.pairs()[i].first) + ": " + inner;
            }
            return {};
        }
        default: return unlike;
    }
}

void add_weighted(const Value& value, at::Tensor& total) {
    if (value.is_tensor() && value.as_tensor().requires_grad()) {
        const at::Tensor flat = value.as_tensor().flatten().to(at::kDouble);
        const at::Tensor part = (flat * (1 + 0.1 * at::arange(flat.numel()).remainder(7).to(at::kDouble))).sum();
        total = total.defined() ? total + part : part;
    } else if (value.is_sequence()) {
        for (const Value& item : value.items()) add_weighted(item, total);
    } else if (value.is(ValueKind::Dict)) {
        for (const auto& [key, item] : value.pairs()) add_weighted(item, total);
    }
}

}  // namespace

void SnippetTest::a_snippet_gives_what_pytorch_gives_data() {
    QTest::addColumn<int>("index");
    const Json& snippets = expected().at("snippets");
    for (std::size_t i = 0; i < snippets.size(); ++i)
        QTest::newRow(snippets[i].at("name").get<std::string>().c_str()) << static_cast<int>(i);
}

void SnippetTest::a_snippet_gives_what_pytorch_gives() {
    QFETCH(int, index);
    const Json& snippet = expected().at("snippets")[static_cast<std::size_t>(index)];
    const auto program = Program::parse(snippet.at("source").get<std::string>());
    QVERIFY2(program, program ? "" : describe(program.error()).c_str());
    std::vector<std::pair<std::string, Value>> arguments;
    const auto functions = program->functions();
    const auto f = std::ranges::find(functions, "f", &FunctionSignature::name);
    QVERIFY(f != functions.end());
    for (const auto& parameter : f->parameters) {
        if (parameter.has_default) continue;
        const Json& input = expected().at("inputs").at(parameter.name);
        at::Tensor tensor = tensor_from(input);
        if (input.at("gradient").get<bool>()) tensor.requires_grad_(true);
        arguments.emplace_back(parameter.name, Value(tensor));
    }
    Interpreter interpreter;
    const Result<Value> result = interpreter.call(*program, "f", arguments);
    if (snippet.contains("error")) {
        QVERIFY2(!result, "it must fail");
        const std::string text = describe(result.error());
        QVERIFY2(text.find(snippet.at("contains").get<std::string>()) != std::string::npos, text.c_str());
        QVERIFY2(result.error().where.line.has_value(), text.c_str());
        QCOMPARE(interpreter.last_fault(), LossFault::Failed);
        return;
    }
    QVERIFY2(result, result ? "" : describe(result.error()).c_str());
    const std::string unlike = difference(*result, snippet.at("result"));
    QVERIFY2(unlike.empty(), unlike.c_str());
    at::Tensor total;
    add_weighted(*result, total);
    if (total.defined()) total.backward();
    for (const auto& [name, value] : arguments) {
        if (!value.as_tensor().requires_grad()) continue;
        const at::Tensor gradient = value.as_tensor().grad();
        const Json& wanted = snippet.at("gradients");
        const bool has = wanted.contains(name) && !wanted.at(name).is_null();
        QVERIFY2(gradient.defined() == has, ("the gradient of " + name).c_str());
        if (!has) continue;
        const at::Tensor flat = gradient.to(at::kDouble).contiguous();
        for (std::int64_t i = 0; i < flat.numel(); ++i)
            QVERIFY2(close(flat.data_ptr<double>()[i], number_of(wanted.at(name)[static_cast<std::size_t>(i)]), true),
                     ("the gradient of " + name + ": " + shown(Value(gradient)) + ", but PyTorch gives " + wanted.at(name).dump()).c_str());
    }
}

#include "moc_SnippetTest.cpp"
