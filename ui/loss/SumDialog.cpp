// Puts losses together.
#include "ui/loss/SumDialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/widgets/Labels.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

constexpr double largest_weight = 10'000.0;

QDoubleSpinBox* weight_field(const QString& name, double value) {
    auto* field = new QDoubleSpinBox;
    field->setRange(-largest_weight, largest_weight);
    field->setDecimals(4);
    field->setSingleStep(0.1);
    field->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    field->setValue(value);
    field->setAccessibleName(name);
    return field;
}

}  // namespace

SumDialog::SumDialog(std::vector<SummableLoss> losses, QWidget* parent)
    : QDialog(parent), m_losses(std::move(losses)), m_grid(new QGridLayout), m_formula(new MutedLabel), m_error(new MutedLabel) {
    setWindowTitle(tr("Put losses together"));
    setMinimumWidth(660);
    auto* about = new MutedLabel(
        tr("The sum becomes a loss of your own, as text that you can read and change. Each term is a curve of its own; a weight may "
           "change from the start of the run to its end."));
    m_grid->setHorizontalSpacing(10);
    m_grid->setColumnStretch(0, 1);
    m_formula->setObjectName(QStringLiteral("formula"));
    m_error->set_role(Role::Bad);
    m_error->setObjectName(QStringLiteral("sum_error"));
    m_error->hide();
    auto* add = new QPushButton(tr("Add a loss"));
    add->setObjectName(QStringLiteral("add_term"));
    add->setAutoDefault(false);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_put_together = buttons->addButton(tr("Put together"), QDialogButtonBox::AcceptRole);
    m_put_together->setObjectName(QStringLiteral("put_together"));
    m_put_together->setDefault(true);
    make_primary(m_put_together);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(12);
    layout->addWidget(about);
    layout->addLayout(m_grid);
    layout->addWidget(add, 0, Qt::AlignLeft);
    layout->addWidget(m_formula);
    layout->addWidget(m_error);
    layout->addStretch(1);
    layout->addWidget(buttons);
    connect(add, &QPushButton::clicked, this, [this] { add_term(); });
    connect(m_put_together, &QPushButton::clicked, this, [this] { Q_EMIT sum_wanted(terms()); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    add_term(QStringLiteral("cross_entropy"), 1.0);
    add_term(QStringLiteral("kl_to_base"), 0.1);
}

void SumDialog::add_term(const QString& name, double weight) {
    Term term{new QComboBox, weight_field(tr("Weight at the start"), weight), new QComboBox, weight_field(tr("Weight at the end"), weight),
              new QPushButton(tr("Remove"))};
    for (const SummableLoss& loss : m_losses) term.loss->addItem(loss.title, loss.name);
    term.loss->setAccessibleName(tr("Loss"));
    // One that is not there yet, where nobody named one.
    int index = term.loss->findData(name);
    for (int i = 0; index < 0 && i < term.loss->count(); ++i)
        if (std::ranges::none_of(m_terms, [&](const Term& other) { return other.loss->currentIndex() == i; })) index = i;
    term.loss->setCurrentIndex(std::max(index, 0));
    term.schedule->addItem(tr("stays"), QStringLiteral("constant"));
    term.schedule->addItem(tr("linear to"), QStringLiteral("linear"));
    term.schedule->addItem(tr("cosine to"), QStringLiteral("cosine"));
    term.schedule->addItem(tr("at half of the run"), QStringLiteral("step"));
    term.schedule->setAccessibleName(tr("How the weight changes"));
    term.end->setEnabled(false);
    term.remove->setAutoDefault(false);
    connect(term.loss, &QComboBox::currentIndexChanged, this, &SumDialog::show_formula);
    connect(term.start, &QDoubleSpinBox::valueChanged, this, &SumDialog::show_formula);
    connect(term.end, &QDoubleSpinBox::valueChanged, this, &SumDialog::show_formula);
    connect(term.schedule, &QComboBox::currentIndexChanged, this, [this, end = term.end](int choice) {
        end->setEnabled(choice > 0);
        show_formula();
    });
    connect(term.remove, &QPushButton::clicked, this, [this, button = term.remove] { remove_term(button); });
    m_terms.push_back(term);
    lay_out();
}

void SumDialog::remove_term(const QPushButton* button) {
    const auto gone = std::ranges::find(m_terms, button, &Term::remove);
    if (gone == m_terms.end() || m_terms.size() == 1) return;
    for (QWidget* part : std::initializer_list<QWidget*>{gone->loss, gone->start, gone->schedule, gone->end, gone->remove})
        part->deleteLater();
    m_terms.erase(gone);
    lay_out();
}

void SumDialog::lay_out() {
    int row = 0;
    for (const Term& term : m_terms) {
        int column = 0;
        for (QWidget* part : std::initializer_list<QWidget*>{term.loss, term.start, term.schedule, term.end, term.remove})
            m_grid->addWidget(part, row, column++);
        term.remove->setEnabled(m_terms.size() > 1);
        ++row;
    }
    show_formula();
}

void SumDialog::show_formula() {
    QStringList parts;
    for (const Term& term : m_terms) {
        QString weight = QString::number(term.start->value());
        if (term.schedule->currentIndex() > 0) weight = QStringLiteral("(%1 → %2)").arg(weight, QString::number(term.end->value()));
        parts.append(QStringLiteral("%1 · %2").arg(weight, term.loss->currentText()));
    }
    m_formula->setText(tr("loss = %1").arg(parts.join(QStringLiteral(" + "))));
    m_error->hide();
}

Json SumDialog::terms() const {
    Json all = Json::array();
    for (const Term& term : m_terms) {
        const auto loss = std::ranges::find(m_losses, term.loss->currentData().toString(), &SummableLoss::name);
        if (loss == m_losses.end()) continue;
        Json json = {{"name", loss->name.toStdString()},
                     {"weight", term.start->value()},
                     {"schedule", term.schedule->currentData().toString().toStdString()}};
        if (term.schedule->currentIndex() > 0) json["weight_end"] = term.end->value();
        if (!loss->source.isEmpty()) json["source"] = loss->source.toStdString();
        all.push_back(std::move(json));
    }
    return all;
}

void SumDialog::show_error(const QString& sentence) {
    m_error->setText(sentence);
    m_error->show();
}

}  // namespace lossmith::ui

#include "moc_SumDialog.cpp"
