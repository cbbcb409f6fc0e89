// A loss's numbers, truths and words as fields: `weight: float = 0.1` in its first line is a field here.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/loss/LossReport.h"

class QGridLayout;
class QToolButton;

namespace lossmith::ui {

class MutedLabel;

class ParameterForm : public QWidget {
    Q_OBJECT

public:
    explicit ParameterForm(QWidget* parent = nullptr);

    /// `values`: what differs from the defaults. A field that is being typed in is not touched.
    void set_parameters(const std::vector<LossParameter>& parameters, const Json& values);
    /// What differs from the defaults.
    [[nodiscard]] const Json& values() const { return m_values; }
    /// The input of a parameter; null where there is none.
    [[nodiscard]] QWidget* input(const QString& name) const;

Q_SIGNALS:
    void changed(const lossmith::Json& values);

private:
    struct Field {
        LossParameter parameter;
        QWidget* input = nullptr;
        MutedLabel* below = nullptr;
    };
    void make_fields();
    void add_field(const LossParameter& parameter, int row);
    [[nodiscard]] QToolButton* choose_button(const Field& field);
    void show_values();
    void take(const Field& field, const Json& value);
    void take_text(const Field& field, const QString& text);

    std::vector<Field> m_fields;
    Json m_values = Json::object();
    MutedLabel* m_nothing;
    QWidget* m_body = nullptr;
    bool m_filling = false;
};

}  // namespace lossmith::ui
