// The data page's inspector.
#include "ui/data/DataInspector.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/data/RowsModel.h"
#include "ui/data/SplitPanel.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

QLabel* cell_label() {
    auto* label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

}  // namespace

DataInspector::DataInspector(QWidget* parent)
    : QWidget(parent),
      m_split(new SplitPanel),
      m_row_part(new QWidget),
      m_row_place(new MutedLabel),
      m_problem(cell_label()),
      m_solution(cell_label()),
      m_others(new MutedLabel),
      m_sources(new QVBoxLayout) {
    m_problem->setObjectName(QStringLiteral("row_problem"));
    m_solution->setObjectName(QStringLiteral("row_solution"));
    m_problem->setAccessibleName(tr("Problem of the chosen row"));
    m_solution->setAccessibleName(tr("Solution of the chosen row"));
    auto* row = new QVBoxLayout(m_row_part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(new SectionLabel(tr("Problem")));
    row->addWidget(m_problem);
    row->addWidget(new SectionLabel(tr("Solution")));
    row->addWidget(m_solution);
    row->addWidget(m_others);
    row->addWidget(m_row_place);
    m_sources->setSpacing(8);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    layout->addWidget(new SectionLabel(tr("Splits")));
    layout->addWidget(m_split);
    layout->addWidget(m_row_part);
    layout->addWidget(new SectionLabel(tr("Files")));
    layout->addLayout(m_sources);
    layout->addStretch();
    connect(m_split, &SplitPanel::split_wanted, this, &DataInspector::split_wanted);
    show_row(nullptr);
}

void DataInspector::show_summary(const DataSummary& summary) {
    m_split->show_summary(summary);
    show_sources(summary.sources);
}

void DataInspector::show_row(const Row* row) {
    m_row_part->setVisible(row != nullptr);
    if (row == nullptr) return;
    m_problem->setText(QString::fromStdString(row->problem));
    m_solution->setText(QString::fromStdString(row->solution));
    QStringList others;
    for (const auto& [name, value] : row->others)
        others.append(QString::fromStdString(name) + QStringLiteral(": ") + QString::fromStdString(value));
    m_others->setText(others.join(QLatin1Char('\n')));
    m_others->setVisible(!others.isEmpty());
    m_row_place->setText(tr("line %1, in %2").arg(QString::number(row->line), title_of(row->split)));
}

void DataInspector::show_sources(const std::vector<DataSource>& sources) {
    while (QLayoutItem* item = m_sources->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const DataSource& source : sources) {
        auto* part = new QWidget;
        auto* top = new QHBoxLayout;
        auto* file = new QLabel(QFileInfo(QString::fromStdString(source.path)).fileName());
        file->setToolTip(QString::fromStdString(source.path));
        auto* remove = new QToolButton;
        remove->setIcon(icon(QStringLiteral("edit-delete"), Role::Muted));
        remove->setToolTip(tr("Take this file's rows out of the project"));
        remove->setAccessibleName(tr("Remove %1").arg(file->text()));
        connect(remove, &QToolButton::clicked, this, [this, id = source.id] { Q_EMIT source_removed(id); });
        top->addWidget(file, 1);
        top->addWidget(remove);
        QStringList lines{tr("%1, %2 set aside · %3")
                              .arg(counted(source.rows, tr("1 row"), tr("%1 rows")), count_text(source.set_aside),
                                   time_text(QString::fromStdString(source.imported_at)))};
        for (const std::string& note : source.notes) lines.append(QString::fromStdString(note));
        auto* column = new QVBoxLayout(part);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(2);
        column->addLayout(top);
        column->addWidget(new MutedLabel(lines.join(QLatin1Char('\n'))));
        m_sources->addWidget(part);
    }
}

}  // namespace lossmith::ui

#include "moc_DataInspector.cpp"
