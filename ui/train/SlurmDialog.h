// A run as a batch script for Slurm: how many machines, and the script to save or copy.
#pragma once

#include <QDialog>

#include "core/config/SlurmScript.h"

class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace lossmith::ui {

class MutedLabel;

class SlurmDialog : public QDialog {
    Q_OBJECT

public:
    SlurmDialog(RunConfig config, const QString& project, QWidget* parent = nullptr);

    /// Empty while something is wrong.
    [[nodiscard]] QString script() const;
    /// Writes it; what went wrong is said in the dialog.
    bool save_to(const QString& file);

private:
    void show_script();
    void choose_file();

    RunConfig m_config;
    SlurmJob m_job;
    QSpinBox* m_nodes;
    QSpinBox* m_tasks;
    QSpinBox* m_cores;
    QLineEdit* m_time;
    QPlainTextEdit* m_text;
    MutedLabel* m_note;
    QPushButton* m_save;
    QPushButton* m_copy;
};

}  // namespace lossmith::ui
