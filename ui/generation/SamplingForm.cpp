#include "ui/generation/SamplingForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QRandomGenerator>
#include <QRegularExpressionValidator>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <limits>

#include "core/config/RunFields.h"
#include "ui/generation/StopStrings.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

namespace {

QString from(const std::string& text) {
    return QString::fromStdString(text);
}

/// Shows 0.9, not 0.900.
class PlainNumberBox : public QDoubleSpinBox {
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    [[nodiscard]] QString textFromValue(double value) const override {
        QString text = QDoubleSpinBox::textFromValue(value);
        const QString point = locale().decimalPoint();
        if (!text.contains(point)) return text;
        while (text.endsWith(QLatin1Char('0'))) text.chop(1);
        return text.endsWith(point) ? text.chopped(point.size()) : text;
    }
};

QSpinBox* whole_number(const FieldKnowledge& field) {
    auto* box = new QSpinBox;
    box->setRange(static_cast<int>(field.minimum.value_or(0)), static_cast<int>(std::min(field.maximum.value_or(1e9), 2e9)));
    box->setGroupSeparatorShown(true);
    return box;
}

QDoubleSpinBox* real_number(const FieldKnowledge& field) {
    constexpr int decimals = 3;
    constexpr double least = 0.001;
    auto* box = new PlainNumberBox;
    box->setDecimals(decimals);
    box->setSingleStep(0.05);
    const double minimum = field.minimum.value_or(-1e9) + (field.minimum_excluded ? least : 0);
    const double maximum = field.maximum.value_or(1e9) - (field.maximum_excluded ? least : 0);
    box->setRange(minimum, maximum);
    return box;
}

/// Seeds fill 64 bits, more than any spin box holds.
QWidget* seed_editor() {
    auto* line = new QLineEdit;
    line->setObjectName(QStringLiteral("seed"));
    line->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("\\d{1,20}")), line));
    QAction* roll = line->addAction(icon(QStringLiteral("view-refresh"), Role::Muted), QLineEdit::TrailingPosition);
    roll->setText(SamplingForm::tr("Another seed"));
    roll->setToolTip(SamplingForm::tr("Another seed"));
    QObject::connect(roll, &QAction::triggered, line, [line] { line->setText(QString::number(QRandomGenerator::global()->generate())); });
    return line;
}

void set_value(QWidget* editor, const Json& value) {
    if (auto* check = qobject_cast<QCheckBox*>(editor)) check->setChecked(value.get<bool>());
    if (auto* one_of = qobject_cast<QComboBox*>(editor)) one_of->setCurrentText(from(value.get<std::string>()));
    if (auto* whole = qobject_cast<QSpinBox*>(editor)) whole->setValue(value.get<int>());
    if (auto* real = qobject_cast<QDoubleSpinBox*>(editor)) real->setValue(value.get<double>());
    if (auto* line = qobject_cast<QLineEdit*>(editor))
        line->setText(value.is_array() ? shown_stop_strings(value.get<std::vector<std::string>>())
                                       : QString::number(value.get<std::uint64_t>()));
}

