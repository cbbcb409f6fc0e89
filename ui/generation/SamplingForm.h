// Every setting of generation as a form: range, default and meaning come from what core knows of each field.
#pragma once

#include <QHash>
#include <QWidget>

#include "core/config/SamplingConfig.h"

class QFormLayout;
class QLabel;
class QVBoxLayout;

namespace lossmith {
struct FieldKnowledge;
}

namespace lossmith::ui {

class MutedLabel;

class SamplingForm : public QWidget {
    Q_OBJECT

public:
    explicit SamplingForm(QWidget* parent = nullptr);

    [[nodiscard]] SamplingConfig config() const;
    void set_config(const SamplingConfig& config);
    [[nodiscard]] bool is_valid() const { return config().validate().empty(); }

    /// The editor of one field by its name in JSON ("top_p").
    [[nodiscard]] QWidget* editor(const QString& name) const { return m_editors.value(name); }

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void add_field(const FieldKnowledge& field);
    QWidget* make_editor(const FieldKnowledge& field);
    void on_edited();
    void explain(const FieldKnowledge& field);

    QFormLayout* m_form;
    MutedLabel* m_meaning;
    QLabel* m_error;
    QHash<QString, QWidget*> m_editors;
    bool m_filling = false;
};

/// "greedy · 60 tokens", "beam search, 4 beams · 60 tokens", "temperature 0.8 · top p 0.9 · seed 42 · 60 tokens": one line of what is
/// not as usual.
[[nodiscard]] QString sampling_summary(const SamplingConfig& config);

}  // namespace lossmith::ui
