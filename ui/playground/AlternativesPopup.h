// What else could have stood in a token's place, with probabilities; choosing one goes on from there with it.
#pragma once

#include <QFrame>

#include "ui/generation/TokenTrace.h"

class QListWidget;
class QTimer;

namespace lossmith::ui {

class MutedLabel;

/// Lies over the page, so that it can be pointed into. With the focus it stays; without, it goes soon after the pointer has left.
class AlternativesPopup : public QFrame {
    Q_OBJECT

public:
    explicit AlternativesPopup(QWidget* over);

    /// `beside`: the token's place in `over`. `take_focus`: for the keyboard.
    void show_for(const TracedToken& token, const QRect& beside, bool take_focus);
    void leave_soon();
    void dismiss();  ///< at once
    [[nodiscard]] int count() const;

Q_SIGNALS:
    void chosen(const lossmith::ui::TokenAlternative& alternative);
    void left();  ///< closed from the keyboard

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool event(QEvent* event) override;

private:
    void choose(int row);

    MutedLabel* m_heading;
    QListWidget* m_list;
    MutedLabel* m_hint;
    QTimer* m_leaving;
    TracedToken m_token;
};

}  // namespace lossmith::ui
