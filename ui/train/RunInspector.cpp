// The panel beside the Train page.
#include "ui/train/RunInspector.h"

#include <QVBoxLayout>
#include <algorithm>

#include "ui/train/DevicePicker.h"
#include "ui/train/EstimateTable.h"
#include "ui/train/EventList.h"
#include "ui/train/RunWatcher.h"
#include "ui/train/RunWords.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

RunInspector::RunInspector(QWidget* parent)
    : QWidget(parent),
      m_devices(new DevicePicker),
      m_estimate(new EstimateTable),
      m_facts(new FactList),
      m_events_heading(new SectionLabel(tr("Events"))),
      m_events(new EventList) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    layout->addWidget(new SectionLabel(tr("Devices")));
    layout->addWidget(m_devices);
    layout->addWidget(new SectionLabel(tr("Estimate and truth")));
    layout->addWidget(m_estimate);
    connect(m_estimate, &EstimateTable::change_wanted, this, &RunInspector::change_wanted);
    layout->addWidget(new SectionLabel(tr("What it learns from")));
    layout->addWidget(m_facts);
    layout->addWidget(m_events_heading);
    layout->addWidget(m_events, 100);
    layout->addStretch(1);
    show_form();
}

void RunInspector::set_rows(std::int64_t train, std::int64_t validation) {
    m_train_rows = train;
    m_validation_rows = validation;
    show_facts();
}

void RunInspector::set_estimate(const std::optional<RunEstimate>& estimate) {
    m_last_estimate = estimate;
    m_estimate->set_estimate(estimate);
    show_facts();
}

void RunInspector::set_estimate_note(const QString& sentence, bool wrong) {
    m_estimate->set_note(sentence, wrong);
}

void RunInspector::show_facts() {
    std::vector<FactList::Fact> facts = {{tr("Training rows"), count_text(m_train_rows)},
                                         {tr("Validation rows"), count_text(m_validation_rows)}};
    if (m_last_estimate) {
        const RunEstimate& estimate = *m_last_estimate;
        // Mostly padding, and few labels to learn from, are the two ways to train on next to nothing.
        const double labelled = estimate.share_of(estimate.labelled_tokens);
        const double padding = estimate.share_of(estimate.padding_tokens);
        facts.push_back({tr("Labelled tokens"), share_text(labelled), labelled < 0.05 ? Role::Warn : Role::Text});
        facts.push_back({tr("Problem, not labelled"), share_text(estimate.share_of(estimate.prompt_tokens))});
        facts.push_back({tr("Padding, not labelled"), share_text(padding), padding > 0.4 ? Role::Warn : Role::Text});
        facts.push_back({tr("Rows cut off"), count_text(estimate.truncated_rows), estimate.truncated_rows > 0 ? Role::Warn : Role::Text});
        facts.push_back({tr("Trainable parameters"), count_text(estimate.trainable_parameters)});
    }
    m_facts->set_facts(facts);
}

void RunInspector::show_form() {
    m_devices->set_read_only(false);
    m_estimate->set_truth({});
    m_estimate->show_truth(false);
    m_events_heading->hide();
    m_events->hide();
    m_events->clear();
}

void RunInspector::show_run(const Run& run) {
    m_devices->set_chosen(run.config.devices, run.config.threads);
    m_devices->set_read_only(true);
    m_devices->set_error({});
    m_estimate->show_truth(true);
    m_events_heading->show();
    m_events->show();
}

void RunInspector::take(const RunNews& news) {
    if (news.from_the_start) {
        m_events->clear();
        m_peak_memory.reset();
    }
    m_events->append(news.events);
    for (const Metric& metric : news.metrics) {
        if (metric.name == "memory_bytes") m_peak_memory = std::max(m_peak_memory.value_or(metric.value), metric.value);
    }
    EstimateTable::Truth truth;
    truth.memory_bytes = m_peak_memory;
    truth.seconds = seconds_of(news.run);
    if (news.disk_bytes > 0) truth.disk_bytes = static_cast<double>(news.disk_bytes);
    if (news.run.step > 0) truth.steps = static_cast<double>(news.run.step);
    m_estimate->set_truth(truth);
}

}  // namespace lossmith::ui

#include "moc_RunInspector.cpp"
