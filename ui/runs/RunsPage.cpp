// The page Runs.
#include "ui/runs/RunsPage.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/Files.h"
#include "core/project/Project.h"
#include "core/project/RunOrigins.h"
#include "ui/charts/CurveChart.h"
#include "ui/runs/RunDetails.h"
#include "ui/runs/RunsFilter.h"
#include "ui/runs/RunsModel.h"
#include "ui/shell/ProjectSession.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {
namespace {

constexpr std::size_t most_curves = 12;
const QString config_folder_key = QStringLiteral("runs/config_folder");

QString curve_name(std::int64_t run) {
    return QStringLiteral("run %1").arg(run);
}

}  // namespace

struct RunsPage::Found {
    std::vector<Run> runs;
    std::map<std::int64_t, RunOrigin> origins;
};

RunsPage::RunsPage(QWidget* parent)
    : Page(parent), m_model(new RunsModel(this)), m_filter(new RunsFilter(this)), m_details(new RunDetails(this)) {
    m_details->hide();
    m_filter->setSourceModel(m_model);
    lay_out();
    connect(m_model, &RunsModel::edited, this, &RunsPage::write_note);
    connect(m_words, &QLineEdit::textChanged, m_filter, &RunsFilter::set_words);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunsPage::choice_changed);
    connect(m_metric, &QComboBox::activated, this, [this] {
        m_chart->clear_points();
        m_drawn.clear();
        read_curves();
    });
    connect(m_empty, &EmptyState::action_wanted, this,
            [this] { Q_EMIT page_wanted(m_session ? QStringLiteral("train") : QStringLiteral("start")); });
    connect(m_open, &QPushButton::clicked, this, [this] {
        const auto runs = chosen_runs();
        if (runs.size() != 1) return;
        Q_EMIT page_wanted(QStringLiteral("train"));
        Q_EMIT run_wanted(runs.front().id);
    });
    connect(m_again, &QPushButton::clicked, this, [this] {
        const auto runs = chosen_runs();
        if (runs.size() != 1) return;
        Q_EMIT page_wanted(QStringLiteral("train"));
        Q_EMIT again_wanted(runs.front().config);
    });
    connect(m_details, &RunDetails::run_clicked, this, &RunsPage::choose_run);
    connect(m_details, &RunDetails::config_wanted, this, &RunsPage::choose_config_file);
    connect(m_resume, &QPushButton::clicked, this, [this] {
        const auto runs = chosen_runs();
        if (runs.size() != 1) return;
        Q_EMIT page_wanted(QStringLiteral("train"));
        Q_EMIT resume_wanted(runs.front().id);
    });
    connect(m_table, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (!(index.flags() & Qt::ItemIsEditable)) m_open->click();
    });
    connect(m_delete, &QPushButton::clicked, this, &RunsPage::ask_before_deleting);
    connect(m_confirmed, &QPushButton::clicked, this, &RunsPage::delete_chosen);
    connect(m_chart, &CurveChart::exported, this, [this](const QString& path) { Q_EMIT status_message(tr("Saved %1").arg(path)); });
    connect(m_chart, &CurveChart::export_failed, m_banner, [this](const Error& error) { m_banner->show_error(error); });
    choice_changed();
    show_view();
}

QWidget* RunsPage::inspector() {
    return m_details;
}

