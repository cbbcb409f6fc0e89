// The template beside the first rows it makes, and how long all rows become.
#pragma once

#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <vector>

#include "core/base/Result.h"
#include "core/data/Template.h"
#include "core/project/DataStore.h"
#include "ui/data/ExampleText.h"

class QSpinBox;
class QUndoStack;

namespace lossmith::ui {

class ElidedLabel;
class ErrorBanner;
class ExamplePreview;
class LatestAnswer;
class LengthHistogram;
class ProjectSession;
class TemplateForm;

class TemplateView : public QWidget {
    Q_OBJECT

public:
    explicit TemplateView(QWidget* parent = nullptr);
    ~TemplateView() override;

    void set_project(ProjectSession* session);
    /// The rows changed: those on show and the lengths are read again.
    void reread();
    [[nodiscard]] QUndoStack* undo_stack();
    [[nodiscard]] bool is_ready() const { return m_ready; }

Q_SIGNALS:
    void ready();

private:
    struct Drawing {
        Result<std::vector<ExampleText>> examples;
        Result<std::vector<int>> lengths;
    };

    void read_template();
    [[nodiscard]] bool is_being_edited() const;
    void spec_edited(const TemplateSpec& spec);
    void save_now();
    void draw_rows();
    void show_drawing(Drawing drawing);
    void show_limit();

    QPointer<ProjectSession> m_session;
    std::shared_ptr<TokenizerOnce> m_tokenizers = std::make_shared<TokenizerOnce>();
    std::shared_ptr<const std::vector<Row>> m_rows;  ///< a sample of the training rows
    std::int64_t m_all_rows = 0;
    TemplateSpec m_saved;
    bool m_unsaved = false;  ///< a valid edit that the timer is about to save
    bool m_ready = true;
    QTimer m_save_timer;
    std::unique_ptr<LatestAnswer> m_drawer;

    ErrorBanner* m_error;
    TemplateForm* m_form;
    ExamplePreview* m_preview;
    LengthHistogram* m_histogram;
    QSpinBox* m_limit;
    ElidedLabel* m_lengths_said;
};

}  // namespace lossmith::ui
