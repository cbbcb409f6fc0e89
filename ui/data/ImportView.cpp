// The import view: reads on a thread, imports on another.
#include "ui/data/ImportView.h"

#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/data/AsideModel.h"
#include "ui/data/ImportForm.h"
#include "ui/data/PreviewModel.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/LatestAnswer.h"
#include "ui/widgets/ProgressStrip.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

namespace {
constexpr std::size_t preview_rows = 200;
constexpr std::size_t asides_told = 3;
constexpr qsizetype longest_raw_line = 2000;
constexpr int chosen_column_width = 240;
constexpr int other_column_width = 96;
}  // namespace

ImportView::ImportView(QWidget* parent)
    : QWidget(parent),
      m_reader(std::make_unique<LatestAnswer>()),
      m_header(new PageHeader(tr("Import"))),
      m_error(new ErrorBanner),
      m_progress(new ProgressStrip),
      m_form(new ImportForm),
      m_notes(new MutedLabel),
      m_raw(new QPlainTextEdit),
      m_model(new PreviewModel(this)),
      m_table(new QTableView),
      m_aside(new MutedLabel),
      m_import(new QPushButton(tr("Import"))),
      m_cancel(new QPushButton(tr("Cancel"))) {
    make_primary(m_import);
    m_import->setObjectName(QStringLiteral("import_button"));
    m_cancel->setObjectName(QStringLiteral("import_cancel"));
    m_header->add_button(m_cancel);
    m_header->add_button(m_import);
    m_raw->setObjectName(QStringLiteral("import_raw"));
    m_raw->setReadOnly(true);
    m_raw->setFont(Theme::token_font());
    m_raw->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_raw->setProperty("code", true);
    m_raw->setAccessibleName(tr("Raw lines of the file"));
    m_table->setObjectName(QStringLiteral("import_table"));
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("The table as it is read"));
    dress_table(m_table, QStringLiteral("import_preview"));
    m_notes->setObjectName(QStringLiteral("import_notes"));
    m_aside->setObjectName(QStringLiteral("import_aside"));

    auto* how = new Card(tr("How it is read"), this);
    how->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    how->body()->addWidget(m_form);
    how->body()->addWidget(m_notes);
    auto* raw = new Card(tr("The file"));
    raw->body()->addWidget(m_raw);
    auto* parsed = new Card(tr("What is read"));
    parsed->body()->addWidget(m_table, 1);
    parsed->body()->addWidget(m_aside);
    auto* sides = new QSplitter(Qt::Horizontal, this);
    sides->addWidget(raw);
    sides->addWidget(parsed);
    sides->setHandleWidth(10);
    sides->setSizes({420, 620});
    sides->setChildrenCollapsible(false);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_progress);
    layout->addWidget(how);
    layout->addWidget(sides, 1);

    connect(m_form, &ImportForm::changed, this, &ImportView::reread);
    connect(m_import, &QPushButton::clicked, this, &ImportView::start_import);
    connect(m_cancel, &QPushButton::clicked, this, &ImportView::closed);
    connect(m_progress, &ProgressStrip::stop_wanted, this, [this] {
        if (m_job) m_job->stop();
    });
}

ImportView::~ImportView() = default;

void ImportView::set_project(ProjectSession* session) {
    m_session = session;
    m_job.reset();
    set_importing(false);
}

void ImportView::open_file(const QString& path) {
    if (is_importing()) return;
    m_path = path;
    m_header->set_summary(tr("%1 · %2").arg(QFileInfo(path).fileName(), bytes_text(QFileInfo(path).size())));
    m_form->reset();
    reread();
}

void ImportView::reread() {
    m_read = false;
    m_reader->ask(
        [path = std::filesystem::path(m_path.toStdString()), wanted = m_form->wanted()](const CancellationToken&) {
            auto guess = guess_import(path, wanted);
            if (!guess) return Reading{failure(guess.error()), failure(guess.error())};
            auto preview = preview_import(path, guess->options, preview_rows);
            return Reading{std::move(guess), std::move(preview)};
        },
        [this](Reading reading) { show_reading(std::move(reading)); });
}

