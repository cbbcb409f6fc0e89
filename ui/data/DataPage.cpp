// Which view the data page shows, and what its parts ask of the project.
#include "ui/data/DataPage.h"

#include <QAction>
#include <QButtonGroup>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QUndoStack>
#include <QVBoxLayout>

#include "core/project/Project.h"
#include "ui/data/AsideModel.h"
#include "ui/data/DataInspector.h"
#include "ui/data/ImportView.h"
#include "ui/data/MendPanel.h"
#include "ui/data/RowsModel.h"
#include "ui/data/TemplateView.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

namespace {
constexpr int read_after_milliseconds = 300;
constexpr int aside_tab = 1;
}  // namespace

DataPage::DataPage(QWidget* parent)
    : Page(parent),
      m_views(new QStackedWidget(this)),
      m_no_project(
          new EmptyState(QStringLiteral("table"), tr("No project is open"),
                         tr("Choose a file of problems and solutions: a project is made for it. Or drop one anywhere on the window."),
                         tr("Choose a file…"))),
      m_no_rows(new EmptyState(QStringLiteral("table"), tr("No rows yet"),
                               tr("Choose a CSV, TSV, JSON lines or text file. You see how it is read before anything is added."),
                               tr("Choose a file…"))),
      m_import(new ImportView(m_views)),
      m_data_view(new QWidget(m_views)),
      m_header(new PageHeader(tr("Data"), m_data_view)),
      m_error(new ErrorBanner),
      m_tabs(new QTabWidget(m_data_view)),
      m_rows(new RowsModel(this)),
      m_rows_table(new QTableView),
      m_aside(new AsideModel(this)),
      m_aside_table(new QTableView),
      m_mend(new MendPanel),
      m_template(new TemplateView),
      m_inspector(new DataInspector(this)) {
    m_inspector->hide();  // until the window puts it beside the page
    make_data_view();
    for (QWidget* view :
         {static_cast<QWidget*>(m_no_project), static_cast<QWidget*>(m_no_rows), static_cast<QWidget*>(m_import), m_data_view})
        m_views->addWidget(view);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->addWidget(m_views);
    m_read_timer.setSingleShot(true);
    m_read_timer.setInterval(read_after_milliseconds);
    auto* import_action = new QAction(icon(QStringLiteral("document-import")), tr("Import a file…"), this);
    import_action->setShortcut(QKeySequence(QStringLiteral("Ctrl+I")));
    import_action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(import_action, &QAction::triggered, this, &DataPage::choose_file);
    addAction(import_action);
    connect_parts();
    set_project(nullptr);
}

void DataPage::make_data_view() {
    auto* import_button = new QPushButton(icon(QStringLiteral("document-import")), tr("Import a file…"));
    import_button->setObjectName(QStringLiteral("import_more"));
    import_button->setToolTip(tr("Import a file… (Ctrl+I)"));
    auto* train_button = new QPushButton(tr("Train on it"));
    train_button->setObjectName(QStringLiteral("to_train"));
    make_primary(train_button);
    m_header->add_button(import_button);
    m_header->add_button(train_button);
    connect(import_button, &QPushButton::clicked, this, &DataPage::choose_file);
    connect(train_button, &QPushButton::clicked, this, [this] { Q_EMIT page_wanted(QStringLiteral("train")); });
    m_tabs->setObjectName(QStringLiteral("data_tabs"));
    m_tabs->addTab(make_rows_tab(), tr("Rows"));
    m_tabs->addTab(make_aside_tab(), tr("Set aside"));
    m_tabs->addTab(m_template, tr("Template and lengths"));
    m_tabs->setDocumentMode(true);
    auto* layout = new QVBoxLayout(m_data_view);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_tabs, 1);
}

