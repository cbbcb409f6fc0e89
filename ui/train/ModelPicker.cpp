// Which model a run starts from.
#include "ui/train/ModelPicker.h"

#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/train/RunWords.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

ModelPicker::ModelPicker(QWidget* parent) : QWidget(parent), m_choices(new QComboBox), m_below(new MutedLabel) {
    m_choices->setObjectName(QStringLiteral("model"));
    m_choices->setAccessibleName(tr("Model"));
    m_choices->setEditable(true);
    m_choices->setInsertPolicy(QComboBox::NoInsert);
    m_choices->setToolTip(
        tr("What is trained: the shipped starter model, a model of the project, an earlier run, or any Hugging Face GPT-2 folder."));
    m_choices->addItem(QStringLiteral("starter"), QStringLiteral("starter"));
    auto* folder = new QPushButton(tr("Folder…"));
    folder->setToolTip(tr("Choose a Hugging Face folder with config.json and model.safetensors"));
    auto* label = new QLabel(tr("Model"));
    label->setBuddy(m_choices);
    QFont small = font();
    small.setPixelSize(11);
    m_below->setFont(small);
    auto* line = new QHBoxLayout;
    line->addWidget(m_choices, 1);
    line->addWidget(folder);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(label);
    layout->addLayout(line);
    layout->addWidget(m_below);
    set_error({});
    m_choices->lineEdit()->installEventFilter(this);
    connect(folder, &QPushButton::clicked, this, &ModelPicker::choose_folder);
    connect(m_choices, &QComboBox::currentTextChanged, this, &ModelPicker::changed);
}

void ModelPicker::set_choices(const std::vector<StoredModel>& models, const std::vector<Run>& runs, const QString& project_path) {
    const QString chosen = model();
    const QSignalBlocker quiet(m_choices);
    m_choices->clear();
    for (const StoredModel& model : models) m_choices->addItem(QString::fromStdString(model.name), QString::fromStdString(model.path));
    if (m_choices->findData(QStringLiteral("starter")) < 0) m_choices->insertItem(0, QStringLiteral("starter"), QStringLiteral("starter"));
    for (const Run& run : runs) {
        if (run.best_step == 0 && run.status != RunStatus::Finished && run.status != RunStatus::EarlyStopped) continue;
        m_choices->addItem(tr("run %1 · %2").arg(run.id).arg(QString::fromStdString(run.name)), model_name_of_run(project_path, run.id));
    }
    set_model(chosen);
}

QString ModelPicker::model() const {
    const int index = m_choices->findText(m_choices->currentText());
    return index >= 0 ? m_choices->itemData(index).toString() : m_choices->currentText().trimmed();
}

void ModelPicker::set_model(const QString& model) {
    const int index = m_choices->findData(model);
    if (index >= 0) {
        m_choices->setCurrentIndex(index);
    } else {
        m_choices->setCurrentIndex(-1);
        m_choices->setEditText(model);
    }
    m_choices->lineEdit()->setCursorPosition(0);
}

void ModelPicker::set_error(const QString& sentence) {
    m_below->set_role(sentence.isEmpty() ? Role::Muted : Role::Bad);
    m_below->setText(sentence.isEmpty() ? tr("The weights a run starts from; it never changes them.") : sentence);
}

bool ModelPicker::eventFilter(QObject* watched, QEvent* event) {
    // What is typed replaces the name that stands there, however the focus came.
    if (event->type() == QEvent::FocusIn) m_choices->lineEdit()->selectAll();
    return QWidget::eventFilter(watched, event);
}

void ModelPicker::choose_folder() {
    auto* dialog = new QFileDialog(this, tr("Choose a GPT-2 folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &ModelPicker::set_model);
    dialog->open();
}

}  // namespace lossmith::ui

#include "moc_ModelPicker.cpp"