void ImportView::show_reading(Reading reading) {
    m_read = true;
    m_guess.reset();
    m_import->setEnabled(reading.preview.has_value());
    if (reading.guess) {
        m_form->show_guess(*reading.guess);
        show_notes(reading.guess->notes);
    }
    if (!reading.preview) {
        m_error->show_error(reading.preview.error());
        m_model->clear();
        m_raw->clear();
        Q_EMIT read();
        return;
    }
    m_error->clear();
    m_guess = std::move(*reading.guess);
    QStringList lines;
    for (const std::string& line : reading.preview->raw_lines) lines.append(QString::fromStdString(line).left(longest_raw_line));
    m_raw->setPlainText(lines.join(QLatin1Char('\n')));
    show_set_aside(*reading.preview);
    m_model->show_preview(*m_guess, std::move(*reading.preview));
    // The two columns that matter get the room.
    for (int column = 0; column < m_model->columnCount(); ++column)
        m_table->setColumnWidth(column, m_model->is_chosen(column) ? chosen_column_width : other_column_width);
    Q_EMIT read();
}

void ImportView::show_notes(const std::vector<std::string>& notes) {
    QStringList sentences;
    for (const std::string& note : notes) sentences.append(QString::fromStdString(note));
    m_notes->setText(sentences.join(QLatin1Char(' ')));
    m_notes->setVisible(!sentences.isEmpty());
}

void ImportView::show_set_aside(const ImportPreview& preview) {
    m_aside->setVisible(!preview.set_aside.empty());
    if (preview.set_aside.empty()) return;
    QStringList told{counted(static_cast<std::int64_t>(preview.set_aside.size()), tr("Set aside among these: 1 row."),
                             tr("Set aside among these: %1 rows."))};
    for (std::size_t index = 0; index < std::min(asides_told, preview.set_aside.size()); ++index) {
        const SetAsideRow& row = preview.set_aside[index];
        told.append(tr("Line %1, %2: %3").arg(QString::number(row.line), title_of(row.reason), QString::fromStdString(row.message)));
    }
    m_aside->set_role(Role::Warn);
    m_aside->setText(told.join(QLatin1Char('\n')));
}

void ImportView::set_importing(bool importing) {
    m_form->setEnabled(!importing);
    m_import->setEnabled(!importing && m_guess.has_value());
    m_cancel->setEnabled(!importing);
    if (importing) {
        m_progress->start(tr("Importing"));
    } else {
        m_progress->finish();
    }
}

void ImportView::start_import() {
    if (!m_session || !m_guess) return;
    m_error->clear();
    ImportRequest request;
    request.project = m_session->path();
    request.files.push_back({m_path.toStdString(), m_guess->options, m_form->forced_split()});
    m_job = std::make_unique<ImportJob>(std::move(request), nullptr);
    connect(m_job.get(), &ImportJob::progress, m_progress, &ProgressStrip::set_progress);
    connect(m_job.get(), &ImportJob::finished, this, &ImportView::import_finished);
    set_importing(true);
    m_job->start();
}

void ImportView::import_finished(const ImportOutcome& outcome) {
    m_job.release()->deleteLater();  // it is the sender
    set_importing(false);
    if (outcome.error) {
        m_error->show_error(*outcome.error);
        if (outcome.error->kind == ErrorKind::Cancelled) Q_EMIT imported(tr("The import was stopped; nothing was added."));
        return;
    }
    const DataSource& source = outcome.sources.front();
    Q_EMIT imported(tr("%1, %2.").arg(counted(source.rows, tr("1 row came in"), tr("%1 rows came in")),
                                      counted(source.set_aside, tr("1 was set aside"), tr("%1 were set aside"))));
    Q_EMIT closed();
}

}  // namespace lossmith::ui

#include "moc_ImportView.cpp"
