// Which model a run starts from: the shipped one, the project's, an earlier run, or a folder.
#pragma once

#include <QString>
#include <QWidget>
#include <vector>

#include "core/project/ModelStore.h"
#include "core/project/RunStore.h"

class QComboBox;

namespace lossmith::ui {

class MutedLabel;

class ModelPicker : public QWidget {
    Q_OBJECT

public:
    explicit ModelPicker(QWidget* parent = nullptr);

    /// Runs that ended with weights are offered as "PROJECT:RUN".
    void set_choices(const std::vector<StoredModel>& models, const std::vector<Run>& runs, const QString& project_path);
    /// What RunConfig::model is to hold.
    [[nodiscard]] QString model() const;
    void set_model(const QString& model);
    void set_error(const QString& sentence);

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose_folder();

    QComboBox* m_choices;
    MutedLabel* m_below;
};

}  // namespace lossmith::ui
