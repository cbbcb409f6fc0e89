#include "ui/logits/DistributionCard.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QSettings>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>

#include "ui/logits/DistributionModel.h"
#include "ui/logits/Measure.h"
#include "ui/logits/TwoSidesDelegate.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

namespace {

constexpr int typed_milliseconds = 250;
constexpr int row_height = 36;
const QString why_key = QStringLiteral("logits/why_negative");

QString place_text(double value) {
    return QString::number(value, 'f', 2);
}

}  // namespace

QString why_negative(const PlaceOfTwo& place) {
    const auto& told = place.tuned ? place.tuned : place.base;
    if (!told || told->top.empty()) return {};
    const PlacedToken& first = told->top.front();
    QString text =
        DistributionCard::tr(
            "Softmax takes exp(logit) / Σ exp(logit): adding the same number to all logits changes nothing, so only differences "
            "matter and zero means nothing. The probability is exp(logit − log-sum-exp). Here %1 has exp(%2 − %3) = %4.")
            .arg(shown_token(first.text), place_text(first.logit), place_text(told->log_sum_exp), probability_text(first.probability));
    const auto add = [&text](const QString& name, const std::optional<PlaceDistribution>& one) {
        if (!one) return;
        text += QLatin1Char('\n') + DistributionCard::tr("%1: logits from %2 to %3, mean %4, log-sum-exp %5")
                                        .arg(name, place_text(one->least_logit), place_text(one->largest_logit),
                                             place_text(one->mean_logit), place_text(one->log_sum_exp));
    };
    add(DistributionCard::tr("Base"), place.base);
    add(place.base ? DistributionCard::tr("Tuned") : DistributionCard::tr("Model"), place.tuned);
    return text;
}

DistributionCard::DistributionCard(QWidget* parent)
    : Card({}, parent),
      m_model(new DistributionModel(this)),
      m_table(new QTableView),
      m_find(new QLineEdit),
      m_typed(new QTimer(this)),
      m_why(new Chip(tr("Why negative?"))),
      m_explanation(new MutedLabel),
      m_nothing(new MutedLabel) {
    m_find->setObjectName(QStringLiteral("find_token"));
    m_find->setPlaceholderText(tr("Find a token, e.g. “ refund”"));
    m_find->setAccessibleName(tr("Find a token in the whole vocabulary"));
    m_find->setToolTip(tr("Where is it? Searches the whole vocabulary; a leading space counts"));
    m_find->setClearButtonEnabled(true);
    m_find->setMinimumWidth(90);
    m_find->setMaximumWidth(200);
    m_why->setObjectName(QStringLiteral("why_negative"));
    m_why->setCheckable(true);
    m_why->setToolTip(tr("What the sign of a logit means, with this place's own numbers"));
    m_explanation->setObjectName(QStringLiteral("why_negative_text"));
    m_explanation->setTextInteractionFlags(Qt::TextSelectableByMouse);
    header()->addWidget(m_why);
    header()->addWidget(m_find);
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("distribution"));
    m_table->setAccessibleName(tr("Most probable tokens"));
    m_table->setItemDelegate(new TwoSidesDelegate(m_table));
    dress_table(m_table, QStringLiteral("logits_distribution"));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->verticalHeader()->setDefaultSectionSize(row_height);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->horizontalHeader()->setSectionResizeMode(DistributionModel::Bar, QHeaderView::Stretch);
    constexpr std::pair<int, int> widths[] = {{DistributionModel::Token, 84},       {DistributionModel::Logit, 56},
                                              {DistributionModel::Probability, 64}, {DistributionModel::LogProbability, 54},
                                              {DistributionModel::Rank, 56},        {DistributionModel::After, 58}};
    for (const auto& [column, width] : widths) m_table->setColumnWidth(column, width);
    body()->addWidget(m_explanation);
    body()->addWidget(m_nothing);
    body()->addWidget(m_table, 1);
    add_actions();

    m_typed->setSingleShot(true);
    m_typed->setInterval(typed_milliseconds);
    connect(m_typed, &QTimer::timeout, this, &DistributionCard::find_changed);
    connect(m_find, &QLineEdit::textChanged, m_typed, qOverload<>(&QTimer::start));
    connect(m_why, &Chip::toggled, this, [this](bool on) {
        QSettings().setValue(why_key, on);
        m_explanation->setVisible(on && !m_explanation->text().isEmpty());
    });
    m_why->setChecked(QSettings().value(why_key, false).toBool());
    clear();
}

void DistributionCard::add_actions() {
    const auto put = [this](void (DistributionCard::*wanted)(qint64, const QString&)) {
        if (const PlaceRow* row = current_row()) Q_EMIT(this->*wanted)(row->id, QString::fromStdString(row->text));
    };
    auto* force = new QAction(tr("Put this token here and go on"), this);
    auto* change = new QAction(tr("Put this token here and keep the rest"), this);
    change->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
    change->setShortcutContext(Qt::WidgetShortcut);
    connect(force, &QAction::triggered, this, [put] { put(&DistributionCard::force_wanted); });
    connect(change, &QAction::triggered, this, [put] { put(&DistributionCard::change_wanted); });
    m_table->insertActions(m_table->actions().value(0), {force, change});
    connect(m_table, &QTableView::activated, force, &QAction::trigger);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (!index.isValid()) return;
        const PlaceRow& row = m_model->row(index.row());
        Q_EMIT current_changed(row.id, QString::fromStdString(row.text));
    });
}

const PlaceRow* DistributionCard::current_row() const {
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? &m_model->row(index.row()) : nullptr;
}

std::string DistributionCard::find_text() const {
    return m_find->text().toStdString();
}

void DistributionCard::show_place(const QString& heading, const PlaceOfTwo& place, std::optional<std::int64_t> id_here) {
    set_heading(heading);
    const bool looks_for = !m_find->text().isEmpty();
    const PlaceRow* before = current_row();
    const std::int64_t chosen = before ? before->id : -1;
    auto rows = place.rows(id_here, looks_for);
    m_nothing->setVisible(rows.empty());
    m_nothing->setText(tr("No token of the vocabulary holds “%1”.").arg(m_find->text()));
    int at = -1;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].id == chosen) at = static_cast<int>(i);
    m_model->set_rows(std::move(rows));
    m_table->setVisible(m_model->rowCount() > 0);
    if (at >= 0) m_table->setCurrentIndex(m_model->index(at, 0));
    explain(place);
}

void DistributionCard::explain(const PlaceOfTwo& place) {
    m_explanation->setText(why_negative(place));
    m_explanation->setVisible(m_why->isChecked() && !m_explanation->text().isEmpty());
}

void DistributionCard::clear() {
    set_heading(tr("What could stand here"));
    m_model->set_rows({});
    m_table->hide();
    m_explanation->clear();
    m_explanation->hide();
    m_nothing->setText(tr("Click a token above, or walk to it by the arrow keys."));
    m_nothing->show();
}

}  // namespace lossmith::ui

#include "moc_DistributionCard.cpp"
