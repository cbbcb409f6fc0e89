// Asking an engine in a test, and what came back.
#pragma once

#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "core/protocol/EngineClient.h"

namespace lossmith::test {

struct Reply {
    std::uint64_t id = 0;
    int answers = 0;
    std::vector<Json> progress;
    std::optional<Result<Json>> result;

    [[nodiscard]] bool succeeded() const { return result && result->has_value(); }
    [[nodiscard]] bool failed_with(ErrorKind kind) const { return result && !result->has_value() && result->error().kind == kind; }
};

/// The reply fills as the event loop runs.
inline std::shared_ptr<Reply> ask(EngineClient& client, const QString& method, const Json& params = Json::object(),
                                  QObject* context = nullptr) {
    auto reply = std::make_shared<Reply>();
    reply->id = client.request(
        method, params, context,
        [reply](Result<Json> result) {
            ++reply->answers;
            reply->result = std::move(result);
        },
        [reply](const Json& value) { reply->progress.push_back(value); });
    return reply;
}

}  // namespace lossmith::test
