// What a page shows when there is nothing yet: an icon, what to do next, and a button that does it.
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace lossmith::ui {

class EmptyState : public QWidget {
    Q_OBJECT

public:
    /// `button`: empty for none.
    EmptyState(const QString& icon_name, const QString& title, const QString& sentence, const QString& button = {},
               QWidget* parent = nullptr);

    void set_text(const QString& title, const QString& sentence, const QString& button = {});

Q_SIGNALS:
    void action_wanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void draw_icon();

    QString m_icon_name;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_sentence;
    QPushButton* m_button;
};

}  // namespace lossmith::ui
