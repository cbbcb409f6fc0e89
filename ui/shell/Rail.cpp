// A column of buttons with the icon over the name, drawn in the palette's colours.
#include "ui/shell/Rail.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

class RailButton : public QAbstractButton {
public:
    RailButton(const QString& title, const QString& icon_name) : m_icon(ui::icon(icon_name, Role::Muted)) {
        setText(title);
        setFocusPolicy(Qt::StrongFocus);
        setCheckable(true);
        setFixedSize(74, 50);
        setCursor(Qt::PointingHandCursor);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF shape = QRectF(rect()).adjusted(1, 1, -1, -1);
        if (isChecked() || underMouse()) {
            QColor fill = Theme::colour(isChecked() ? Role::AccentSoft : Role::Border);
            if (!isChecked()) fill.setAlphaF(0.5F);
            painter.setBrush(fill);
            painter.setPen(Qt::NoPen);
            painter.drawRoundedRect(shape, 8, 8);
        }
        if (hasFocus()) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(Theme::colour(Role::Accent), 1.2));
            painter.drawRoundedRect(shape, 8, 8);
        }
        m_icon.paint(&painter, QRect((width() - 22) / 2, 6, 22, 22), Qt::AlignCenter, QIcon::Normal, isChecked() ? QIcon::On : QIcon::Off);
        QFont words = font();
        words.setPixelSize(11);
        words.setBold(isChecked());
        painter.setFont(words);
        painter.setPen(Theme::colour(isChecked() ? Role::Accent : Role::Muted));
        painter.drawText(QRect(0, 29, width(), 18), Qt::AlignCenter, text());
    }

private:
    QIcon m_icon;
};

}  // namespace

Rail::Rail(QWidget* parent) : QFrame(parent), m_buttons(new QButtonGroup(this)), m_layout(new QVBoxLayout(this)) {
    setObjectName(QStringLiteral("rail"));
    setAccessibleName(tr("Pages"));
    setFixedWidth(85);
    m_layout->setContentsMargins(5, 8, 5, 8);
    m_layout->setSpacing(2);
    m_layout->addStretch();
    m_buttons->setExclusive(true);
    connect(m_buttons, &QButtonGroup::idClicked, this, &Rail::chosen);
}

void Rail::add_page(const QString& title, const QString& icon_name) {
    const int index = static_cast<int>(m_buttons->buttons().size());
    auto* button = new RailButton(title, icon_name);
    button->setObjectName(QStringLiteral("rail_%1").arg(index));
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(title).arg(index + 1));
    button->setAccessibleName(title);
    m_buttons->addButton(button, index);
    m_layout->insertWidget(index, button, 0, Qt::AlignHCenter);
}

void Rail::set_current(int page) {
    if (auto* button = m_buttons->button(page)) button->setChecked(true);
}

}  // namespace lossmith::ui

#include "moc_Rail.cpp"