QWidget* DataPage::make_rows_tab() {
    m_rows_table->setObjectName(QStringLiteral("rows_table"));
    m_rows_table->setAccessibleName(tr("Rows"));
    m_rows_table->setModel(m_rows);
    m_rows_table->setColumnWidth(RowsModel::LineColumn, 64);
    m_rows_table->setColumnWidth(RowsModel::SplitColumn, 92);
    m_rows_table->setColumnWidth(RowsModel::ProblemColumn, 400);
    dress_table(m_rows_table, QStringLiteral("rows"));
    auto* chips = new QHBoxLayout;
    chips->setSpacing(8);
    auto* group = new QButtonGroup(this);
    for (std::size_t index = 0; index < m_split_chips.size(); ++index) {
        auto* chip = new Chip;
        chip->setCheckable(true);
        chip->setChecked(index == 0);
        group->addButton(chip);
        chips->addWidget(chip);
        m_split_chips.at(index) = chip;
        connect(chip, &Chip::clicked, this,
                [this, index] { show_split(index == 0 ? std::nullopt : std::optional(static_cast<Split>(index - 1))); });
    }
    chips->addStretch();
    auto* card = new Card;
    card->body()->addLayout(chips);
    card->body()->addWidget(m_rows_table, 1);
    auto* tab = new QWidget;
    auto* layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 10, 0, 0);
    layout->addWidget(card);
    return tab;
}

QWidget* DataPage::make_aside_tab() {
    m_aside_table->setObjectName(QStringLiteral("aside_table"));
    m_aside_table->setAccessibleName(tr("Rows set aside"));
    m_aside_table->setModel(m_aside);
    m_aside_table->setColumnWidth(AsideModel::LineColumn, 64);
    m_aside_table->setColumnWidth(AsideModel::ReasonColumn, 110);
    m_aside_table->setColumnWidth(AsideModel::MessageColumn, 360);
    dress_table(m_aside_table, QStringLiteral("set_aside"));
    auto* list = new Card;
    list->body()->addWidget(new MutedLabel(tr("These rows are not trained on. Choose one to mend it, or leave it out.")));
    list->body()->addWidget(m_aside_table, 1);
    auto* mending = new Card(tr("Mend the row"));
    mending->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    mending->body()->addWidget(m_mend);
    m_mend->setProperty("card", QVariant::fromValue(static_cast<QWidget*>(mending)));
    mending->hide();
    connect(m_mend, &MendPanel::left_out, this, [this] { m_aside_table->clearSelection(); });
    connect(m_aside_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this, mending] {
        const QModelIndexList chosen = m_aside_table->selectionModel()->selectedRows();
        const StoredAside* row = chosen.size() == 1 ? m_aside->row_at(chosen.front().row()) : nullptr;
        mending->setVisible(row != nullptr);
        if (row != nullptr) m_mend->show_row(*row);
    });
    connect(m_aside, &QAbstractItemModel::modelReset, mending, &QWidget::hide);
    auto* tab = new QWidget;
    auto* layout = new QVBoxLayout(tab);
    layout->setContentsMargins(0, 10, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(list, 1);
    layout->addWidget(mending);
    return tab;
}

void DataPage::connect_parts() {
    connect(&m_read_timer, &QTimer::timeout, this, &DataPage::read_summary);
    connect(m_no_project, &EmptyState::action_wanted, this, &DataPage::choose_file);
    connect(m_no_rows, &EmptyState::action_wanted, this, &DataPage::choose_file);
    connect(m_import, &ImportView::imported, this, &Page::status_message);
    connect(m_import, &ImportView::read, this, &DataPage::tell_if_ready);
    connect(m_import, &ImportView::closed, this, [this] {
        m_import_open = false;
        show_summary();
        read_summary();
    });
    connect(m_rows, &RowsModel::failed, m_error, [this](const Error& error) { m_error->show_error(error); });
    connect(m_aside, &AsideModel::failed, m_error, [this](const Error& error) { m_error->show_error(error); });
    connect(m_rows, &RowsModel::page_read, this, &DataPage::tell_if_ready);
    connect(m_template, &TemplateView::ready, this, &DataPage::tell_if_ready);
    connect(m_rows_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) { m_inspector->show_row(now.isValid() ? m_rows->row_at(now.row()) : nullptr); });
    connect(m_mend, &MendPanel::mend_wanted, this, &DataPage::mend);
    connect(m_inspector, &DataInspector::split_wanted, this, &DataPage::set_split);
    connect(m_inspector, &DataInspector::source_removed, this, &DataPage::remove_source);
}

QWidget* DataPage::inspector() {
    return m_inspector;
}
QUndoStack* DataPage::undo_stack() {
    return m_template->undo_stack();
}

// ---- the project

