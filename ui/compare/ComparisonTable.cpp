#include "ui/compare/ComparisonTable.h"

#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>
#include <QSortFilterProxyModel>

#include "ui/compare/ComparisonModel.h"
#include "ui/compare/WrappedTextDelegate.h"
#include "ui/widgets/Tables.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

/// Head of the base's column in violet, of the tuned ones' in teal.
class SideHeader : public QHeaderView {
public:
    SideHeader(const ComparisonModel& rows, QWidget* parent) : QHeaderView(Qt::Horizontal, parent), m_rows(rows) {
        setSectionsClickable(true);
        setSortIndicatorShown(true);
    }

protected:
    // A style sheet gives all heads one colour, so the text of these two is drawn here.
    void initStyleOptionForIndex(QStyleOptionHeader* option, int section) const override {
        QHeaderView::initStyleOptionForIndex(option, section);
        if (is_side(section)) option->text.clear();
    }
    void paintSection(QPainter* painter, const QRect& place, int section) const override {
        painter->save();
        QHeaderView::paintSection(painter, place, section);
        painter->restore();
        if (!is_side(section)) return;
        constexpr int padding = 8;
        QFont smaller = font();
        smaller.setPixelSize(12);
        painter->save();
        painter->setFont(smaller);
        painter->setPen(Theme::colour(section == m_rows.text_column(0) ? Role::Base : Role::Tuned));
        const QRect inside = place.adjusted(padding, 0, -padding, 0);
        const QString text = model()->headerData(section, Qt::Horizontal).toString();
        painter->drawText(inside, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(text, Qt::ElideMiddle, inside.width()));
        painter->restore();
    }

private:
    [[nodiscard]] bool is_side(int section) const {
        return section < m_rows.columnCount() && m_rows.kind_of(section) == ComparisonModel::ColumnKind::Text;
    }

    const ComparisonModel& m_rows;
};

}  // namespace

ComparisonTable::ComparisonTable(ComparisonModel& model, QWidget* parent)
    : QTableView(parent), m_model(model), m_sorted(new QSortFilterProxyModel(this)) {
    setObjectName(QStringLiteral("comparison_table"));
    setAccessibleName(tr("Comparison"));
    setHorizontalHeader(new SideHeader(model, this));
    m_sorted->setSourceModel(&model);
    m_sorted->setSortRole(ComparisonModel::SortRole);
    m_sorted->setDynamicSortFilter(false);
    setModel(m_sorted);
    setItemDelegate(new WrappedTextDelegate(this));
    m_heights = new RowHeights(this);
    dress_table(this, QStringLiteral("compare"));
    setSelectionMode(QAbstractItemView::SingleSelection);
    setFrameShape(QFrame::NoFrame);
    horizontalHeader()->setStretchLastSection(false);
    // In the rows' own order until a heading is clicked; from Qt 6.8 on, "descending by no column" turns that order round.
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    setSortingEnabled(true);

    connect(horizontalHeader(), &QHeaderView::sortIndicatorChanged, m_heights, &RowHeights::fit_all);
    connect(m_sorted, &QAbstractItemModel::modelReset, this, [this] {
        share_width();
        m_heights->fit_all();
    });
    connect(m_sorted, &QAbstractItemModel::dataChanged, this, [this](const QModelIndex& first, const QModelIndex& last) {
        for (int row = first.row(); row <= last.row(); ++row) m_heights->fit_row(row);
    });
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        if (const int row = chosen_row(); row >= 0) Q_EMIT row_chosen(row);
    });
    share_width();
}

void ComparisonTable::sort_again() {
    m_sorted->sort(horizontalHeader()->sortIndicatorSection(), horizontalHeader()->sortIndicatorOrder());
    m_heights->fit_all();
}

int ComparisonTable::row_in_model(int row_in_view) const {
    return m_sorted->mapToSource(m_sorted->index(row_in_view, 0)).row();
}

int ComparisonTable::chosen_row() const {
    return currentIndex().isValid() ? m_sorted->mapToSource(currentIndex()).row() : -1;
}

void ComparisonTable::share_width() {
    const int columns = m_model.columnCount();
    const int texts = std::min(columns, m_model.text_column(m_model.models()));
    const int numbers = columns - texts;
    const int number_width = numbers > 2 ? 66 : 78;
    const int rest = std::max(120 * texts, viewport()->width() - numbers * number_width);
    // The base's text, which mostly matters least, gives some of its room to the others.
    const double problem = 0.92;
    const double base = 0.98;
    const double share = rest / (problem + base + std::max(0, texts - 2) * 1.15);
    int left = rest;
    for (int column = 0; column < columns; ++column) {
        int width = number_width;
        if (column < texts) {
            const double weight = column == ComparisonModel::problem_column ? problem : column == m_model.text_column(0) ? base : 1.15;
            width = column + 1 == texts ? left : static_cast<int>(share * weight);
            left -= width;
        }
        setColumnWidth(column, width);
    }
}

void ComparisonTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    share_width();
}

void ComparisonTable::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) viewport()->update();
}

}  // namespace lossmith::ui

#include "moc_ComparisonTable.cpp"
