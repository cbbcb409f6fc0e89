// The row of losses over the editor.
#include "ui/loss/LossChips.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <algorithm>

#include "ui/widgets/Chip.h"
#include "ui/widgets/Format.h"

namespace lossmith::ui {

namespace {
constexpr int gap_between_chips = 8;
constexpr int longest_label = 22;

/// A chip's own sizeHint() is open to layouts only.
QSize size_of(const QWidget* chip) {
    return chip->sizeHint();
}
}  // namespace

LossChips::LossChips(QWidget* parent)
    : QWidget(parent),
      m_rest(new Chip({}, this)),
      m_new(new Chip(tr("+ new"), this)),
      m_sum(new Chip(tr("+ sum"), this)),
      m_catalogue(new Chip(tr("+ catalogue"), this)),
      m_own(new QToolButton(this)),
      m_own_menu(new QMenu(this)),
      m_rename(new QLineEdit(this)) {
    setAccessibleName(tr("Losses"));
    for (Chip* chip : {m_rest, m_new, m_sum, m_catalogue}) chip->set_clickable(true);
    m_rest->setObjectName(QStringLiteral("more_losses"));
    m_new->setObjectName(QStringLiteral("new_loss"));
    m_new->setToolTip(tr("A loss of your own, from a few lines to begin with"));
    m_sum->setObjectName(QStringLiteral("sum_losses"));
    m_sum->setToolTip(tr("Several losses put together, each with a weight that may change over the run"));
    m_catalogue->setObjectName(QStringLiteral("open_catalogue"));
    m_catalogue->setToolTip(tr("All losses and rewards that come with the program, and the samples"));
    m_own->setObjectName(QStringLiteral("own_loss_menu"));
    m_own->setText(QStringLiteral("⋯"));
    m_own->setAutoRaise(true);
    m_own->setPopupMode(QToolButton::InstantPopup);
    m_own->setMenu(m_own_menu);
    m_own->setToolTip(tr("Rename, duplicate or delete this loss"));
    m_own->setAccessibleName(m_own->toolTip());
    m_own->setStyleSheet(QStringLiteral("QToolButton::menu-indicator { image: none; }"));
    m_own_menu->addAction(tr("Rename"), this, &LossChips::start_rename);
    m_own_menu->addAction(tr("Duplicate"), this, [this] { Q_EMIT duplicate_wanted(m_chosen); });
    m_own_menu->addAction(tr("Delete"), this, [this] { Q_EMIT removal_wanted(m_chosen); });
    m_rename->setObjectName(QStringLiteral("rename_loss"));
    m_rename->setAccessibleName(tr("Name of the loss"));
    m_rename->setMaxLength(60);
    m_rename->hide();
    m_rename->installEventFilter(this);
    connect(m_rename, &QLineEdit::editingFinished, this, [this] {
        if (m_rename->isHidden()) return;
        m_rename->hide();
        const QString name = m_rename->text().simplified();
        if (!name.isEmpty()) Q_EMIT rename_wanted(m_chosen, name);
    });
    connect(m_rest, &Chip::clicked, this, &LossChips::open_rest);
    connect(m_new, &Chip::clicked, this, &LossChips::new_wanted);
    connect(m_sum, &Chip::clicked, this, &LossChips::sum_wanted);
    connect(m_catalogue, &Chip::clicked, this, &LossChips::catalogue_wanted);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize LossChips::sizeHint() const {
    return {420, size_of(m_new).height() + 6};
}
QSize LossChips::minimumSizeHint() const {
    return {200, size_of(m_new).height() + 6};
}

void LossChips::set_losses(const std::vector<LossChip>& losses, const QString& chosen) {
    if (losses != m_losses) {
        m_losses = losses;
        for (Chip* chip : m_chips) chip->deleteLater();
        m_chips.clear();
        for (const LossChip& loss : m_losses) {
            auto* chip = new Chip(one_line(loss.label, longest_label), this);
            chip->setCheckable(true);
            chip->setToolTip(loss.tip.isEmpty() ? loss.label : loss.tip);
            chip->setAccessibleName(loss.own ? tr("Own loss “%1”").arg(loss.label) : tr("Loss “%1” of the catalogue").arg(loss.label));
            chip->setObjectName(QStringLiteral("loss_") + loss.key);
            chip->installEventFilter(this);
            connect(chip, &Chip::clicked, this, [this, key = loss.key, chip] {
                chip->setChecked(true);
                Q_EMIT this->chosen(key);
            });
            m_chips.push_back(chip);
        }
    }
    m_chosen = chosen;
    for (std::size_t index = 0; index < m_losses.size(); ++index) m_chips[index]->setChecked(m_losses[index].key == chosen);
    lay_out();
}

Chip* LossChips::chip(const QString& key) const {
    for (std::size_t index = 0; index < m_losses.size(); ++index)
        if (m_losses[index].key == key) return m_chips[index];
    return nullptr;
}

void LossChips::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    lay_out();
}

/// From the left as they come; the chosen one moves up to the last place where it would fall off the end.
void LossChips::lay_out() {
    const auto width_of = [](const QWidget* widget) { return widget->sizeHint().width() + gap_between_chips; };
    const auto chosen = std::ranges::find(m_losses, m_chosen, &LossChip::key);
    const bool own = chosen != m_losses.end() && chosen->own;
    m_rest->setText(tr("%1 more ▾").arg(m_losses.size()));
    const int own_width = own ? 26 + gap_between_chips : 0;
    const int room = width() - width_of(m_new) - width_of(m_sum) - width_of(m_catalogue) - own_width;
    int all = 0;
    for (const Chip* chip : m_chips) all += width_of(chip);
    int room_for_chips = all <= room ? room : room - width_of(m_rest);
    const std::size_t chosen_index = static_cast<std::size_t>(chosen - m_losses.begin());
    std::vector<std::size_t> shown;
    if (chosen != m_losses.end()) room_for_chips -= width_of(m_chips[chosen_index]);
    bool full = false;
    m_hidden.clear();
    for (std::size_t index = 0; index < m_chips.size(); ++index) {
        if (index == chosen_index) {
            shown.push_back(index);
            continue;
        }
        const int wanted = width_of(m_chips[index]);
        full = full || wanted > room_for_chips;
        if (full) {
            m_hidden.push_back(index);
            continue;
        }
        room_for_chips -= wanted;
        shown.push_back(index);
    }
    int x = 0;
    const auto place = [&](QWidget* widget) {
        const QSize size = widget->sizeHint();
        widget->setGeometry(x, (height() - size.height()) / 2, size.width(), size.height());
        widget->show();
        x += size.width() + gap_between_chips;
    };
    for (const std::size_t index : m_hidden) m_chips[index]->hide();
    for (const std::size_t index : shown) {
        place(m_chips[index]);
        if (index != chosen_index || !own) continue;
        x -= gap_between_chips - 2;
        m_own->setGeometry(x, (height() - 22) / 2, 24, 22);
        m_own->show();
        x += 24 + gap_between_chips;
    }
    if (!own) m_own->hide();
    m_rest->setText(tr("%1 more ▾").arg(m_hidden.size()));
    m_hidden.empty() ? m_rest->hide() : place(m_rest);
    place(m_new);
    place(m_sum);
    place(m_catalogue);
}

void LossChips::open_rest() {
    QMenu menu(this);
    for (const std::size_t index : m_hidden) {
        const LossChip& loss = m_losses[index];
        menu.addAction(loss.label, this, [this, key = loss.key] { Q_EMIT chosen(key); });
    }
    menu.exec(m_rest->mapToGlobal(QPoint(0, m_rest->height() + 2)));
}

void LossChips::start_rename() {
    Chip* renamed = chip(m_chosen);
    const auto loss = std::ranges::find(m_losses, m_chosen, &LossChip::key);
    if (renamed == nullptr || !loss->own) return;
    m_rename->setText(loss->label);
    const QRect at = renamed->geometry();
    m_rename->setGeometry(at.x(), 0, std::max(at.width() + 30, 160), height());
    m_rename->raise();
    m_rename->show();
    m_rename->selectAll();
    m_rename->setFocus();
}

bool LossChips::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_rename && event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        m_rename->hide();
        return true;
    }
    if (event->type() == QEvent::MouseButtonDblClick && watched != m_rename) {
        start_rename();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace lossmith::ui

#include "moc_LossChips.cpp"
