// A loss's parameters as fields.
#include "ui/loss/ParameterForm.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "core/config/LossSpec.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QString text_of_parameter(const Json& value) {
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (value.is_object()) return QString::fromStdString(file_of_parameter(value));
    if (value.is_number_integer()) return QString::fromStdString(value.dump());
    if (value.is_number()) return QString::number(value.get<double>(), 'g', 12);
    if (value.is_boolean()) return value.get<bool>() ? QStringLiteral("True") : QStringLiteral("False");
    return {};
}

bool is_loaded(const LossParameter& parameter) {
    return parameter.type == QLatin1String("tensor") || parameter.type == QLatin1String("token_list");
}

bool are_alike(const std::vector<LossParameter>& one, const std::vector<LossParameter>& other) {
    return std::ranges::equal(one, other,
                              [](const LossParameter& a, const LossParameter& b) { return a.name == b.name && a.type == b.type; });
}

}  // namespace

ParameterForm::ParameterForm(QWidget* parent) : QWidget(parent), m_nothing(new MutedLabel) {
    setObjectName(QStringLiteral("parameters"));
    m_nothing->setTextFormat(Qt::RichText);
    m_nothing->setText(tr("Write %1 after the arguments to get a field here and in the run's form.")
                           .arg(QStringLiteral("<code>weight: float = 0.1</code>")));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_nothing);
}

void ParameterForm::set_parameters(const std::vector<LossParameter>& parameters, const Json& values) {
    std::vector<LossParameter> before;
    for (const Field& field : m_fields) before.push_back(field.parameter);
    m_values = values.is_object() ? values : Json::object();
    if (!are_alike(before, parameters) || m_body == nullptr) {
        m_fields.clear();
        for (const LossParameter& parameter : parameters) m_fields.push_back({parameter});
        make_fields();
    } else {
        for (std::size_t index = 0; index < parameters.size(); ++index) m_fields[index].parameter = parameters[index];
    }
    show_values();
}

QWidget* ParameterForm::input(const QString& name) const {
    for (const Field& field : m_fields)
        if (field.parameter.name == name) return field.input;
    return nullptr;
}

void ParameterForm::make_fields() {
    delete m_body;
    m_body = new QWidget(this);
    auto* grid = new QGridLayout(m_body);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    for (std::size_t index = 0; index < m_fields.size(); ++index) {
        Field& field = m_fields[index];
        const int row = static_cast<int>(index) * 2;
        auto* label = new QLabel(field.parameter.name);
        label->setTextFormat(Qt::PlainText);
        label->setFont(Theme::token_font());
        if (field.parameter.type == QLatin1String("bool")) {
            auto* tick = new QCheckBox;
            connect(tick, &QCheckBox::toggled, this, [this, index](bool on) { take(m_fields[index], on); });
            field.input = tick;
        } else {
            auto* line = new QLineEdit;
            line->setFont(Theme::token_font());
            connect(line, &QLineEdit::textChanged, this, [this, index](const QString& text) { take_text(m_fields[index], text); });
            field.input = line;
        }
        field.input->setObjectName(QStringLiteral("parameter_") + field.parameter.name);
        field.input->setAccessibleName(field.parameter.name);
        label->setBuddy(field.input);
        field.below = new MutedLabel;
        field.below->setTextFormat(Qt::PlainText);
        QFont small = font();
        small.setPixelSize(11);
        field.below->setFont(small);
        grid->addWidget(label, row, 0);
        grid->addWidget(field.input, row, 1);
        if (is_loaded(field.parameter)) grid->addWidget(choose_button(field), row, 2);
        grid->addWidget(field.below, row + 1, 1);
    }
    m_nothing->setVisible(m_fields.empty());
    m_body->setVisible(!m_fields.empty());
    static_cast<QVBoxLayout*>(layout())->addWidget(m_body);
}

