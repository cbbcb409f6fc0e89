// One line over the page with a button: something to accept, to make one's own, or to bring back.
#pragma once

#include <QFrame>

class QPushButton;

namespace lossmith::ui {

class MutedLabel;

/// Hidden until say().
class NoticeBar : public QFrame {
    Q_OBJECT

public:
    explicit NoticeBar(QWidget* parent = nullptr);

    /// `is_warning`: in the colour of a warning.
    void say(const QString& sentence, const QString& button, bool is_warning = false);
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void pressed();

private:
    MutedLabel* m_sentence;
    QPushButton* m_button;
};

}  // namespace lossmith::ui
