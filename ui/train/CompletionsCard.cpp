// The card "What it wrote and learnt from".
#include "ui/train/CompletionsCard.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QHelpEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QTableView>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"
#include "ui/widgets/Theme.h"

namespace lossmith::ui {
namespace {

constexpr int cell_margin = 6;
constexpr double strongest_colour = 0.5;  // of green or red over the paper; the words on it stay readable

QString token_text(const Json& token) {
    QString text = QString::fromStdString(string_or_empty(token, "text"));
    return text.replace(QLatin1Char('\n'), QChar(0x23CE)).replace(QLatin1Char('\t'), QChar(0x21E5));
}

double token_number(const Json& token, const char* name) {
    const auto found = token.find(name);
    return found != token.end() && found->is_number() ? found->get<double>() : 0.0;
}

QString signed_number(double value) {
    return (value > 0 ? QStringLiteral("+") : QString()) + QString::number(value, 'f', 3);
}

}  // namespace

void CompletionsModel::set_completions(std::vector<RewardedCompletion> completions) {
    beginResetModel();
    m_completions = std::move(completions);
    m_largest = 0.0;
    for (int row = 0; row < rowCount(); ++row)
        for (int token = 0; token < static_cast<int>(completion(row).tokens.size()); ++token)
            m_largest = std::max(m_largest, std::abs(pull(row, token)));
    endResetModel();
}

double CompletionsModel::pull(int row, int token) const {
    const RewardedCompletion& from = completion(row);
    if (token < 0 || token >= static_cast<int>(from.tokens.size())) return 0.0;
    return from.advantage * (1.0 - std::exp(token_number(from.tokens[static_cast<std::size_t>(token)], "log_prob")));
}

int CompletionsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_completions.size());
}

int CompletionsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CompletionsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const RewardedCompletion& from = completion(index.row());
    switch (role) {
        case Qt::DisplayRole:
            if (index.column() == RewardColumn) return QString::number(from.reward, 'f', 3);
            if (index.column() == AdvantageColumn) return signed_number(from.advantage);
            return QString::fromStdString(from.text);
        case Qt::ToolTipRole: {
            if (index.column() != RewardColumn || from.parts.empty()) return {};
            QStringList parts;
            for (const auto& [name, value] : from.parts.items())
                if (value.is_number())
                    parts.append(QStringLiteral("%1: %2").arg(QString::fromStdString(name), QString::number(value.get<double>(), 'f', 3)));
            return parts.join(QLatin1Char('\n'));
        }
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(Qt::Alignment((index.column() == TextColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignTop));
        case Qt::ForegroundRole:
            if (index.column() != AdvantageColumn || from.advantage == 0.0) return {};
            return Theme::colour(from.advantage > 0 ? Role::Ok : Role::Bad);
        default: return {};
    }
}

QVariant CompletionsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment((section == TextColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole) return {};
    if (section == RewardColumn) return tr("reward");
    return section == AdvantageColumn ? tr("advantage") : tr("completion");
}

CompletionDelegate::CompletionDelegate(CompletionsModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

std::vector<QRect> CompletionDelegate::places(const QFontMetrics& metrics, int row, int width) const {
    std::vector<QRect> places;
    const int line = metrics.height() + 4;
    int x = cell_margin;
    int y = 3;
    for (const Json& token : m_model.completion(row).tokens) {
        const int wide = std::max(metrics.horizontalAdvance(token_text(token)), 4);
        if (x > cell_margin && x + wide > width - cell_margin) {
            x = cell_margin;
            y += line;
        }
        places.emplace_back(x, y, wide, line - 1);
        x += wide + 1;
    }
    return places;
}

void CompletionDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    const auto where = places(option.fontMetrics, index.row(), option.rect.width());
    const auto& tokens = m_model.completion(index.row()).tokens;
    painter->setFont(option.font);
    painter->setClipRect(option.rect);
    for (std::size_t i = 0; i < where.size(); ++i) {
        const QRect box = where[i].translated(option.rect.topLeft());
        const double pull = m_model.pull(index.row(), static_cast<int>(i));
        if (m_model.largest_pull() > 0.0 && pull != 0.0) {
            QColor colour = Theme::colour(pull > 0 ? Role::Ok : Role::Bad);
            colour.setAlphaF(static_cast<float>(strongest_colour * std::abs(pull) / m_model.largest_pull()));
            painter->fillRect(box, colour);
        }
        painter->setPen(Theme::colour(Role::Text));
        painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, token_text(tokens[i]));
    }
    painter->restore();
}

QSize CompletionDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto* table = qobject_cast<const QTableView*>(option.widget);
    const int width = table != nullptr ? table->columnWidth(index.column()) : option.rect.width();
    const auto where = places(option.fontMetrics, index.row(), width);
    return {width, where.empty() ? option.fontMetrics.height() + 8 : where.back().bottom() + 5};
}

QString CompletionDelegate::tip_of(int row, int token) const {
    const auto& tokens = m_model.completion(row).tokens;
    if (token < 0 || token >= static_cast<int>(tokens.size())) return {};
    const Json& each = tokens[static_cast<std::size_t>(token)];
    const double log_prob = token_number(each, "log_prob");
    return QStringLiteral("“%1”\n").arg(token_text(each)) +
           tr("log-probability %1 (%2 %)").arg(QString::number(log_prob, 'f', 3), QString::number(100.0 * std::exp(log_prob), 'f', 1)) +
           QLatin1Char('\n') + tr("advantage × (1 − probability): %1").arg(signed_number(m_model.pull(row, token))) + QLatin1Char('\n') +
           tr("KL to the base %1 · entropy %2 nats")
               .arg(QString::number(token_number(each, "kl"), 'f', 3), QString::number(token_number(each, "entropy"), 'f', 3));
}

