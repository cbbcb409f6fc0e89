// A combo box whose label ends in … where there is no room for all of it.
#pragma once

#include <QComboBox>

namespace lossmith::ui {

class ElidedComboBox : public QComboBox {
    Q_OBJECT

public:
    explicit ElidedComboBox(Qt::TextElideMode where = Qt::ElideRight, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::TextElideMode m_where;
};

}  // namespace lossmith::ui
