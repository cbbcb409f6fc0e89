// What can be completed and inserted in a loss: arguments, functions, snippets.
#pragma once

#include <QString>
#include <vector>

#include "ui/loss/LossEditor.h"

namespace lossmith::ui {

/// Functions, methods and what a loss may take; the arguments carry the shapes of this report where it has them.
[[nodiscard]] std::vector<CompletionWord> loss_words(const LossReport& report);

struct LossSnippet {
    QString title;
    QString about;
    QString lines;
};
[[nodiscard]] std::vector<LossSnippet> loss_snippets();

/// What a new loss begins with.
[[nodiscard]] QString new_loss_source();

}  // namespace lossmith::ui
