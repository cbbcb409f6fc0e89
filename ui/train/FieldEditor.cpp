// One field of a form, made from what is known of it.
#include "ui/train/FieldEditor.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>
#include <charconv>

#include "ui/train/RunWords.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

QString text_of(const Json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (value.is_number_float()) return plain_number(value.get<double>());
    if (value.is_array()) {
        QStringList parts;
        for (const Json& part : value) parts.append(text_of(part));
        return parts.join(QStringLiteral(", "));
    }
    return QString::fromStdString(value.dump());
}

/// What is typed as the field's kind of value; text where it is not of that kind.
Json typed_value(const QString& text, const FieldKnowledge& field) {
    const std::string typed = text.trimmed().toStdString();
    if (field.default_value.is_array()) {
        Json parts = Json::array();
        for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) parts.push_back(part.trimmed().toStdString());
        return parts;
    }
    if (!field.minimum) return typed;
    if (typed.empty()) return field.default_value.is_null() ? Json() : Json(typed);
    const char* end = typed.data() + typed.size();
    const bool whole = field.default_value.is_number_integer();
    const auto is_all = [end](const std::from_chars_result& read) { return read.ptr == end && read.ec == std::errc(); };
    if (std::uint64_t natural = 0; whole && is_all(std::from_chars(typed.data(), end, natural))) return natural;
    if (std::int64_t integer = 0; whole && is_all(std::from_chars(typed.data(), end, integer))) return integer;
    double real = 0.0;
    if (is_all(std::from_chars(typed.data(), end, real))) {
        // "1e3" steps are 1000 steps; 2.5 steps stay wrong.
        if (whole && real >= -1e15 && real <= 1e15 && real == static_cast<double>(static_cast<std::int64_t>(real))) {
            return static_cast<std::int64_t>(real);
        }
        return real;
    }
    return typed;
}

}  // namespace

QString limits_text(const FieldKnowledge& field) {
    QStringList sentences;
    QString range = QString::fromStdString(range_in_words(field));
    if (!range.isEmpty()) {
        range[0] = range.at(0).toUpper();
        sentences.append(range + QLatin1Char('.'));
    }
    const QString standard = field.default_value.is_boolean() ? (field.default_value.get<bool>() ? QLabel::tr("on") : QLabel::tr("off"))
                                                              : text_of(field.default_value);
    sentences.append(standard.isEmpty() ? QLabel::tr("Empty by default.") : QLabel::tr("By default %1.").arg(standard));
    return sentences.join(QLatin1Char(' '));
}

FieldEditor::FieldEditor(const FieldKnowledge& field, QString key, QWidget* parent)
    : QWidget(parent),
      m_field(field),
      m_key(std::move(key)),
      m_label(new QLabel(QString::fromStdString(field.label), this)),
      m_below(new MutedLabel({}, this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    if (field.default_value.is_boolean()) {
        m_tick = new QCheckBox(QString::fromStdString(field.label), this);
        m_label->hide();
        layout->addSpacing(QFontMetrics(font()).height() + 5);
        connect(m_tick, &QCheckBox::toggled, this, &FieldEditor::value_changed);
    } else if (!field.choices.empty()) {
        m_choice = new QComboBox(this);
        for (const std::string& choice : field.choices) m_choice->addItem(QString::fromStdString(choice));
        connect(m_choice, &QComboBox::currentIndexChanged, this, &FieldEditor::value_changed);
    } else {
        m_text = new QLineEdit(this);
        m_text->setPlaceholderText(field.default_value.is_null() ? tr("as the model says") : text_of(field.default_value));
        connect(m_text, &QLineEdit::textChanged, this, &FieldEditor::value_changed);
    }
    m_label->setBuddy(input());
    const QString meaning = QString::fromStdString(field.meaning);
    input()->setObjectName(m_key);
    input()->setAccessibleName(QString::fromStdString(field.label));
    input()->setAccessibleDescription(meaning + QLatin1Char(' ') + limits_text(field));
    const QString tip = QStringLiteral("<p><b>%1</b> <span>(%2)</span></p><p>%3</p><p>%4</p>")
                            .arg(QString::fromStdString(field.label).toHtmlEscaped(), m_key.toHtmlEscaped(), meaning.toHtmlEscaped(),
                                 limits_text(field).toHtmlEscaped());
    setToolTip(tip);
    QFont small = font();
    small.setPixelSize(11);
    m_below->setFont(small);
    m_below->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    layout->addWidget(m_label);
    layout->addWidget(input());
    layout->addWidget(m_below);
    layout->addStretch();
    set_value(field.default_value);
    show_state();
}

QWidget* FieldEditor::input() const {
    if (m_tick) return m_tick;
    if (m_choice) return m_choice;
    return m_text;
}

QString FieldEditor::label() const {
    return QString::fromStdString(m_field.label);
}

Json FieldEditor::value() const {
    if (m_tick) return m_tick->isChecked();
    if (m_choice) return m_choice->currentText().toStdString();
    return typed_value(m_text->text(), m_field);
}

void FieldEditor::set_value(const Json& value) {
    const bool same = this->value() == value;
    {
        const QSignalBlocker quiet(input());
        if (m_tick) {
            m_tick->setChecked(value.is_boolean() && value.get<bool>());
        } else if (m_choice) {
            const QString text = text_of(value);
            // A value this version does not know is shown, and found wrong, rather than silently replaced.
            if (m_choice->findText(text) < 0) m_choice->addItem(text);
            m_choice->setCurrentText(text);
        } else {
            m_text->setText(text_of(value));
        }
    }
    show_state();
    if (!same) Q_EMIT changed();
}

bool FieldEditor::is_default() const {
    const Json now = value();
    if (now.is_number() && m_field.default_value.is_number()) return now.get<double>() == m_field.default_value.get<double>();
    return now == m_field.default_value;
}

void FieldEditor::set_error(const QString& sentence) {
    if (m_error == sentence) return;
    m_error = sentence;
    show_state();
}

void FieldEditor::value_changed() {
    show_state();
    Q_EMIT changed();
}

void FieldEditor::show_state() {
    m_below->set_role(m_error.isEmpty() ? Role::Muted : Role::Bad);
    m_below->setText(m_error.isEmpty() ? QString::fromStdString(m_field.meaning) : m_error);
    QFont weight = m_label->font();
    weight.setBold(!is_default());
    m_label->setFont(weight);
    if (m_tick) m_tick->setFont(weight);
    const bool wrong = !m_error.isEmpty();
    if (input()->property("wrong").toBool() == wrong) return;
    input()->setProperty("wrong", wrong);
    input()->style()->unpolish(input());
    input()->style()->polish(input());
}

}  // namespace lossmith::ui

#include "moc_FieldEditor.cpp"
