// An error in the page, beside its cause: what is wrong, what to do, and if there is one a button that does it.
#pragma once

#include <QFrame>

#include "core/base/Error.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace lossmith::ui {

/// Hidden until there is something to say. A Cancelled error is never shown.
class ErrorBanner : public QFrame {
    Q_OBJECT

public:
    explicit ErrorBanner(QWidget* parent = nullptr);

    /// `action`: the text of a button that emits action_wanted(); empty for none.
    void show_error(const Error& error, const QString& action = {});
    void clear();
    [[nodiscard]] QString text() const;  ///< the message shown; empty when hidden

Q_SIGNALS:
    void action_wanted();
    void dismissed();

private:
    QLabel* m_message;
    QLabel* m_hint;
    QPushButton* m_action;
    QToolButton* m_dismiss;
};

}  // namespace lossmith::ui
