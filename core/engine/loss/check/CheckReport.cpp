#include "core/engine/loss/check/CheckReport.h"

#include <ATen/core/Tensor.h>

#include <cmath>

#include "core/engine/loss/LoadedArguments.h"

namespace lossmith::engine {

Json empty_report(const CheckBatch& batch, const char* kind) {
    const at::Tensor& logits = batch.inputs.logits;
    Json report = {{"verdict", "ok"},
                   {"line", nullptr},
                   {"column", nullptr},
                   {"end_column", nullptr},
                   {"message", ""},
                   {"hint", ""},
                   {"kind", kind},
                   {"value", nullptr},
                   {"parts", Json::array()},
                   {"arguments", Json::object()},
                   {"argument_list", Json::array()},
                   {"parameters", Json::array()},
                   {"lines", Json::array()},
                   {"cuts", Json::array()},
                   {"rewrites", Json::array()},
                   {"separable_by_token", nullptr},
                   {"split_invariant", nullptr},
                   {"split", {{"difference", nullptr}, {"reason", ""}, {"trainer_does", ""}}},
                   {"finite_differences", {{"agree", nullptr}, {"positions", 0}, {"largest_difference", nullptr}, {"reason", ""}}},
                   {"cost", {{"milliseconds", nullptr}, {"peak_bytes", nullptr}, {"share_of_model", nullptr}}},
                   {"heat", Json::array()},
                   {"prints", Json::array()}};
    report["batch"] = {{"rows", logits.size(0)}, {"tokens", logits.size(1)}, {"milliseconds", 0.0}, {"rows_there", batch.rows_there}};
    return report;
}

void blame(Json& report, const char* verdict, const Error& error) {
    report["verdict"] = verdict;
    report["message"] = error.message;
    report["hint"] = error.hint;
    report["line"] = error.where.line ? Json(*error.where.line) : Json();
    report["column"] = error.where.column ? Json(*error.where.column) : Json();
    report["end_column"] = error.where.column ? Json(*error.where.column + 1) : Json();
}

const char* verdict_of(LossFault fault, const Error& error) {
    switch (fault) {
        case LossFault::Denied: return "denied";
        case LossFault::Timeout: return "timeout";
        case LossFault::Memory: return "memory";
        default: return error.kind == ErrorKind::Unsupported ? "denied" : error.kind == ErrorKind::OutOfMemory ? "memory" : "error";
    }
}

Json range_json(const SourceRange& where) {
    return {
        {"line", where.line}, {"column", where.column}, {"end_column", where.end_line == where.line ? where.end_column : where.column + 1}};
}

Json lines_json(const FlowObserver& seen) {
    Json lines = Json::array();
    for (const HeldLine& held : seen.lines())
        lines.push_back({{"line", held.line},
                         {"target", held.target},
                         {"shape", held.shape ? Json(*held.shape) : Json()},
                         {"dtype", held.dtype},
                         {"gradient", held.gradient},
                         {"min", held.minimum && std::isfinite(*held.minimum) ? Json(*held.minimum) : Json()},
                         {"max", held.maximum && std::isfinite(*held.maximum) ? Json(*held.maximum) : Json()},
                         {"text", held.text},
                         {"not_finite", held.not_finite}});
    return lines;
}

Json parameters_json(const FunctionSignature& function, const Json& given) {
    Json fields = Json::array();
    for (const Parameter& parameter : function.parameters) {
        if (!parameter.has_default || !parameter.default_value) continue;
        const Json& value = *parameter.default_value;
        const std::string type = field_type(parameter);
        if (type.empty()) continue;
        fields.push_back({{"name", parameter.name},
                          {"type", type},
                          {"default", value},
                          {"value", given.contains(parameter.name) ? given.at(parameter.name) : value},
                          {"where", parameter.where.line}});
    }
    return fields;
}

}  // namespace lossmith::engine