Json value_of(const QWidget* editor, const Json& like) {
    if (const auto* check = qobject_cast<const QCheckBox*>(editor)) return check->isChecked();
    if (const auto* one_of = qobject_cast<const QComboBox*>(editor)) return one_of->currentText().toStdString();
    if (const auto* whole = qobject_cast<const QSpinBox*>(editor)) return whole->value();
    if (const auto* real = qobject_cast<const QDoubleSpinBox*>(editor)) return real->value();
    const auto* line = qobject_cast<const QLineEdit*>(editor);
    if (like.is_array()) return typed_stop_strings(line->text());
    bool good = false;
    const quint64 seed = line->text().toULongLong(&good);
    return good ? seed : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

SamplingForm::SamplingForm(QWidget* parent) : QWidget(parent), m_form(new QFormLayout), m_meaning(new MutedLabel), m_error(new QLabel) {
    m_form->setHorizontalSpacing(12);
    m_form->setVerticalSpacing(6);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    for (const FieldKnowledge& field : sampling_fields()) add_field(field);
    auto* error = new MutedLabel;
    error->set_role(Role::Bad);
    m_error = error;
    m_error->setObjectName(QStringLiteral("sampling_error"));
    m_error->hide();
    m_meaning->setMinimumHeight(3 * m_meaning->fontMetrics().lineSpacing());
    m_meaning->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_meaning->setText(tr("Point at a setting to read what it does."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(m_form);
    layout->addWidget(m_error);
    layout->addWidget(m_meaning);
    set_config({});
}

void SamplingForm::add_field(const FieldKnowledge& field) {
    QWidget* editor = make_editor(field);
    const QString name = from(field.name);
    const QString range = from(range_in_words(field));
    editor->setObjectName(name);
    editor->setAccessibleName(from(field.label));
    editor->setAccessibleDescription(from(field.meaning));
    editor->setToolTip(from(field.meaning) + (range.isEmpty() ? QString() : QStringLiteral("\n") + range));
    editor->installEventFilter(this);
    auto* label = new QLabel(from(field.label));
    label->setToolTip(editor->toolTip());
    label->setBuddy(editor);
    label->setMinimumHeight(editor->sizeHint().height());
    m_form->addRow(label, editor);
    m_editors.insert(name, editor);
}

QWidget* SamplingForm::make_editor(const FieldKnowledge& field) {
    const auto edited = [this] { on_edited(); };
    const Json& value = field.default_value;
    if (value.is_boolean()) {
        auto* check = new QCheckBox;
        connect(check, &QCheckBox::toggled, this, edited);
        return check;
    }
    if (!field.choices.empty()) {
        auto* box = new QComboBox;
        for (const std::string& choice : field.choices) box->addItem(from(choice));
        connect(box, &QComboBox::currentTextChanged, this, edited);
        return box;
    }
    if (value.is_number_float()) {
        auto* box = real_number(field);
        connect(box, &QDoubleSpinBox::valueChanged, this, edited);
        return box;
    }
    if (value.is_number() && field.name != "seed") {
        auto* box = whole_number(field);
        connect(box, &QSpinBox::valueChanged, this, edited);
        return box;
    }
    auto* line = value.is_array() ? new QLineEdit : qobject_cast<QLineEdit*>(seed_editor());
    if (value.is_array()) line->setPlaceholderText(tr("\\n | Problem:"));
    connect(line, &QLineEdit::textChanged, this, edited);
    return line;
}

SamplingConfig SamplingForm::config() const {
    Json json = SamplingConfig{};
    for (auto entry = m_editors.cbegin(); entry != m_editors.cend(); ++entry) {
        Json& field = json[entry.key().toStdString()];
        field = value_of(entry.value(), field);
    }
    return sampling_config_from_json(json).value_or(SamplingConfig{});
}

void SamplingForm::set_config(const SamplingConfig& config) {
    m_filling = true;
    const Json json = config;
    for (auto entry = m_editors.cbegin(); entry != m_editors.cend(); ++entry) set_value(entry.value(), json.at(entry.key().toStdString()));
    m_filling = false;
    on_edited();
}

void SamplingForm::on_edited() {
    if (m_filling) return;
    const SamplingConfig now = config();
    for (const char* name : {"temperature", "top_k", "top_p", "min_p", "typical_p", "seed"})
        editor(QString::fromLatin1(name))->setEnabled(now.do_sample);
    editor(QStringLiteral("length_penalty"))->setEnabled(now.num_beams > 1);
    const auto errors = now.validate();
    m_error->setVisible(!errors.empty());
    if (!errors.empty()) m_error->setText(from(errors.front().message + " " + errors.front().hint));
    Q_EMIT changed();
}

void SamplingForm::explain(const FieldKnowledge& field) {
    const QString range = from(range_in_words(field));
    m_meaning->setText(from(field.label) + (range.isEmpty() ? QString() : QStringLiteral(", ") + range) + QStringLiteral(": ") +
                       from(field.meaning));
}

bool SamplingForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Enter || event->type() == QEvent::FocusIn)
        for (const FieldKnowledge& field : sampling_fields())
            if (from(field.name) == watched->objectName()) explain(field);
    return QWidget::eventFilter(watched, event);
}

QString sampling_summary(const SamplingConfig& config) {
    QStringList parts;
    const auto number = [](double value) { return QString::number(value, 'g', 4); };
    if (config.do_sample) {
        parts += SamplingForm::tr("temperature %1").arg(number(config.temperature));
        if (config.top_k > 0) parts += SamplingForm::tr("top k %1").arg(config.top_k);
        if (config.top_p < 1) parts += SamplingForm::tr("top p %1").arg(number(config.top_p));
        if (config.min_p > 0) parts += SamplingForm::tr("min p %1").arg(number(config.min_p));
        if (config.typical_p < 1) parts += SamplingForm::tr("typical p %1").arg(number(config.typical_p));
        parts += SamplingForm::tr("seed %1").arg(config.seed);
    } else if (config.num_beams > 1) {
        parts += SamplingForm::tr("%1 beams").arg(config.num_beams);
    } else {
        parts += SamplingForm::tr("greedy");
    }
    if (config.repetition_penalty != 1.0) parts += SamplingForm::tr("repetition penalty %1").arg(number(config.repetition_penalty));
    if (config.no_repeat_ngram_size > 0) parts += SamplingForm::tr("no repeated %1-gram").arg(config.no_repeat_ngram_size);
    if (config.precision != SamplingConfig{}.precision) parts += from(config.precision);
    parts += counted(config.max_new_tokens, SamplingForm::tr("1 token"), SamplingForm::tr("%1 tokens"));
    return parts.join(QStringLiteral(" · "));
}

}  // namespace lossmith::ui

#include "moc_SamplingForm.cpp"