void RunsPage::lay_out() {
    m_header = new PageHeader(title());
    m_words = new QLineEdit;
    m_words->setObjectName(QStringLiteral("filter"));
    m_words->setPlaceholderText(tr("Filter: words of any column (Ctrl+F)"));
    m_words->setAccessibleName(tr("Filter the runs"));
    m_words->setClearButtonEnabled(true);
    m_words->setMinimumWidth(260);
    m_header->add_button(m_words);
    m_open = new QPushButton(tr("Open in Train"));
    m_again = new QPushButton(tr("Run again with…"));
    m_resume = new QPushButton(tr("Resume"));
    m_delete = new QPushButton(tr("Delete"));
    m_open->setObjectName(QStringLiteral("open_run"));
    m_again->setObjectName(QStringLiteral("run_again"));
    m_again->setToolTip(tr("A new run: the form of Train, filled with this one's config, to change and start"));
    m_resume->setObjectName(QStringLiteral("resume_run"));
    m_delete->setObjectName(QStringLiteral("delete_run"));
    m_resume->setToolTip(tr("Go on from the run's last checkpoint"));
    m_delete->setToolTip(tr("Remove the chosen runs and their weights (Delete)"));
    for (QPushButton* button : {m_open, m_again, m_resume, m_delete}) m_header->add_button(button);

    m_confirm = new QFrame;
    m_confirm->setProperty("card", true);
    auto* question = new QHBoxLayout(m_confirm);
    auto* sentence = new QLabel;
    sentence->setObjectName(QStringLiteral("delete_question"));
    sentence->setWordWrap(true);
    m_confirmed = new QPushButton(tr("Delete"));
    m_confirmed->setObjectName(QStringLiteral("delete_confirmed"));
    auto* keep = new QPushButton(tr("Keep"));
    question->addWidget(sentence, 1);
    question->addWidget(m_confirmed);
    question->addWidget(keep);
    m_confirm->hide();
    connect(keep, &QPushButton::clicked, m_confirm, &QWidget::hide);

    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("runs"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_filter);
    dress_table(m_table, QStringLiteral("runs"));
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(RunsModel::IdColumn, Qt::DescendingOrder);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    const std::pair<int, int> widths[] = {{RunsModel::IdColumn, 52},     {RunsModel::NameColumn, 120},    {RunsModel::StatusColumn, 80},
                                          {RunsModel::ModelColumn, 112}, {RunsModel::LossColumn, 112},    {RunsModel::BestColumn, 112},
                                          {RunsModel::StepsColumn, 76},  {RunsModel::DurationColumn, 94}, {RunsModel::StartedColumn, 92},
                                          {RunsModel::TagsColumn, 72}};
    for (const auto& [column, width] : widths) m_table->horizontalHeader()->resizeSection(column, width);

    m_metric = new QComboBox;
    m_metric->setObjectName(QStringLiteral("metric"));
    m_metric->setAccessibleName(tr("Which curve"));
    const std::pair<QString, const char*> metrics[] = {{tr("validation loss"), "validation/loss"},
                                                       {tr("training loss"), "train/loss"},
                                                       {tr("validation reward"), "validation/reward"},
                                                       {tr("reward"), "reward"},
                                                       {tr("KL to the base"), "kl"},
                                                       {tr("entropy"), "entropy"},
                                                       {tr("learning rate"), "learning_rate"},
                                                       {tr("gradient norm"), "gradient_norm"},
                                                       {tr("tokens a second"), "tokens_per_second"}};
    for (const auto& [text, name] : metrics) m_metric->addItem(text, QString::fromLatin1(name));
    m_chart = new CurveChart(tr("Curves of the chosen runs"));
    m_chart->header()->insertWidget(0, m_metric);
    auto* table_card = new Card;
    table_card->layout()->setContentsMargins(1, 1, 1, 1);
    table_card->body()->addWidget(m_table);
    auto* both = new QSplitter(Qt::Vertical);
    both->setChildrenCollapsible(false);
    both->setHandleWidth(12);
    both->addWidget(table_card);
    both->addWidget(m_chart);
    both->setStretchFactor(0, 3);
    both->setStretchFactor(1, 2);

    m_empty = new EmptyState(icon_name(), tr("No runs yet"),
                             tr("A run is one training from start to end. They gather here, to be compared."), tr("Go to Train"));
    m_banner = new ErrorBanner;
    m_views = new QStackedWidget;
    m_views->addWidget(m_empty);
    m_views->addWidget(both);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_banner);
    layout->addWidget(m_confirm);
    layout->addWidget(m_views, 1);

    auto* find = new QShortcut(QKeySequence::Find, this);
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_words, qOverload<>(&QWidget::setFocus));
    auto* remove = new QShortcut(QKeySequence::Delete, m_table);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, m_delete, &QPushButton::click);
}

void RunsPage::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_asking = false;
    m_ask_again = false;
    m_knows_runs = false;
    m_curves_asked = 0;
    m_banner->clear();
    m_confirm->hide();
    m_chart->remove_curves();
    m_drawn.clear();
    take_runs({});
    m_knows_runs = false;
    if (session) {
        connect(session, &ProjectSession::changed, this, &RunsPage::read);
        read();
    }
    show_view();
}

void RunsPage::read() {
    if (!m_session) return;
    if (m_asking) {
        m_ask_again = true;
        return;
    }
    m_asking = true;
    m_session->ask(
        this,
        [](Project& project) -> Result<Found> {
            Found found;
            found.runs = LOSSMITH_TRY(project.runs().runs());
            found.origins = LOSSMITH_TRY(run_origins(project, found.runs));
            return found;
        },
        [this, asked = m_session](Result<Found> found) {
            if (asked != m_session) return;
            m_asking = false;
            if (found) {
                m_model->set_origins(found->origins);
                if (m_details) m_details->set_lineage(found->runs, std::move(found->origins));
                take_runs(std::move(found->runs));
            } else {
                m_banner->show_error(found.error());
            }
            m_knows_runs = true;
            if (std::exchange(m_ask_again, false)) read();
            tell_if_ready();
        });
}

