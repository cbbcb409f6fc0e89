// A rounded panel with a small heading, room for controls at the heading's right, and a body.
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace lossmith::ui {

class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString& heading = {}, QWidget* parent = nullptr);

    void set_heading(const QString& heading);
    /// Controls added here stand at the right of the heading.
    [[nodiscard]] QHBoxLayout* header() { return m_header; }
    [[nodiscard]] QVBoxLayout* body() { return m_body; }
    /// Chosen or current: outlined in the accent.
    void set_selected(bool selected);

private:
    QLabel* m_heading;
    QHBoxLayout* m_header;
    QVBoxLayout* m_body;
};

}  // namespace lossmith::ui
