// What a run was reckoned to take, and beside it what it took.
#include "ui/train/EstimateTable.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

constexpr int column_gap = 14;

const QString& unknown() {
    static const QString dash = QStringLiteral("–");
    return dash;
}

QString bytes_or_dash(const std::optional<double>& bytes) {
    return bytes ? bytes_text(static_cast<std::int64_t>(*bytes)) : unknown();
}

}  // namespace

EstimateTable::EstimateTable(QWidget* parent)
    : QWidget(parent), m_note(new MutedLabel), m_advice(new MutedLabel), m_change(new QPushButton(tr("Change it so"))) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(0);  // a column that is hidden would leave its gap
    grid->setVerticalSpacing(5);
    grid->setColumnStretch(0, 1);
    m_estimate_heading = new MutedLabel(tr("estimate"));
    m_truth_heading = new MutedLabel(tr("so far"));
    for (MutedLabel* heading : {m_estimate_heading, m_truth_heading}) {
        QFont small = heading->font();
        small.setPixelSize(11);
        heading->setFont(small);
        heading->setAlignment(Qt::AlignRight);
        heading->setContentsMargins(column_gap, 0, 0, 0);
    }
    grid->addWidget(m_estimate_heading, 0, 1);
    grid->addWidget(m_truth_heading, 0, 2);
    m_memory = add_line(tr("Memory"), 1);
    m_time = add_line(tr("Time"), 2);
    m_disk = add_line(tr("Disk"), 3);
    m_steps = add_line(tr("Steps"), 4);
    grid->addWidget(m_note, 5, 0, 1, 3);
    m_advice->set_role(Role::Bad);
    m_advice->setObjectName(QStringLiteral("advice"));
    m_change->setObjectName(QStringLiteral("change"));
    grid->addWidget(m_advice, 6, 0, 1, 3);
    grid->addWidget(m_change, 7, 0, 1, 3, Qt::AlignLeft);
    connect(m_change, &QPushButton::clicked, this, [this] { Q_EMIT change_wanted(m_changes); });
    set_estimate({});
    set_truth({});
    set_note({}, false);
}

EstimateTable::Line EstimateTable::add_line(const QString& label, int row) {
    auto* grid = static_cast<QGridLayout*>(layout());
    Line line{new QLabel, new MutedLabel};
    line.estimate->setAlignment(Qt::AlignRight);
    line.estimate->setAccessibleName(tr("%1, estimated").arg(label));
    line.truth->setAlignment(Qt::AlignRight);
    line.truth->setWordWrap(false);
    line.truth->setAccessibleName(tr("%1, so far").arg(label));
    for (QLabel* value : {line.estimate, static_cast<QLabel*>(line.truth)}) value->setContentsMargins(column_gap, 0, 0, 0);
    grid->addWidget(new QLabel(label), row, 0);
    grid->addWidget(line.estimate, row, 1);
    grid->addWidget(line.truth, row, 2);
    return line;
}

void EstimateTable::set_estimate(const std::optional<RunEstimate>& estimate) {
    m_memory.estimate->setText(estimate ? bytes_text(estimate->memory_bytes) : unknown());
    // One that does not fit is not timed.
    m_time.estimate->setText(estimate && estimate->advice.isEmpty() ? duration_text(estimate->seconds) : unknown());
    m_disk.estimate->setText(estimate ? bytes_text(estimate->disk_bytes) : unknown());
    m_steps.estimate->setText(estimate ? count_text(estimate->steps) : unknown());
    m_has_estimate = estimate.has_value();
    m_advice->setText(estimate ? estimate->advice : QString());
    m_advice->setVisible(!m_advice->text().isEmpty());
    m_changes = estimate ? estimate->changes : Json();
    m_change->setVisible(m_changes.is_object());
    QStringList fields;
    if (m_changes.is_object())
        for (const auto& [name, value] : m_changes.items())
            fields << QStringLiteral("%1 = %2").arg(QString::fromStdString(name), QString::fromStdString(value.dump()));
    m_change->setToolTip(fields.join(QLatin1Char('\n')));
    show_columns();
}

void EstimateTable::set_truth(const Truth& truth) {
    m_memory.truth->setText(bytes_or_dash(truth.memory_bytes));
    m_time.truth->setText(truth.seconds ? duration_text(*truth.seconds) : unknown());
    m_disk.truth->setText(bytes_or_dash(truth.disk_bytes));
    m_steps.truth->setText(truth.steps ? count_text(static_cast<std::int64_t>(*truth.steps)) : unknown());
}

void EstimateTable::show_truth(bool shown) {
    m_has_truth = shown;
    show_columns();
}

/// A run that was ended before this window came is not reckoned again: its truth stands alone.
void EstimateTable::show_columns() {
    m_estimate_heading->setVisible(m_has_estimate || !m_has_truth);
    m_truth_heading->setVisible(m_has_truth);
    for (const Line& line : {m_memory, m_time, m_disk, m_steps}) {
        line.estimate->setVisible(m_has_estimate || !m_has_truth);
        line.truth->setVisible(m_has_truth);
    }
}

void EstimateTable::set_note(const QString& sentence, bool wrong) {
    m_note->set_role(wrong ? Role::Bad : Role::Muted);
    m_note->setText(sentence);
    m_note->setVisible(!sentence.isEmpty());
}

}  // namespace lossmith::ui

#include "moc_EstimateTable.cpp"