void RunsPage::take_runs(std::vector<Run> runs) {
    const bool first = !std::exchange(m_knows_runs, true);
    m_model->set_runs(std::move(runs));
    m_header->set_summary(m_model->rowCount() == 0 ? QString() : counted(m_model->rowCount(), tr("1 run"), tr("%1 runs")));
    show_view();
    // Whoever comes here wants to see something: the topmost run, until another is chosen.
    if (first && m_session && m_filter->rowCount() > 0 && !m_table->selectionModel()->hasSelection())
        m_table->selectRow(0);
    else
        choice_changed();
}

std::vector<Run> RunsPage::chosen_runs() const {
    std::vector<Run> runs;
    QModelIndexList rows = m_table->selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, [](const QModelIndex& index) { return index.row(); });
    for (const QModelIndex& row : rows) {
        if (const Run* run = m_model->run_at(m_filter->mapToSource(row).row())) runs.push_back(*run);
    }
    return runs;
}

void RunsPage::choose_run(std::int64_t run) {
    const int row = m_model->row_of(run);
    if (row < 0) return m_banner->show_error(Error::not_found("Run " + std::to_string(run) + " is not in this project any more."));
    if (!m_filter->mapFromSource(m_model->index(row, 0)).isValid()) m_words->clear();
    const QModelIndex shown = m_filter->mapFromSource(m_model->index(row, 0));
    m_table->selectRow(shown.row());
    m_table->scrollTo(shown);
}

void RunsPage::choose_config_file() {
    const auto runs = chosen_runs();
    if (runs.size() != 1) return;
    const QString folder = QSettings().value(config_folder_key, QDir::homePath()).toString();
    auto* dialog = new QFileDialog(this, tr("Save the run's config"), folder, tr("JSON files (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    dialog->selectFile(QStringLiteral("run-%1.json").arg(runs.front().id));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        QSettings().setValue(config_folder_key, QFileInfo(path).path());
        save_config(path);
    });
    dialog->open();
}

bool RunsPage::save_config(const QString& path) {
    const auto runs = chosen_runs();
    if (runs.size() != 1) return false;
    const std::string text = Json(runs.front().config).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    const Status written = write_file_atomically(path.toStdString(), text);
    if (!written)
        m_banner->show_error(written.error());
    else
        Q_EMIT status_message(tr("Saved the config of run %1 to %2.").arg(runs.front().id).arg(path));
    return written.has_value();
}

void RunsPage::choice_changed() {
    const std::vector<Run> runs = chosen_runs();
    const bool live =
        std::ranges::any_of(runs, [](const Run& run) { return run.status == RunStatus::Running || run.status == RunStatus::Paused; });
    m_open->setEnabled(runs.size() == 1);
    m_again->setEnabled(runs.size() == 1);
    m_resume->setEnabled(runs.size() == 1 && can_resume(runs.front()));
    m_delete->setEnabled(!runs.empty() && !live);
    m_delete->setToolTip(live ? tr("A run that is under way is stopped first, on the page Train")
                              : tr("Remove the chosen runs and their weights (Delete)"));
    if (m_details) m_details->show_runs(runs);

    QStringList wanted;
    for (std::size_t i = 0; i < std::min(runs.size(), most_curves); ++i) wanted.append(curve_name(runs[i].id));
    for (const QString& name : m_chart->curves()) {
        if (wanted.contains(name)) continue;
        m_chart->remove_curve(name);
        m_drawn.remove(name.mid(4).toLongLong());
        m_confirm->hide();
    }
    for (std::size_t i = 0; i < std::min(runs.size(), most_curves); ++i) {
        if (m_chart->has_curve(curve_name(runs[i].id))) continue;
        CurveSpec spec;
        spec.name = curve_name(runs[i].id);
        spec.label = QString::fromStdString(runs[i].name);
        // By its number, so that a run keeps its colour whatever else is chosen.
        spec.colour = curve_colour(static_cast<int>(runs[i].id));
        m_chart->add_curve(spec);
    }
    m_chart->set_footnote(runs.size() > most_curves ? tr("the first %1 of %2").arg(most_curves).arg(runs.size()) : QString());
    read_curves();
}

