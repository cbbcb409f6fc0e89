// All losses that come with the program.
#include "ui/loss/CataloguePopup.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

enum EntryRole { NameRole = Qt::UserRole, AboutRole, KindRole };

QString kind_in_words(const QString& kind) {
    if (kind == QLatin1String("reward")) return CataloguePopup::tr("reward");
    if (kind == QLatin1String("sample")) return CataloguePopup::tr("sample");
    return CataloguePopup::tr("loss");
}

/// The title with its kind at the right, and below what it does.
class EntryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {200, 2 * option.fontMetrics.height() + 12};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(Theme::colour(Role::AccentSoft));
            painter->drawRoundedRect(option.rect, 6, 6);
        }
        const QRect inside = option.rect.adjusted(10, 5, -10, -5);
        const int half = inside.height() / 2;
        const QString kind = kind_in_words(index.data(KindRole).toString());
        const int kind_width = option.fontMetrics.horizontalAdvance(kind) + 8;
        QFont bold = option.font;
        bold.setBold(true);
        painter->setFont(bold);
        painter->setPen(Theme::colour(Role::Text));
        const QRect title(inside.left(), inside.top(), inside.width() - kind_width, half);
        painter->drawText(title, Qt::AlignLeft | Qt::AlignVCenter,
                          QFontMetrics(bold).elidedText(index.data().toString(), Qt::ElideRight, title.width()));
        painter->setFont(option.font);
        painter->setPen(Theme::colour(Role::Muted));
        painter->drawText(QRect(inside.left(), inside.top(), inside.width(), half), Qt::AlignRight | Qt::AlignVCenter, kind);
        painter->drawText(QRect(inside.left(), inside.top() + half, inside.width(), half), Qt::AlignLeft | Qt::AlignVCenter,
                          option.fontMetrics.elidedText(index.data(AboutRole).toString().simplified(), Qt::ElideRight, inside.width()));
        painter->restore();
    }
};

}  // namespace

CataloguePopup::CataloguePopup(QWidget* parent) : QFrame(parent, Qt::Popup), m_search(new QLineEdit), m_list(new QListWidget) {
    setObjectName(QStringLiteral("command_palette"));  // looks like the other list one searches in
    setAccessibleName(tr("Catalogue of losses"));
    m_search->setObjectName(QStringLiteral("catalogue_search"));
    m_search->setPlaceholderText(tr("Search losses, rewards and samples…"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("catalogue_list"));
    m_list->setAccessibleName(tr("Losses"));
    m_list->setItemDelegate(new EntryDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 10, 10);
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    connect(m_search, &QLineEdit::textChanged, this, &CataloguePopup::filter);
    connect(m_search, &QLineEdit::returnPressed, this, &CataloguePopup::choose_current);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        m_list->setCurrentItem(item);
        choose_current();
    });
    resize(460, 420);
    setFocusProxy(m_search);
}

void CataloguePopup::set_entries(const std::vector<CatalogueEntry>& entries) {
    m_entries = entries;
    filter();
}

void CataloguePopup::show_below(QWidget* widget) {
    m_search->clear();
    filter();
    move(widget->mapToGlobal(QPoint(0, widget->height() + 4)));
    show();
    m_search->setFocus();
}

QStringList CataloguePopup::shown_names() const {
    QStringList names;
    for (int row = 0; row < m_list->count(); ++row) names.append(m_list->item(row)->data(NameRole).toString());
    return names;
}

void CataloguePopup::filter() {
    m_list->clear();
    const QStringList words = m_search->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const CatalogueEntry& entry : m_entries) {
        const QString all =
            entry.title + QLatin1Char(' ') + entry.name + QLatin1Char(' ') + entry.about + QLatin1Char(' ') + kind_in_words(entry.kind);
        const bool fits = std::ranges::all_of(words, [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
        if (!fits) continue;
        auto* item = new QListWidgetItem(entry.title, m_list);
        item->setData(NameRole, entry.name);
        item->setData(AboutRole, entry.about);
        item->setData(KindRole, entry.kind);
        item->setToolTip(QStringLiteral("<p>%1</p><p>%2</p>").arg(entry.about.toHtmlEscaped(), entry.source_reference.toHtmlEscaped()));
    }
    m_list->setCurrentRow(0);
}

void CataloguePopup::choose_current() {
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr) return;
    const QString name = item->data(NameRole).toString();
    hide();
    Q_EMIT chosen(name);
}

/// Up and down in the search field move in the list.
bool CataloguePopup::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int row = m_list->currentRow() + (key == Qt::Key_Down ? 1 : -1);
            if (row >= 0 && row < m_list->count()) m_list->setCurrentRow(row);
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace lossmith::ui

#include "moc_CataloguePopup.cpp"
