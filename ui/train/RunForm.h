// The form that a run's config is made in.
#pragma once

#include <QHash>
#include <QString>
#include <QWidget>
#include <optional>
#include <string>
#include <vector>

#include "core/config/RunConfig.h"
#include "core/config/RunFields.h"
#include "core/project/ModelStore.h"
#include "core/project/RunStore.h"

class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace lossmith::ui {

class Chip;
class FieldEditor;
class FoldingCard;
class LossPicker;
class ModelPicker;
class MutedLabel;

/// What has no input here (devices, threads) is kept as it was given. Everything wrong is shown beside its field as it is typed.
class RunForm : public QWidget {
    Q_OBJECT

public:
    explicit RunForm(QWidget* parent = nullptr);

    void set_config(const RunConfig& config);
    /// Fields of the config with new values, as an estimate advises them; the rest stays.
    void change(const Json& fields);
    /// Takes the preset's choices; model, name and devices stay.
    void apply_preset(const Preset& preset);
    void set_models(const std::vector<StoredModel>& models, const std::vector<Run>& runs, const QString& project_path);
    void set_project_template(const TemplateSpec& spec);
    [[nodiscard]] LossPicker& loss() { return *m_loss; }
    [[nodiscard]] LossPicker& reward() { return *m_reward; }
    /// Takes what the page Loss made: as the loss, or as the reward when it is one.
    void use_loss(const LossSpec& loss);
    void set_devices(const std::vector<std::string>& devices, int threads);

    /// Checks everything and shows what is wrong; the config when nothing is.
    std::optional<RunConfig> check();
    /// As it was when nothing was wrong with it.
    [[nodiscard]] const RunConfig& last_config() const { return m_config; }
    /// What is wrong and stands beside no field of this form, e.g. about devices.
    [[nodiscard]] const QStringList& other_errors() const { return m_other_errors; }
    [[nodiscard]] FieldEditor* editor(const QString& key) const { return m_editors.value(key); }

Q_SIGNALS:
    void changed();

private:
    QWidget* make_heading();
    void edited();
    void show_reward_group();
    [[nodiscard]] bool has_lora() const;
    void show_preset(const QString& name);
    void take_template_choice(int choice);
    void show_template_choice();
    void show_errors(const std::vector<Error>& errors, QHash<QString, QString> found);

    RunConfig m_config;
    std::optional<TemplateSpec> m_project_template;
    QHash<QString, FieldEditor*> m_editors;
    std::vector<FoldingCard*> m_groups;
    FoldingCard* m_reward_group = nullptr;  ///< on show where there is a reward
    std::vector<std::pair<std::string, Chip*>> m_presets;
    QLineEdit* m_name = nullptr;
    ModelPicker* m_model = nullptr;
    LossPicker* m_loss = nullptr;
    LossPicker* m_reward = nullptr;
    QComboBox* m_template = nullptr;
    MutedLabel* m_preset_meaning = nullptr;
    QStringList m_other_errors;
    bool m_filling = false;
};

}  // namespace lossmith::ui
