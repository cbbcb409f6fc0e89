// JSON-RPC 2.0 messages as values, and errors in both directions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::protocol {

inline constexpr int version = 1;  ///< of this protocol, as `initialize` carries it

/// JSON-RPC's own codes, and ours for what an engine function gives back.
enum Code : int {
    parse_error = -32700,      ///< not JSON
    invalid_request = -32600,  ///< JSON, but not a message
    method_not_found = -32601,
    invalid_params = -32602,  ///< `params` is not an object
    failed = -32000,          ///< `data.kind` says how
    request_cancelled = -32800,
};

/// `id` is an integer or a string and is given back as it came. Absent params are an empty object.
struct Request {
    Json id;
    std::string method;
    Json params = Json::object();
};

struct Notification {
    std::string method;
    Json params = Json::object();
};

/// `id` is null when the other side could not tell which request it answers.
struct Response {
    Json id;
    Result<Json> result;
};

using Message = std::variant<Request, Notification, Response>;

/// Why a message was not understood, ready to be answered: make_error(refusal.id, refusal.code, refusal.error).
struct Refusal {
    int code = invalid_request;
    Json id = nullptr;
    Error error;
};

/// Batches are refused, as in the Language Server Protocol.
[[nodiscard]] std::expected<Message, Refusal> parse_message(std::string_view text);

[[nodiscard]] Json make_request(const Json& id, const std::string& method, const Json& params);
[[nodiscard]] Json make_notification(const std::string& method, const Json& params);
[[nodiscard]] Json make_response(const Json& id, Json result);
[[nodiscard]] Json make_error(const Json& id, int code, const Error& error);
/// With the code that belongs to the error's kind: cancelled or failed.
[[nodiscard]] Json make_error(const Json& id, const Error& error);

/// `{code, message, data: {kind, hint, where: {file, row, line, column}}}`; places that are not known are left out.
[[nodiscard]] Json error_to_json(int code, const Error& error);
/// Never fails: what is missing or of a wrong type is left empty, and the kind is then told from the code.
[[nodiscard]] Error error_from_json(const Json& json);

}  // namespace lossmith::protocol