void DataPage::set_project(ProjectSession* session) {
    m_session = session;
    m_summary.reset();
    m_read_timer.stop();
    m_error->clear();
    m_import->set_project(session);
    m_template->set_project(session);
    m_rows->show_rows(nullptr, {}, 0);
    m_aside->show_rows(nullptr, 0);
    m_import_open = false;
    m_views->setCurrentWidget(m_no_project);
    if (session == nullptr) return;
    connect(session, &ProjectSession::changed, this, &DataPage::read_summary_soon);
    read_summary();
}

void DataPage::read_summary_soon() {
    if (!m_read_timer.isActive()) m_read_timer.start();
}

void DataPage::read_summary() {
    if (!m_session) return;
    m_session->ask(
        this, [](Project& project) { return ui::read_summary(project); },
        [this](Result<DataSummary> summary) { take_summary(std::move(summary)); });
}

void DataPage::take_summary(Result<DataSummary> summary) {
    if (!summary) {
        m_error->show_error(summary.error());
        return;
    }
    if (m_summary && m_summary->same_as(*summary)) return;
    m_summary = std::move(*summary);
    show_summary();
    show_split(m_shown_split);
    m_aside->show_rows(m_session, m_summary->set_aside);
    m_template->reread();
}

void DataPage::show_summary() {
    if (!m_summary) {
        m_views->setCurrentWidget(m_no_project);
        return;
    }
    if (!m_import_open) {
        const bool empty = m_summary->rows() == 0 && m_summary->set_aside == 0;
        m_views->setCurrentWidget(empty ? static_cast<QWidget*>(m_no_rows) : m_data_view);
    }
    m_header->set_summary(tr("%1 · %2 set aside · %3")
                              .arg(counted(m_summary->rows(), tr("1 row"), tr("%1 rows")), count_text(m_summary->set_aside),
                                   counted(static_cast<std::int64_t>(m_summary->sources.size()), tr("1 file"), tr("%1 files"))));
    m_split_chips[0]->setText(tr("all %1").arg(count_text(m_summary->rows())));
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        m_split_chips.at(static_cast<std::size_t>(split) + 1)
            ->setText(title_of(split) + QLatin1Char(' ') + count_text(m_summary->rows_of(split)));
    m_tabs->setTabText(aside_tab, m_summary->set_aside == 0 ? tr("Set aside") : tr("Set aside (%1)").arg(count_text(m_summary->set_aside)));
    m_inspector->show_summary(*m_summary);
}

void DataPage::show_split(std::optional<Split> split) {
    m_shown_split = split;
    m_inspector->show_row(nullptr);
    if (m_summary) m_rows->show_rows(m_session, split, split ? m_summary->rows_of(*split) : m_summary->rows());
}

void DataPage::show_status(const Status& status) {
    if (status) {
        m_error->clear();
    } else {
        m_error->show_error(status.error());
    }
}

void DataPage::mend(std::int64_t aside, const std::string& problem, const std::string& solution) {
    if (!m_session) return;
    m_session->ask(
        this, [aside, problem, solution](Project& project) { return project.data().mend(aside, problem, solution); },
        [this](const Status& mended) {
            show_status(mended);
            if (mended) Q_EMIT status_message(tr("The row is in."));
        });
}

void DataPage::set_split(const SplitConfig& config) {
    if (!m_session) return;
    m_session->ask(
        this, [config](Project& project) { return project.data().set_split_config(config); },
        [this](const Status& set) { show_status(set); });
}

void DataPage::remove_source(std::int64_t source) {
    if (!m_session) return;
    m_session->ask(
        this, [source](Project& project) { return project.data().remove_source(source); },
        [this](const Status& removed) { show_status(removed); });
}

// ---- files

void DataPage::choose_file() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Import"), {}, tr("Data (*.csv *.tsv *.jsonl *.txt);;All files (*)"));
    if (path.isEmpty()) return;
    if (m_session) {
        open_file(path);
    } else {
        Q_EMIT import_wanted(path);
    }
}

void DataPage::open_file(const QString& path) {
    if (!m_session) return;
    m_import_open = true;
    m_views->setCurrentWidget(m_import);
    m_import->open_file(path);
}

bool DataPage::is_ready() const {
    if (!m_session) return true;
    if (m_import_open) return m_import->is_read();
    if (!m_summary) return false;
    return m_summary->rows() == 0 || (m_rows->row_at(0) != nullptr && m_template->is_ready());
}

}  // namespace lossmith::ui

#include "moc_DataPage.cpp"
