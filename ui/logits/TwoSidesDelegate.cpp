#include "ui/logits/TwoSidesDelegate.h"

#include <QPainter>

#include "ui/logits/DistributionModel.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

struct SideOfCell {
    QString text;
    double share = 0;
    bool cut = false;
    Role role = Role::Tuned;
};

std::vector<SideOfCell> sides_of(const QModelIndex& index) {
    std::vector<SideOfCell> sides;
    if (const QVariant text = index.data(DistributionModel::BaseText); text.isValid())
        sides.push_back({text.toString(), index.data(DistributionModel::BaseShare).toDouble(),
                         index.data(DistributionModel::BaseCut).toBool(), Role::Base});
    if (const QVariant text = index.data(DistributionModel::TunedText); text.isValid())
        sides.push_back({text.toString(), index.data(DistributionModel::TunedShare).toDouble(),
                         index.data(DistributionModel::TunedCut).toBool(), Role::Tuned});
    return sides;
}

void draw_bar(QPainter& painter, const QRect& line, const SideOfCell& side) {
    QColor colour = Theme::colour(side.role);
    const int width = std::max(1, static_cast<int>(side.share * line.width()));
    const QRectF bar(line.left(), line.center().y() - 4, width, 9);
    painter.setPen(side.cut ? QPen(colour) : QPen(Qt::NoPen));
    // A token that a filter hides keeps its outline only.
    painter.setBrush(side.cut ? QBrush(Qt::NoBrush) : QBrush(colour));
    painter.drawRoundedRect(bar, 2, 2);
}

}  // namespace

void TwoSidesDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem empty(option);
    initStyleOption(&empty, index);
    empty.text.clear();
    const QWidget* widget = option.widget;
    widget->style()->drawControl(QStyle::CE_ItemViewItem, &empty, painter, widget);
    const QRect inside = option.rect.adjusted(index.column() == DistributionModel::Token ? 8 : 4, 2, -6, -3);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (index.column() == DistributionModel::Token) {
        QFont font = Theme::token_font();
        font.setBold(index.data(DistributionModel::IsHere).toBool());
        const bool cut = index.data(DistributionModel::TunedCut).toBool();
        font.setStrikeOut(cut);
        painter->setFont(font);
        painter->setPen(Theme::colour(cut ? Role::Muted : Role::Text));
        painter->drawText(inside, Qt::AlignLeft | Qt::AlignVCenter,
                          QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, inside.width()));
    } else {
        const auto sides = sides_of(index);
        for (std::size_t i = 0; i < sides.size(); ++i) {
            const int height = inside.height() / static_cast<int>(sides.size());
            const QRect line(inside.left(), inside.top() + static_cast<int>(i) * height, inside.width(), height);
            if (index.column() == DistributionModel::Bar) {
                draw_bar(*painter, line, sides[i]);
                continue;
            }
            QFont font = Theme::token_font();
            font.setPixelSize(12);
            font.setStrikeOut(index.column() == DistributionModel::After && sides[i].cut);
            painter->setFont(font);
            painter->setPen(Theme::colour(sides[i].cut && index.column() == DistributionModel::After ? Role::Muted : sides[i].role));
            painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, sides[i].text);
        }
    }
    painter->restore();
}

}  // namespace lossmith::ui

#include "moc_TwoSidesDelegate.cpp"