void RunsPage::read_curves() {
    if (!m_session) return;
    const QString metric = m_metric->currentData().toString();
    m_chart->set_value_format(metric == QStringLiteral("learning_rate")       ? ValueFormat::Rate
                              : metric == QStringLiteral("tokens_per_second") ? ValueFormat::Count
                                                                              : ValueFormat::Number);
    for (const Run& run : chosen_runs()) {
        if (!m_chart->has_curve(curve_name(run.id))) continue;
        // A resumed run has gone back some steps: it is drawn anew.
        const qint64 after = m_drawn.value(run.id, -1) > run.step ? -1 : m_drawn.value(run.id, -1);
        if (after >= run.step && !is_under_way(run.status)) continue;
        ++m_curves_asked;
        m_session->ask(
            this, [id = run.id, name = metric.toStdString(), after](Project& project) { return project.metrics().read(id, name, after); },
            [this, id = run.id, metric, asked = m_session](const Result<std::vector<Metric>>& points) {
                if (asked != m_session) return;
                --m_curves_asked;
                if (points)
                    take_curve(id, metric, *points);
                else
                    m_banner->show_error(points.error());
                tell_if_ready();
            });
    }
}

bool RunsPage::is_ready() const {
    return !m_session || (m_knows_runs && !m_asking && m_curves_asked == 0);
}

void RunsPage::take_curve(std::int64_t run, const QString& metric, const std::vector<Metric>& points) {
    // The answer to a question about a curve that is no longer shown.
    if (metric != m_metric->currentData().toString() || !m_chart->has_curve(curve_name(run)) || points.empty()) return;
    std::vector<QPointF> fresh;
    fresh.reserve(points.size());
    for (const Metric& point : points) fresh.emplace_back(static_cast<double>(point.step), point.value);
    m_chart->append(curve_name(run), fresh);
    m_drawn.insert(run, points.back().step);
}

void RunsPage::write_note(const Run& run) {
    if (!m_session) return;
    m_session->ask(
        this,
        [id = run.id, name = run.name, tags = run.tags, note = run.note](Project& project) {
            return project.runs().set_note(id, name, tags, note);
        },
        [this](const Status& written) {
            if (written) return;
            m_banner->show_error(written.error());
            read();
        });
}

void RunsPage::ask_before_deleting() {
    const auto runs = chosen_runs();
    if (runs.empty()) return;
    auto* question = m_confirm->findChild<QLabel*>(QStringLiteral("delete_question"));
    question->setText(runs.size() == 1 ? tr("Delete run %1 “%2” with its curves, samples and weights? This cannot be undone.")
                                             .arg(runs.front().id)
                                             .arg(QString::fromStdString(runs.front().name))
                                       : tr("Delete %n runs with their curves, samples and weights? This cannot be undone.", nullptr,
                                            static_cast<int>(runs.size())));
    m_confirm->show();
    m_confirmed->setFocus();
}

void RunsPage::delete_chosen() {
    m_confirm->hide();
    if (!m_session) return;
    for (const Run& run : chosen_runs()) {
        m_session->ask(
            this,
            [id = run.id](Project& project) -> Status {
                LOSSMITH_CHECK(project.runs().remove(id));
                std::error_code broken;
                std::filesystem::remove_all(project.run_folder(id), broken);
                if (broken) {
                    return failure(Error::io("Run " + std::to_string(id) + " is deleted, but its folder " +
                                             project.run_folder(id).string() + " is not: " + broken.message() + "."));
                }
                return {};
            },
            [this, id = run.id](const Status& removed) {
                if (removed)
                    Q_EMIT status_message(tr("Run %1 is deleted.").arg(id));
                else
                    m_banner->show_error(removed.error());
                read();
            });
    }
}

void RunsPage::show_view() {
    const bool empty = m_model->rowCount() == 0;
    if (!m_session) {
        m_empty->set_text(tr("No project is open"), tr("A project holds your rows and every run made from them."),
                          tr("Open or make a project"));
    } else {
        m_empty->set_text(tr("No runs yet"), tr("A run is one training from start to end. They gather here, to be compared."),
                          tr("Go to Train"));
    }
    // Until the runs have been read once, nothing is claimed.
    m_views->setCurrentIndex(empty && (!m_session || m_knows_runs) ? 0 : 1);
    for (QWidget* part : std::initializer_list<QWidget*>{m_words, m_open, m_again, m_resume, m_delete}) part->setVisible(!empty);
}

}  // namespace lossmith::ui

#include "moc_RunsPage.cpp"
