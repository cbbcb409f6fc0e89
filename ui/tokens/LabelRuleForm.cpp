#include "ui/tokens/LabelRuleForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {

LabelRuleForm::LabelRuleForm(QWidget* parent)
    : QWidget(parent),
      m_rule(new QComboBox),
      m_marker(new QLineEdit),
      m_count(new QSpinBox),
      m_pattern(new QLineEdit),
      m_padding(new QCheckBox(tr("padding counts too"))),
      m_error(new MutedLabel) {
    m_rule->setObjectName(QStringLiteral("label_rule"));
    m_rule->setAccessibleName(tr("What is labelled"));
    const std::pair<QString, LabelRule> rules[] = {{tr("the solution only"), LabelRule::SolutionOnly},
                                                   {tr("the problem too"), LabelRule::ProblemToo},
                                                   {tr("what stands after a marker"), LabelRule::AfterMarker},
                                                   {tr("the last tokens"), LabelRule::LastTokens},
                                                   {tr("what a pattern matches"), LabelRule::Pattern}};
    for (const auto& [text, rule] : rules) m_rule->addItem(text, static_cast<int>(rule));
    m_rule->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_rule->setMinimumContentsLength(10);
    m_marker->setObjectName(QStringLiteral("label_marker"));
    m_marker->setAccessibleName(tr("Marker"));
    m_marker->setPlaceholderText(tr("text, e.g. Solution:"));
    m_count->setObjectName(QStringLiteral("label_tokens"));
    m_count->setAccessibleName(tr("How many tokens"));
    m_count->setRange(1, 1'000'000);
    m_pattern->setObjectName(QStringLiteral("label_pattern"));
    m_pattern->setAccessibleName(tr("Pattern"));
    m_pattern->setFont(Theme::token_font());
    m_pattern->setPlaceholderText(tr("regular expression, e.g. \\d+"));
    m_pattern->setToolTip(tr("On the example's text; of a pattern with a group the first group counts"));
    m_padding->setObjectName(QStringLiteral("label_padding"));
    m_padding->setToolTip(tr("As the forum thread had it: only to see what that does. It needs padding to the full length."));
    m_error->set_role(Role::Bad);
    m_error->setObjectName(QStringLiteral("rule_error"));

    auto* row = new QHBoxLayout;
    row->addWidget(m_rule, 1);
    for (QWidget* field : std::initializer_list<QWidget*>{m_marker, m_count, m_pattern}) row->addWidget(field, 1);
    row->addWidget(m_padding);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_error);
    connect(m_rule, &QComboBox::activated, this, &LabelRuleForm::read_controls);
    connect(m_marker, &QLineEdit::textEdited, this, &LabelRuleForm::read_controls);
    connect(m_count, &QSpinBox::valueChanged, this, &LabelRuleForm::read_controls);
    connect(m_pattern, &QLineEdit::textEdited, this, &LabelRuleForm::read_controls);
    connect(m_padding, &QCheckBox::clicked, this, &LabelRuleForm::read_controls);
    set_spec({});
}

void LabelRuleForm::set_spec(const TemplateSpec& spec) {
    m_spec = spec;
    const QSignalBlocker quiet(m_count);
    m_rule->setCurrentIndex(m_rule->findData(static_cast<int>(spec.labels)));
    if (m_marker->text().toStdString() != spec.label_marker) m_marker->setText(QString::fromStdString(spec.label_marker));
    if (m_pattern->text().toStdString() != spec.label_pattern) m_pattern->setText(QString::fromStdString(spec.label_pattern));
    m_count->setValue(spec.label_tokens);
    m_padding->setChecked(spec.label_padding);
    show_fields();
}

void LabelRuleForm::show_fields() {
    m_marker->setVisible(m_spec.labels == LabelRule::AfterMarker);
    m_count->setVisible(m_spec.labels == LabelRule::LastTokens);
    m_pattern->setVisible(m_spec.labels == LabelRule::Pattern);
    const auto errors = label_rule_errors(m_spec);
    m_error->setText(errors.empty() ? QString() : QString::fromStdString(errors.front().message));
    m_error->setVisible(!errors.empty());
}

void LabelRuleForm::read_controls() {
    m_spec.labels = static_cast<LabelRule>(m_rule->currentData().toInt());
    m_spec.label_marker = m_marker->text().toStdString();
    m_spec.label_tokens = m_count->value();
    m_spec.label_pattern = m_pattern->text().toStdString();
    m_spec.label_padding = m_padding->isChecked();
    show_fields();
    if (label_rule_errors(m_spec).empty()) Q_EMIT changed();
}

}  // namespace lossmith::ui

#include "moc_LabelRuleForm.cpp"
