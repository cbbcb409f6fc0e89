#include "ui/train/SlurmDialog.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "core/base/Files.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

QSpinBox* number_box(const char* name, int least, int value) {
    auto* box = new QSpinBox;
    box->setObjectName(QString::fromLatin1(name));
    box->setRange(least, 4096);
    box->setValue(value);
    return box;
}

}  // namespace

SlurmDialog::SlurmDialog(RunConfig config, const QString& project, QWidget* parent)
    : QDialog(parent),
      m_config(std::move(config)),
      m_nodes(number_box("nodes", 1, 1)),
      m_tasks(number_box("tasks", 1, static_cast<int>(m_config.devices.size()))),
      m_cores(number_box("cores", 0, 0)),
      m_time(new QLineEdit(QString::fromStdString(m_job.time))),
      m_text(new QPlainTextEdit),
      m_note(new MutedLabel) {
    setWindowTitle(tr("Batch script for Slurm"));
    m_job.project = project.toStdString();
    m_config.nproc_per_node = 1;  // here Slurm starts the processes
    m_time->setObjectName(QStringLiteral("time"));
    m_cores->setSpecialValueText(tr("as the cluster gives"));
    m_text->setObjectName(QStringLiteral("script"));
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setMinimumSize(560, 240);

    auto* form = new QFormLayout;
    form->addRow(tr("Machines"), m_nodes);
    form->addRow(tr("Processes on each"), m_tasks);
    form->addRow(tr("Cores of each process"), m_cores);
    form->addRow(tr("Time at most"), m_time);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_save = buttons->addButton(tr("Save…"), QDialogButtonBox::ActionRole);
    m_copy = buttons->addButton(tr("Copy"), QDialogButtonBox::ActionRole);
    buttons->button(QDialogButtonBox::Close)->setIcon({});
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(
        new MutedLabel(tr("All processes compute one run, a micro-batch each. The project must be seen by the cluster's machines; opened "
                          "again, or followed while it runs, it shows the run.")));
    layout->addLayout(form);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_note);
    layout->addWidget(buttons);

    for (QSpinBox* box : {m_nodes, m_tasks, m_cores}) connect(box, &QSpinBox::valueChanged, this, &SlurmDialog::show_script);
    connect(m_time, &QLineEdit::textChanged, this, &SlurmDialog::show_script);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_save, &QPushButton::clicked, this, &SlurmDialog::choose_file);
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(script()); });
    show_script();
}

QString SlurmDialog::script() const {
    return m_text->toPlainText();
}

void SlurmDialog::show_script() {
    m_job.nodes = m_nodes->value();
    m_job.ntasks_per_node = m_tasks->value();
    m_job.cpus_per_task = m_cores->value();
    m_job.time = m_time->text().trimmed().toStdString();
    const auto made = slurm_script(m_config, m_job);
    m_text->setPlainText(made ? QString::fromStdString(*made) : QString());
    m_note->set_role(made ? Role::Muted : Role::Bad);
    m_note->setText(made ? tr("Start it with sbatch.") : QString::fromStdString(describe(made.error())));
    m_save->setEnabled(made.has_value());
    m_copy->setEnabled(made.has_value());
}

void SlurmDialog::choose_file() {
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the batch script"), QStringLiteral("lossmith.sbatch"));
    if (!file.isEmpty()) save_to(file);
}

bool SlurmDialog::save_to(const QString& file) {
    const Status written = write_file_atomically(file.toStdString(), script().toStdString());
    m_note->set_role(written ? Role::Muted : Role::Bad);
    m_note->setText(written ? tr("Saved. Start it with: sbatch %1").arg(file) : QString::fromStdString(describe(written.error())));
    return written.has_value();
}

}  // namespace lossmith::ui

#include "moc_SlurmDialog.cpp"
