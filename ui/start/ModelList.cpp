// Lists the project's models.
#include "ui/start/ModelList.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/Json.h"
#include "core/project/Project.h"
#include "ui/shell/ProjectSession.h"
#include "ui/start/TwoLineDelegate.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {
constexpr int model_name_role = Qt::UserRole;
constexpr const char* weight_files[] = {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                                        "pytorch_model.bin.index.json"};
}  // namespace

Status check_model_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    if (!std::filesystem::exists(folder / "config.json", failed))
        return failure(
            Error::not_found("There is no config.json in " + folder.string() + ".")
                .with_hint("Choose the folder of a GPT-2 as Hugging Face lays it out: config.json, model.safetensors and the vocabulary."));
    const Json config = LOSSMITH_TRY(read_json_file(folder / "config.json"));
    const std::string type = config.is_object() && config.contains("model_type") && config["model_type"].is_string()
                                 ? config["model_type"].get<std::string>()
                                 : "";
    if (type != "gpt2")
        return failure(
            Error::unsupported("The model in " + folder.string() + " is of the type \"" + type + "\", and only \"gpt2\" can be used."));
    for (const char* file : weight_files)
        if (std::filesystem::exists(folder / file, failed)) return {};
    return failure(Error::not_found("There are no weights in " + folder.string() + ".")
                       .with_hint("Beside config.json there must be model.safetensors or pytorch_model.bin."));
}

ModelList::ModelList(QWidget* parent)
    : Card(tr("Models of this project"), parent),
      m_list(new QListWidget),
      m_add(new QPushButton(tr("Add a model folder…"))),
      m_remove(new QPushButton(tr("Remove"))),
      m_error(new ErrorBanner) {
    m_list->setAccessibleName(tr("Models of this project"));
    m_list->setIconSize(QSize(22, 22));
    m_list->setItemDelegate(new TwoLineDelegate(m_list));
    m_list->setMinimumHeight(60);
    m_list->setMaximumHeight(180);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_add->setIcon(icon(QStringLiteral("folder-add")));
    m_remove->setToolTip(tr("Takes the model off this list; its folder stays"));
    m_remove->setEnabled(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_add);
    buttons->addWidget(m_remove);
    buttons->addStretch();
    body()->addWidget(m_error);
    body()->addWidget(m_list, 1);
    body()->addLayout(buttons);
    connect(m_add, &QPushButton::clicked, this, &ModelList::choose_folder);
    connect(m_remove, &QPushButton::clicked, this, &ModelList::remove_chosen);
    connect(m_list, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        m_remove->setEnabled(item != nullptr && item->data(model_name_role).toString() != QLatin1String("starter"));
    });
}

void ModelList::set_project(ProjectSession* session) {
    m_session = session;
    m_error->clear();
    m_list->clear();
    setVisible(session != nullptr);
    if (session == nullptr) return;
    connect(session, &ProjectSession::changed, this, &ModelList::read);
    read();
}

void ModelList::read() {
    if (!m_session) return;
    m_session->ask(
        this, [](Project& project) { return project.models().models(); },
        [this](const Result<std::vector<StoredModel>>& models) { show_models(models); });
}

void ModelList::show_models(const Result<std::vector<StoredModel>>& models) {
    if (!models) {
        m_error->show_error(models.error());
        return;
    }
    const QListWidgetItem* current = m_list->currentItem();
    const QString chosen = current != nullptr ? current->data(model_name_role).toString() : QString();
    m_list->clear();
    for (const StoredModel& model : *models) {
        const QString name = QString::fromStdString(model.name);
        const QString where = model.path == "starter" ? tr("ships with the program") : QString::fromStdString(model.path);
        auto* item = new QListWidgetItem(icon(QStringLiteral("folder"), Role::Muted), name, m_list);
        item->setData(TwoLineDelegate::second_line_role, where);
        item->setData(model_name_role, name);
        item->setToolTip(where);
        if (name == chosen) m_list->setCurrentItem(item);
    }
    Q_EMIT shown();
}

void ModelList::choose_folder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Add a model folder"));
    if (!folder.isEmpty()) add_folder(folder);
}

void ModelList::add_folder(const QString& folder) {
    if (!m_session) return;
    if (const Status usable = check_model_folder(folder.toStdString()); !usable) {
        m_error->show_error(usable.error());
        return;
    }
    m_error->clear();
    const std::string path = QFileInfo(folder).absoluteFilePath().toStdString();
    const std::string name = QFileInfo(folder).fileName().toStdString();
    m_session->ask(
        this, [name, path](Project& project) { return project.models().add(name, path); },
        [this](const Status& added) {
            if (!added) m_error->show_error(added.error());
        });
}

void ModelList::remove_chosen() {
    const QListWidgetItem* item = m_list->currentItem();
    if (!m_session || item == nullptr) return;
    m_session->ask(
        this, [name = item->data(model_name_role).toString().toStdString()](Project& project) { return project.models().remove(name); },
        [this](const Status& removed) {
            if (!removed) m_error->show_error(removed.error());
        });
}

}  // namespace lossmith::ui

#include "moc_ModelList.cpp"
