// Reading is suspicious of every field; writing is plain.
#include "core/protocol/JsonRpc.h"

#include <array>
#include <optional>

namespace lossmith::protocol {
namespace {

constexpr std::array all_kinds = {ErrorKind::BadInput,  ErrorKind::NotFound,    ErrorKind::Io,        ErrorKind::Unsupported,
                                  ErrorKind::Cancelled, ErrorKind::OutOfMemory, ErrorKind::NotFinite, ErrorKind::Internal};

std::optional<std::int64_t> number_field(const Json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

ErrorKind kind_of(const std::string& name, std::int64_t code) {
    for (const ErrorKind kind : all_kinds)
        if (name == name_of(kind)) return kind;
    switch (code) {
        case request_cancelled: return ErrorKind::Cancelled;
        case method_not_found: return ErrorKind::Unsupported;
        case invalid_params: return ErrorKind::BadInput;
        default: return ErrorKind::Internal;
    }
}

bool is_id(const Json& json) {
    return json.is_number_integer() || json.is_string();
}

std::unexpected<Refusal> refused(int code, const Json& id, std::string message) {
    return std::unexpected(Refusal{code, id, Error::bad_input(std::move(message))});
}

std::expected<Message, Refusal> parse_response(Json& json, const Json& id, bool has_result) {
    const auto error = json.find("error");
    if ((error != json.end()) == has_result)
        return refused(invalid_request, id, "A message has neither a method nor one of result and error.");
    if (has_result) {
        if (id.is_null()) return refused(invalid_request, id, "A result does not say which request it answers.");
        return Response{id, std::move(json["result"])};
    }
    if (!error->is_object()) return refused(invalid_request, id, "A response's error is not an object.");
    return Response{id, failure(error_from_json(*error))};
}

}  // namespace

std::expected<Message, Refusal> parse_message(std::string_view text) {
    Result<Json> parsed = parse_json(text);
    if (!parsed) return std::unexpected(Refusal{parse_error, nullptr, std::move(parsed).error()});
    Json& json = *parsed;
    if (!json.is_object()) return refused(invalid_request, nullptr, "A message is not a JSON object; batches are not taken.");

    const auto id_field = json.find("id");
    const bool has_id = id_field != json.end();
    const Json id = has_id && is_id(*id_field) ? *id_field : Json(nullptr);
    if (has_id && !is_id(*id_field) && !id_field->is_null())
        return refused(invalid_request, nullptr, "A message's id is neither an integer nor a string.");
    if (string_or_empty(json, "jsonrpc") != "2.0") return refused(invalid_request, id, "A message does not say \"jsonrpc\": \"2.0\".");

    const auto method = json.find("method");
    if (method == json.end()) return parse_response(json, id, json.contains("result"));
    if (!method->is_string()) return refused(invalid_request, id, "A message's method is not a string.");
    if (has_id && id.is_null()) return refused(invalid_request, id, "A request's id is null.");

    Json params = Json::object();
    if (const auto found = json.find("params"); found != json.end() && !found->is_null()) {
        if (!found->is_object()) return refused(invalid_params, id, "A message's params are not an object.");
        params = std::move(*found);
    }
    if (has_id) return Request{id, method->get<std::string>(), std::move(params)};
    return Notification{method->get<std::string>(), std::move(params)};
}

Json make_request(const Json& id, const std::string& method, const Json& params) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}

Json make_notification(const std::string& method, const Json& params) {
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", params}};
}

Json make_response(const Json& id, Json result) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json make_error(const Json& id, int code, const Error& error) {
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", error_to_json(code, error)}};
}

Json make_error(const Json& id, const Error& error) {
    return make_error(id, error.kind == ErrorKind::Cancelled ? request_cancelled : failed, error);
}

Json error_to_json(int code, const Error& error) {
    Json where = Json::object();
    if (!error.where.file.empty()) where["file"] = error.where.file;
    if (error.where.row) where["row"] = *error.where.row;
    if (error.where.line) where["line"] = *error.where.line;
    if (error.where.column) where["column"] = *error.where.column;
    return {{"code", code}, {"message", error.message}, {"data", {{"kind", name_of(error.kind)}, {"hint", error.hint}, {"where", where}}}};
}

Error error_from_json(const Json& json) {
    if (!json.is_object()) return Error::internal("An error came without a description.");
    const auto found = json.find("data");
    const Json data = found != json.end() && found->is_object() ? *found : Json::object();
    Error error;
    error.kind = kind_of(string_or_empty(data, "kind"), number_field(json, "code").value_or(failed));
    error.message = string_or_empty(json, "message");
    if (error.message.empty()) error.message = "An error came without a description.";
    error.hint = string_or_empty(data, "hint");
    if (const auto where = data.find("where"); where != data.end() && where->is_object())
        error.where = {string_or_empty(*where, "file"), number_field(*where, "row"), number_field(*where, "line"),
                       number_field(*where, "column")};
    return error;
}

}  // namespace lossmith::protocol
