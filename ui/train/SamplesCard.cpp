// The card "Samples as it learns".
#include "ui/train/SamplesCard.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/train/SamplesModel.h"
#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

SamplesCard::SamplesCard(QWidget* parent)
    : Card(tr("Samples as it learns"), parent),
      m_prompt(new ElidedComboBox),
      m_problem(new MutedLabel),
      m_empty(new MutedLabel(tr("No samples yet. They come with each validation, or when you press “Sample now”."))),
      m_table(new QTableView),
      m_model(new SamplesModel(this)) {
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setToolTip(tr("Which of the run's fixed prompts"));
    m_prompt->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_prompt->setMaximumWidth(420);
    m_prompt->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_prompt->setMinimumContentsLength(16);
    header()->addWidget(m_prompt);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table->setModel(m_model);
    dress_table(m_table, QStringLiteral("samples"));
    m_table->setObjectName(QStringLiteral("samples"));
    m_table->setAccessibleName(tr("Samples by step"));
    m_table->setWordWrap(true);
    m_table->horizontalHeader()->resizeSection(SamplesModel::StepColumn, 68);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    body()->addWidget(m_problem);
    body()->addWidget(m_empty, 1, Qt::AlignTop);
    body()->addWidget(m_table, 1);
    connect(m_prompt, &QComboBox::currentIndexChanged, this, &SamplesCard::show_prompt);
    // Rows get higher as the column gets narrower; the newest sample stays in view until somebody scrolls away from it.
    connect(m_table->horizontalHeader(), &QHeaderView::sectionResized, m_table, &QTableView::resizeRowsToContents);
    QScrollBar* bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::actionTriggered, this, [this, bar] { m_follows = bar->sliderPosition() >= bar->maximum(); });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int last) {
        if (m_follows) bar->setValue(last);
    });
    set_samples({});
}

void SamplesCard::set_samples(const std::vector<Sample>& samples) {
    const bool same = samples.size() == m_samples.size() &&
                      (samples.empty() || (samples.back().text == m_samples.back().text && samples.back().step == m_samples.back().step &&
                                           samples.front().problem == m_samples.front().problem));
    if (same && !samples.empty()) return;
    m_samples = samples;
    m_empty->setVisible(samples.empty());
    m_table->setVisible(!samples.empty());
    m_prompt->setVisible(!samples.empty());
    m_problem->setVisible(!samples.empty());
    fill_prompts();
    show_prompt();
}

void SamplesCard::fill_prompts() {
    const int chosen = m_prompt->currentIndex();
    const QSignalBlocker quiet(m_prompt);
    std::int64_t prompts = 0;
    for (const Sample& sample : m_samples) prompts = std::max(prompts, sample.prompt + 1);
    m_prompt->clear();
    for (std::int64_t prompt = 0; prompt < prompts; ++prompt) {
        QString problem;
        for (const Sample& sample : m_samples) {
            if (sample.prompt != prompt) continue;
            problem = one_line(QString::fromStdString(sample.problem), 80);
            break;
        }
        m_prompt->addItem(tr("prompt %1 of %2 · “%3”").arg(prompt + 1).arg(prompts).arg(problem));
    }
    m_prompt->setCurrentIndex(chosen >= 0 && chosen < m_prompt->count() ? chosen : m_prompt->count() > 0 ? 0 : -1);
}

void SamplesCard::choose_prompt(int prompt) {
    m_prompt->setCurrentIndex(prompt);
}

void SamplesCard::show_prompt() {
    std::vector<Sample> shown;
    for (const Sample& sample : m_samples) {
        if (sample.prompt == m_prompt->currentIndex()) shown.push_back(sample);
    }
    if (!shown.empty()) {
        const QString solution = one_line(QString::fromStdString(shown.front().solution), 240);
        m_problem->setText(solution.isEmpty() ? tr("The row has no solution to hold against.") : tr("True solution: %1").arg(solution));
    }
    m_model->set_samples(std::move(shown));
    m_follows = true;
    m_table->resizeRowsToContents();
    m_table->scrollToBottom();
}

}  // namespace lossmith::ui

#include "moc_SamplesCard.cpp"