bool CompletionDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                                   const QModelIndex& index) {
    const auto where = places(option.fontMetrics, index.row(), option.rect.width());
    const QPoint inside = event->pos() - option.rect.topLeft();
    const auto hit = std::ranges::find_if(where, [inside](const QRect& box) { return box.contains(inside); });
    if (hit == where.end()) {
        QToolTip::hideText();
        return false;
    }
    QToolTip::showText(event->globalPos(), tip_of(index.row(), static_cast<int>(hit - where.begin())), view);
    return true;
}

CompletionsCard::CompletionsCard(QWidget* parent)
    : Card(tr("What it wrote and learnt from"), parent),
      m_step(new QComboBox),
      m_prompt(new ElidedComboBox),
      m_solution(new MutedLabel),
      m_empty(new MutedLabel(tr("No completions yet. They come with the samples."))),
      m_table(new QTableView),
      m_model(new CompletionsModel(this)),
      m_delegate(new CompletionDelegate(*m_model, this)) {
    m_step->setAccessibleName(tr("Step"));
    m_step->setToolTip(tr("At which step it wrote"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setToolTip(tr("Which of the step's training rows"));
    m_prompt->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_prompt->setMinimumContentsLength(10);
    header()->addWidget(m_step);
    header()->addWidget(m_prompt);
    m_solution->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table->setModel(m_model);
    dress_table(m_table, QStringLiteral("completions"));
    m_table->setObjectName(QStringLiteral("completions"));
    m_table->setAccessibleName(tr("Completions with reward and advantage"));
    m_table->setToolTip(tr("Green tokens are made more likely by this step, red ones less; the stronger, the more it pulls"));
    m_table->setItemDelegateForColumn(CompletionsModel::TextColumn, m_delegate);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->horizontalHeader()->resizeSection(CompletionsModel::RewardColumn, 66);
    m_table->horizontalHeader()->resizeSection(CompletionsModel::AdvantageColumn, 84);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    body()->addWidget(m_solution);
    body()->addWidget(m_empty, 1, Qt::AlignTop);
    body()->addWidget(m_table, 1);
    connect(m_step, &QComboBox::currentIndexChanged, this, &CompletionsCard::fill_prompts);
    connect(m_prompt, &QComboBox::currentIndexChanged, this, &CompletionsCard::show_chosen);
    connect(m_table->horizontalHeader(), &QHeaderView::sectionResized, m_table, &QTableView::resizeRowsToContents);
    clear();
}

void CompletionsCard::clear() {
    m_completions.clear();
    fill_steps();
}

void CompletionsCard::add_completions(const std::vector<RewardedCompletion>& completions) {
    if (completions.empty()) return;
    m_completions.insert(m_completions.end(), completions.begin(), completions.end());
    fill_steps();
}

void CompletionsCard::fill_steps() {
    const bool was_last = m_step->currentIndex() == m_step->count() - 1;
    const QVariant chosen = m_step->currentData();
    {
        const QSignalBlocker quiet(m_step);
        m_step->clear();
        for (const RewardedCompletion& completion : m_completions)
            if (m_step->count() == 0 || m_step->itemData(m_step->count() - 1).toLongLong() != completion.step)
                m_step->addItem(tr("step %1").arg(count_text(completion.step)),
                                QVariant::fromValue(static_cast<qlonglong>(completion.step)));
        // The newest stays in view until somebody chooses another.
        const int same = m_step->findData(chosen);
        m_step->setCurrentIndex(was_last || same < 0 ? m_step->count() - 1 : same);
    }
    const bool any = !m_completions.empty();
    m_empty->setVisible(!any);
    for (QWidget* part : std::initializer_list<QWidget*>{m_step, m_prompt, m_solution, m_table}) part->setVisible(any);
    fill_prompts();
}

void CompletionsCard::fill_prompts() {
    const int chosen = m_prompt->currentIndex();
    {
        const QSignalBlocker quiet(m_prompt);
        m_prompt->clear();
        for (const RewardedCompletion& completion : m_completions)
            if (completion.step == m_step->currentData().toLongLong() && completion.prompt == m_prompt->count())
                m_prompt->addItem(
                    QStringLiteral("%1 · “%2”").arg(m_prompt->count() + 1).arg(one_line(QString::fromStdString(completion.problem), 80)));
        m_prompt->setCurrentIndex(m_prompt->count() == 0 ? -1 : std::clamp(chosen, 0, m_prompt->count() - 1));
    }
    show_chosen();
}

void CompletionsCard::show_chosen() {
    std::vector<RewardedCompletion> shown;
    for (const RewardedCompletion& completion : m_completions)
        if (completion.step == m_step->currentData().toLongLong() && completion.prompt == m_prompt->currentIndex())
            shown.push_back(completion);
    if (!shown.empty()) {
        const QString solution = one_line(QString::fromStdString(shown.front().solution), 240);
        m_solution->setText(solution.isEmpty() ? tr("The row has no solution to hold against.") : tr("True solution: %1").arg(solution));
    }
    // The best first, as one reads them.
    std::ranges::stable_sort(shown, [](const auto& a, const auto& b) { return a.reward > b.reward; });
    m_model->set_completions(std::move(shown));
    m_table->resizeRowsToContents();
}

}  // namespace lossmith::ui

#include "moc_CompletionsCard.cpp"
