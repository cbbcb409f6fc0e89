#include "ui/widgets/Page.h"

#include "ui/widgets/LatestAnswer.h"

namespace lossmith::ui {

void Page::tell_if_ready() {
    if (is_ready()) Q_EMIT ready();
}

}  // namespace lossmith::ui

// LatestAnswer is wholly in its header.
#include "moc_LatestAnswer.cpp"
#include "moc_Page.cpp"
