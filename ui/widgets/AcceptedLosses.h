// Which typed losses this user has read and accepted. It is kept with the user, not in the project: a project that was sent would
// say so of itself.
#pragma once

#include <optional>
#include <string>

#include "core/config/RunConfig.h"

namespace lossmith::ui {

/// By the SHA-256 of the text, in the user's settings; the newest thousand or so.
class AcceptedLosses {
public:
    [[nodiscard]] bool contains(const std::string& source) const;
    /// The typed loss or reward of a run that this user has not accepted; none when all are. A reward comes as a loss of its name.
    [[nodiscard]] std::optional<LossSpec> unread(const RunConfig& config) const;
    void accept(const std::string& source);
};

}  // namespace lossmith::ui
