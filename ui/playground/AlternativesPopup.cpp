#include "ui/playground/AlternativesPopup.h"

#include <QKeyEvent>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int leave_milliseconds = 350;
constexpr int row_height = 24;
constexpr int popup_width = 260;
constexpr int probability_role = Qt::UserRole;
constexpr int taken_role = Qt::UserRole + 1;

QString shown_probability(double probability) {
    constexpr double least = 0.001;
    return probability > 0 && probability < least ? QStringLiteral("<0.001") : QString::number(probability, 'f', 3);
}

/// Token, a bar as long as its probability, the probability.
class AlternativeDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        constexpr int number_width = 52;
        constexpr int token_width = 110;
        const bool chosen = (option.state & (QStyle::State_Selected | QStyle::State_MouseOver)) != 0;
        const double probability = index.data(probability_role).toDouble();
        const QRect inner = option.rect.adjusted(6, 2, -6, -2);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (chosen) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(Theme::colour(Role::AccentSoft));
            painter->drawRoundedRect(option.rect.adjusted(1, 0, -1, 0), 4, 4);
        }
        QFont font = Theme::token_font();
        font.setBold(index.data(taken_role).toBool());
        painter->setFont(font);
        painter->setPen(Theme::colour(Role::Text));
        const QString token = QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, token_width - 6);
        painter->drawText(QRect(inner.left(), inner.top(), token_width, inner.height()), Qt::AlignLeft | Qt::AlignVCenter, token);
        const int room = inner.width() - token_width - number_width - 8;
        const QRectF bar(inner.left() + token_width, inner.center().y() - 3, std::max(1.0, room * probability), 6);
        painter->setPen(Qt::NoPen);
        painter->setBrush(Theme::colour(index.data(taken_role).toBool() ? Role::Tuned : Role::Accent));
        painter->drawRoundedRect(bar, 2, 2);
        painter->setFont(option.font);
        painter->setPen(Theme::colour(Role::Muted));
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, shown_probability(probability));
        painter->restore();
    }
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {popup_width - 20, row_height}; }
};

}  // namespace

AlternativesPopup::AlternativesPopup(QWidget* over)
    : QFrame(over), m_heading(new MutedLabel), m_list(new QListWidget), m_hint(new MutedLabel), m_leaving(new QTimer(this)) {
    setProperty("card", true);
    setObjectName(QStringLiteral("alternatives"));
    setAccessibleName(tr("Alternatives"));
    setFixedWidth(popup_width);
    m_heading->setWordWrap(false);
    m_hint->setText(tr("Click one to go on with it."));
    m_list->setItemDelegate(new AlternativeDelegate(m_list));
    m_list->setMouseTracking(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Alternatives"));
    m_list->installEventFilter(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(4);
    layout->addWidget(m_heading);
    layout->addWidget(m_list);
    layout->addWidget(m_hint);
    m_leaving->setSingleShot(true);
    m_leaving->setInterval(leave_milliseconds);
    connect(m_leaving, &QTimer::timeout, this, [this] {
        if (!m_list->hasFocus() && !underMouse()) hide();
    });
    connect(m_list, &QListWidget::itemClicked, this, [this](const QListWidgetItem* item) { choose(m_list->row(item)); });
    hide();
}

void AlternativesPopup::show_for(const TracedToken& token, const QRect& beside, bool take_focus) {
    m_token = token;
    m_leaving->stop();
    m_heading->setText(tr("“%1”  %2").arg(shown_token(token.text), shown_probability(token.probability)));
    m_list->clear();
    for (const TokenAlternative& each : token.top) {
        auto* item = new QListWidgetItem(shown_token(each.text), m_list);
        item->setData(probability_role, each.probability);
        item->setData(taken_role, each.id == token.id);
        item->setData(Qt::AccessibleTextRole, tr("%1, probability %2").arg(item->text(), shown_probability(each.probability)));
    }
    m_list->setVisible(!token.top.empty());
    m_hint->setVisible(!token.top.empty());
    constexpr int most_rows = 10;
    m_list->setFixedHeight(row_height * static_cast<int>(std::min<std::size_t>(token.top.size(), most_rows)) + 2);
    adjustSize();
    const QRect area = parentWidget()->rect().adjusted(4, 4, -4, -4);
    const bool below = beside.bottom() + height() + 4 <= area.bottom();
    const int top = below ? beside.bottom() + 2 : std::max(area.top(), beside.top() - height() - 2);
    move(std::clamp(beside.left(), area.left(), std::max(area.left(), area.right() - width())), top);
    show();
    raise();
    if (take_focus && !token.top.empty()) {
        m_list->setCurrentRow(0);
        m_list->setFocus(Qt::OtherFocusReason);
    }
}

void AlternativesPopup::leave_soon() {
    m_leaving->start();
}

void AlternativesPopup::dismiss() {
    const bool focused = m_list->hasFocus();
    hide();
    if (focused) Q_EMIT left();
}

int AlternativesPopup::count() const {
    return m_list->count();
}

void AlternativesPopup::choose(int row) {
    if (row < 0 || row >= static_cast<int>(m_token.top.size())) return;
    const TokenAlternative alternative = m_token.top[static_cast<std::size_t>(row)];
    hide();
    Q_EMIT chosen(alternative);
}

bool AlternativesPopup::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut) leave_soon();
    // The page's own Escape must not take the key from the list.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) event->accept();
    if (event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
            case Qt::Key_Return:
            case Qt::Key_Enter: choose(m_list->currentRow()); return true;
            case Qt::Key_Escape: dismiss(); return true;
            default: break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

bool AlternativesPopup::event(QEvent* event) {
    if (event->type() == QEvent::Enter) m_leaving->stop();
    if (event->type() == QEvent::Leave) leave_soon();
    return QFrame::event(event);
}

}  // namespace lossmith::ui

#include "moc_AlternativesPopup.cpp"
