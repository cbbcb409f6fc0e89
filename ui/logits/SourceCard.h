// Which text is looked at: a row of the project through the template, or what is typed, special tokens and all.
#pragma once

#include <QPointer>
#include <cstdint>
#include <optional>

#include "core/base/Json.h"
#include "core/data/Template.h"
#include "core/project/DataStore.h"
#include "ui/widgets/Card.h"

class QPlainTextEdit;
class QSpinBox;
class QTimer;

namespace lossmith::ui {

class Chip;
class ElidedLabel;
class MutedLabel;
class ProjectSession;

class SourceCard : public Card {
    Q_OBJECT

public:
    explicit SourceCard(QWidget* parent = nullptr);

    void set_project(ProjectSession* session);
    void set_template(const TemplateSpec& spec);
    void set_typed(const QString& text);  ///< and looks at it
    void choose_row(int row);             ///< from 1, and looks at it
    [[nodiscard]] bool is_row() const;
    /// The rows have been counted and the chosen one read.
    [[nodiscard]] bool is_read() const { return m_is_read; }

    /// `{problem, solution, template}` or `{text}`; nothing where there is no text yet.
    [[nodiscard]] std::optional<Json> params() const;

Q_SIGNALS:
    void changed();
    void read();
    void failed(const lossmith::Error& error);

private:
    void set_is_row(bool row);
    void fetch_row();
    void show_row();
    void remember() const;

    QPointer<ProjectSession> m_session;
    TemplateSpec m_template;
    std::optional<Row> m_row;
    std::int64_t m_count = 0;
    quint64 m_asked = 0;
    bool m_is_read = false;
    Chip* m_row_chip;
    Chip* m_typed_chip;
    QSpinBox* m_number;
    ElidedLabel* m_row_text;
    QPlainTextEdit* m_editor;
    QTimer* m_settle;
};

}  // namespace lossmith::ui