QToolButton* ParameterForm::choose_button(const Field& field) {
    auto* button = new QToolButton;
    button->setText(tr("Choose…"));
    button->setObjectName(QStringLiteral("choose_") + field.parameter.name);
    button->setAccessibleName(tr("Choose a file for %1").arg(field.parameter.name));
    auto* line = qobject_cast<QLineEdit*>(field.input);
    const bool tensor = field.parameter.type == QLatin1String("tensor");
    line->setToolTip(tensor ? tr("A .safetensors file (FILE#NAME where it holds several), or a text of numbers, a row a line")
                            : tr("A text with a word or phrase a line"));
    connect(button, &QToolButton::clicked, this, [this, line, tensor] {
        const QString file = QFileDialog::getOpenFileName(
            this, tr("Choose a file"), line->text(),
            tensor ? tr("Tensors and numbers (*.safetensors *.csv *.tsv *.txt);;All files (*)") : tr("Texts (*.txt *.csv);;All files (*)"));
        if (!file.isEmpty()) line->setText(file);
    });
    return button;
}

void ParameterForm::show_values() {
    m_filling = true;
    for (const Field& field : m_fields) {
        const std::string name = field.parameter.name.toStdString();
        const bool own = m_values.contains(name);
        const Json& value = own ? m_values[name] : field.parameter.default_value;
        QString below = field.parameter.about;
        const QString standard = text_of_parameter(field.parameter.default_value);
        if (!below.isEmpty() && !below.endsWith(QLatin1Char('.'))) below += QLatin1Char('.');
        if (!standard.isEmpty()) below = QString(below + QLatin1Char(' ') + tr("By default %1.").arg(standard)).trimmed();
        field.below->setText(below);
        field.below->set_role(Role::Muted);
        if (auto* tick = qobject_cast<QCheckBox*>(field.input)) tick->setChecked(value.is_boolean() && value.get<bool>());
        auto* line = qobject_cast<QLineEdit*>(field.input);
        if (line == nullptr) continue;
        line->setPlaceholderText(standard);
        if (!line->hasFocus()) line->setText(text_of_parameter(value));
    }
    m_filling = false;
}

void ParameterForm::take(const Field& field, const Json& value) {
    if (m_filling) return;
    const std::string name = field.parameter.name.toStdString();
    const Json before = m_values;
    if (value == field.parameter.default_value)
        m_values.erase(name);
    else
        m_values[name] = value;
    if (m_values != before) Q_EMIT changed(m_values);
}

/// Empty is the default; what is no number of the kind is said beside the field and changes nothing.
void ParameterForm::take_text(const Field& field, const QString& text) {
    if (m_filling) return;
    const QString typed = text.trimmed();
    const QString type = field.parameter.type;
    bool good = true;
    Json value = field.parameter.default_value;
    QString wrong;
    if (is_loaded(field.parameter)) {
        if (!typed.isEmpty()) value = {{"file", typed.toStdString()}};
        // A safetensors' tensor may be named after the path.
        good = typed.isEmpty() || QFileInfo(typed.section(QLatin1String(".safetensors#"), 0, 0) +
                                            (typed.contains(QLatin1String(".safetensors#")) ? QStringLiteral(".safetensors") : QString()))
                                      .isFile();
        wrong = tr("There is no such file.");
    } else if (type == QLatin1String("str")) {
        value = text.toStdString();
    } else if (!typed.isEmpty() && type == QLatin1String("int")) {
        value = static_cast<std::int64_t>(QLocale::c().toLongLong(typed, &good));
        wrong = tr("A whole number is needed.");
    } else if (!typed.isEmpty()) {
        const double number = QLocale::c().toDouble(typed, &good);
        good = good && std::isfinite(number);
        value = number;
        wrong = tr("A number is needed.");
    }
    const LossParameter& known = field.parameter;
    if (good && value.is_number() &&
        ((known.minimum && value.get<double>() < *known.minimum) || (known.maximum && value.get<double>() > *known.maximum))) {
        good = false;
        wrong = tr("It must lie between %1 and %2.")
                    .arg(known.minimum ? short_number(*known.minimum) : QStringLiteral("−∞"),
                         known.maximum ? short_number(*known.maximum) : QStringLiteral("∞"));
    }
    field.input->setProperty("wrong", QVariant(!good));
    field.input->style()->unpolish(field.input);
    field.input->style()->polish(field.input);
    if (!good) {
        field.below->setText(wrong);
        field.below->set_role(Role::Bad);
        return;
    }
    field.below->set_role(Role::Muted);
    take(field, value);
}

}  // namespace lossmith::ui

#include "moc_ParameterForm.cpp"
