// Which typed losses this user has read and accepted. It is kept with the user, not in the project: a project that was sent would
// say so of itself.
#pragma once

#include <string>

namespace lossmith::ui {

/// By the SHA-256 of the text, in the user's settings; the newest thousand or so.
class AcceptedLosses {
public:
    [[nodiscard]] bool contains(const std::string& source) const;
    void accept(const std::string& source);
};

}  // namespace lossmith::ui
