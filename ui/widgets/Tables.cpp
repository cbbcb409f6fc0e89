// How every table looks and what it can.
#include "ui/widgets/Tables.h"

#include <QAbstractItemModel>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QHeaderView>
#include <QPointer>
#include <QSettings>
#include <QTableView>
#include <QToolTip>

#include "core/base/Files.h"

namespace lossmith::ui {

namespace {

QString quoted(QString cell) {
    const bool needs_quotes = cell.contains(QLatin1Char(',')) || cell.contains(QLatin1Char('"')) || cell.contains(QLatin1Char('\n')) ||
                              cell.contains(QLatin1Char('\r'));
    if (!needs_quotes) return cell;
    cell.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QLatin1Char('"') + cell + QLatin1Char('"');
}

void copy_selection(const QTableView& table) {
    if (table.selectionModel() == nullptr) return;
    QModelIndexList cells = table.selectionModel()->selectedIndexes();
    std::sort(cells.begin(), cells.end());
    QString text;
    for (qsizetype index = 0; index < cells.size(); ++index) {
        if (index > 0) text += cells[index].row() == cells[index - 1].row() ? QLatin1Char('\t') : QLatin1Char('\n');
        text += cells[index].data().toString();
    }
    QGuiApplication::clipboard()->setText(text);
}

void export_csv(QTableView& table) {
    const QString path = QFileDialog::getSaveFileName(&table, QTableView::tr("Export the table"), QStringLiteral("table.csv"),
                                                      QTableView::tr("CSV files (*.csv)"));
    if (path.isEmpty() || table.model() == nullptr) return;
    const Status written = write_file_atomically(path.toStdString(), table_as_csv(*table.model()).toStdString());
    if (!written) QToolTip::showText(table.mapToGlobal(QPoint(20, 20)), QString::fromStdString(describe(written.error())), &table);
}

}  // namespace

void dress_table(QTableView* table, const QString& settings_key) {
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(27);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);

    auto* copy = new QAction(QTableView::tr("Copy"), table);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    QObject::connect(copy, &QAction::triggered, table, [table] { copy_selection(*table); });
    auto* save = new QAction(QTableView::tr("Export the table as CSV…"), table);
    QObject::connect(save, &QAction::triggered, table, [table] { export_csv(*table); });
    table->addActions({copy, save});
    table->setContextMenuPolicy(Qt::ActionsContextMenu);

    const QString key = QStringLiteral("tables/") + settings_key;
    QHeaderView* header = table->horizontalHeader();
    const auto restore = [header, key] {
        const QByteArray state = QSettings().value(key).toByteArray();
        if (header->count() > 0 && !state.isEmpty()) header->restoreState(state);
    };
    restore();
    QObject::connect(header, &QHeaderView::sectionResized, table, [header, key](int section, int before, int after) {
        if (before == 0 || after == 0 || section == header->count() - 1) return;
        if (QGuiApplication::mouseButtons() & Qt::LeftButton) QSettings().setValue(key, header->saveState());
    });
}

QString table_as_csv(QAbstractItemModel& model) {
    // A model that pages its rows in is asked for all of them first.
    while (model.canFetchMore({})) model.fetchMore({});
    QString csv;
    const int columns = model.columnCount();
    for (int row = -1; row < model.rowCount(); ++row) {
        for (int column = 0; column < columns; ++column) {
            if (column > 0) csv += QLatin1Char(',');
            const QVariant cell = row < 0 ? model.headerData(column, Qt::Horizontal) : model.index(row, column).data();
            csv += quoted(cell.toString());
        }
        csv += QStringLiteral("\r\n");
    }
    return csv;
}

}  // namespace lossmith::ui
