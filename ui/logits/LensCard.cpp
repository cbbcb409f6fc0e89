#include "ui/logits/LensCard.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/logits/LensModel.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

constexpr int column_width = 84;
constexpr int lens_top_k = 5;

/// A rounded patch in the cell's colour, as in the strip.
class PatchDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QVariant ground = index.data(Qt::BackgroundRole);
        if (!ground.isValid()) return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF patch = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5);
        painter->setBrush(ground.value<QBrush>());
        const bool chosen = (option.state & QStyle::State_Selected) != 0;
        painter->setPen(chosen ? QPen(Theme::colour(Role::Accent), 2) : QPen(Qt::NoPen));
        painter->drawRoundedRect(patch, 3, 3);
        const QFont font = index.data(Qt::FontRole).value<QFont>();
        painter->setFont(font);
        painter->setPen(index.data(Qt::ForegroundRole).value<QBrush>().color());
        painter->drawText(patch.adjusted(5, 0, -3, 0), Qt::AlignLeft | Qt::AlignVCenter,
                          QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, static_cast<int>(patch.width()) - 8));
        painter->restore();
    }
};

}  // namespace

LensCard::LensCard(EngineClient& engine, QWidget* parent)
    : InspectionCard(engine, parent), m_model(new LensModel(this)), m_table(new QTableView) {
    set_heading(tr("What each layer would have said here"));
    setToolTip(tr("Each layer's state through the model's last norm and head. Bold: the token that stands there."));
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("lens"));
    m_table->setAccessibleName(tr("Predictions by layer and place"));
    m_table->setItemDelegate(new PatchDelegate(m_table));
    dress_table(m_table, QStringLiteral("logits_lens"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->horizontalHeader()->setDefaultSectionSize(column_width);
    m_table->verticalHeader()->show();
    m_table->verticalHeader()->setHighlightSections(false);
    body()->addWidget(m_table, 1);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (index.isValid() && index.column() + 1 != place()) Q_EMIT place_chosen(index.column() + 1);
    });
    clear_answer();
}

void LensCard::ask() {
    Json params = inspection()->params(side());
    params["top_k"] = lens_top_k;
    m_request.ask(QStringLiteral("inspect/lens"), params, [this](const Result<Json>& answer) {
        const Json* json = taken(answer);
        if (!json) return;
        auto lens = lens_from_json(*json);
        if (!lens) return say(QString::fromStdString(lens.error().message));
        m_model->set_lens(std::move(*lens), inspection()->text);
        m_table->show();
        place_changed();
    });
}

void LensCard::clear_answer() {
    m_model->set_lens({}, {});
    m_table->hide();
}

void LensCard::place_changed() {
    const QModelIndex now = m_table->currentIndex();
    const QModelIndex wanted = m_model->index(now.isValid() ? now.row() : 0, place() - 1);
    if (!wanted.isValid() || wanted == now) return;
    m_table->setCurrentIndex(wanted);
    m_table->scrollTo(wanted, QAbstractItemView::PositionAtCenter);
}

}  // namespace lossmith::ui

#include "moc_LensCard.cpp"
