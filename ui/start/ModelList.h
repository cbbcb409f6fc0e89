// The models the open project knows, and adding one from a folder on disk.
#pragma once

#include <QPointer>
#include <QString>
#include <filesystem>
#include <vector>

#include "core/project/ModelStore.h"
#include "ui/widgets/Card.h"

class QListWidget;
class QPushButton;

namespace lossmith::ui {

class ErrorBanner;
class ProjectSession;

class ModelList : public Card {
    Q_OBJECT

public:
    explicit ModelList(QWidget* parent = nullptr);

    void set_project(ProjectSession* session);
    /// Checks that the folder is a GPT-2 in Hugging Face's layout and adds it to the project.
    void add_folder(const QString& folder);

Q_SIGNALS:
    void shown();

private:
    void read();
    void show_models(const Result<std::vector<StoredModel>>& models);
    void choose_folder();
    void remove_chosen();

    QPointer<ProjectSession> m_session;
    QListWidget* m_list;
    QPushButton* m_add;
    QPushButton* m_remove;
    ErrorBanner* m_error;
};

/// What keeps the folder from being used as a model; nothing when all is well.
[[nodiscard]] Status check_model_folder(const std::filesystem::path& folder);

}  // namespace lossmith::ui
