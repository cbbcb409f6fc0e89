// Recent projects on the left, ways to begin on the right.
#include "ui/start/StartPage.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/Resources.h"
#include "ui/shell/RecentProjects.h"
#include "ui/start/ModelList.h"
#include "ui/start/TwoLineDelegate.h"
#include "ui/start/WayButton.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {
constexpr int path_role = Qt::UserRole;
}

StartPage::StartPage(RecentProjects& recent, QWidget* parent)
    : Page(parent),
      m_recent(recent),
      m_error(new ErrorBanner),
      m_progress(new ProgressStrip),
      m_recent_list(new QListWidget),
      m_nothing_recent(nullptr),
      m_sample(nullptr),
      m_models(new ModelList) {
    auto* greeting = new QLabel(tr("Teach GPT-2 your answers"));
    QFont large = Theme::heading_font();
    large.setPixelSize(22);
    greeting->setFont(large);
    auto* sentence = new MutedLabel(
        tr("Bring a CSV of problems and solutions, fine-tune on it with a loss of your choice, and read both models side by side."));

    auto* left = new QVBoxLayout;
    left->setSpacing(12);
    left->addWidget(make_ways());
    left->addWidget(m_models);
    left->addStretch();
    auto* columns = new QHBoxLayout;
    columns->setSpacing(12);
    columns->addLayout(left, 3);
    columns->addWidget(make_recent(), 2);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(32, 28, 32, 20);
    layout->setSpacing(10);
    layout->addWidget(greeting);
    layout->addWidget(sentence);
    layout->addSpacing(8);
    layout->addWidget(m_error);
    layout->addWidget(m_progress);
    layout->addLayout(columns, 1);

    connect(&m_recent, &RecentProjects::changed, this, &StartPage::show_recent);
    connect(m_progress, &ProgressStrip::stop_wanted, this, [this] {
        if (m_job) m_job->stop();
    });
    show_recent();
}

QWidget* StartPage::make_ways() {
    auto* card = new Card(tr("Begin"));
    card->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* sample = new WayButton(QStringLiteral("games-hint"), tr("Open the sample project"),
                                 tr("3,000 complaints with their replies, ready to train on: the quickest way to see it work"));
    auto* from_csv = new WayButton(QStringLiteral("table"), tr("New project from a CSV…"),
                                   tr("Two columns are enough: what is asked and what shall be answered"));
    auto* open =
        new WayButton(QStringLiteral("document-open"), tr("Open a project…"), tr("A .lossmith file; its runs and weights lie beside it"));
    sample->setObjectName(QStringLiteral("open_sample"));
    from_csv->setObjectName(QStringLiteral("new_from_csv"));
    open->setObjectName(QStringLiteral("open_project"));
    for (WayButton* way : {sample, from_csv, open}) card->body()->addWidget(way);
    connect(sample, &QPushButton::clicked, this, &StartPage::open_sample);
    connect(from_csv, &QPushButton::clicked, this, &StartPage::choose_csv);
    connect(open, &QPushButton::clicked, this, &StartPage::choose_project);
    m_sample = sample;
    return card;
}

QWidget* StartPage::make_recent() {
    auto* card = new Card(tr("Recent projects"));
    m_nothing_recent = new MutedLabel(tr("Projects you open are listed here."));
    m_recent_list->setObjectName(QStringLiteral("recent_projects"));
    m_recent_list->setAccessibleName(tr("Recent projects"));
    m_recent_list->setIconSize(QSize(22, 22));
    m_recent_list->setItemDelegate(new TwoLineDelegate(m_recent_list));
    m_recent_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    card->body()->addWidget(m_nothing_recent, 0, Qt::AlignTop);
    card->body()->addWidget(m_recent_list, 1);
    connect(m_recent_list, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem* item) { Q_EMIT project_wanted(item->data(path_role).toString()); });
    connect(m_recent_list, &QListWidget::itemClicked, this,
            [this](const QListWidgetItem* item) { Q_EMIT project_wanted(item->data(path_role).toString()); });
    return card;
}

void StartPage::show_recent() {
    m_recent_list->clear();
    for (const QString& path : m_recent.paths()) {
        const QFileInfo file(path);
        auto* item = new QListWidgetItem(icon(QStringLiteral("folder-open-recent"), Role::Muted), file.completeBaseName(), m_recent_list);
        item->setData(TwoLineDelegate::second_line_role, file.absolutePath());
        item->setData(path_role, path);
        item->setToolTip(path);
    }
    m_nothing_recent->setVisible(m_recent_list->count() == 0);
    m_recent_list->setVisible(m_recent_list->count() > 0);
}

void StartPage::set_project(ProjectSession* session) {
    m_models->set_project(session);
}

void StartPage::open_sample() {
    const QString path = default_project_folder() + QStringLiteral("/complaints.lossmith");
    if (QFileInfo::exists(path)) {
        Q_EMIT project_wanted(path);
        return;
    }
    make_sample_project(path);
}

void StartPage::make_sample_project(const QString& path) {
    m_error->clear();
    const auto training = resource("samples/complaints.csv");
    const auto held_out = resource("samples/complaints_heldout.csv");
    if (!training || !held_out) {
        m_error->show_error(!training ? training.error() : held_out.error());
        return;
    }
    ImportRequest request;
    request.project = path.toStdString();
    request.create_project = true;
    request.files.push_back({*training, {}, {}});
    request.files.push_back({*held_out, {}, Split::Test});
    m_sample_path = path;
    m_sample->setEnabled(false);
    m_progress->start(tr("Making the sample project"));
    m_job = std::make_unique<ImportJob>(std::move(request), nullptr);
    connect(m_job.get(), &ImportJob::progress, m_progress, &ProgressStrip::set_progress);
    connect(m_job.get(), &ImportJob::finished, this, &StartPage::sample_finished);
    m_job->start();
}

void StartPage::sample_finished(const ImportOutcome& outcome) {
    m_progress->finish();
    m_sample->setEnabled(true);
    m_job.release()->deleteLater();  // it is the sender
    if (outcome.error) {
        m_error->show_error(*outcome.error);
        return;
    }
    Q_EMIT project_wanted(m_sample_path);
    Q_EMIT page_wanted(QStringLiteral("data"));
}

void StartPage::choose_csv() {
    const QString path =
        QFileDialog::getOpenFileName(this, tr("New project from a CSV"), {}, tr("Data (*.csv *.tsv *.jsonl *.txt);;All files (*)"));
    if (!path.isEmpty()) Q_EMIT import_wanted(path);
}

void StartPage::choose_project() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a project"), default_project_folder(),
                                                      tr("Lossmith projects (*.lossmith);;All files (*)"));
    if (!path.isEmpty()) Q_EMIT project_wanted(path);
}

}  // namespace lossmith::ui

#include "moc_StartPage.cpp"
