#include "ui/logits/RunStripCard.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>
#include <optional>

#include "core/project/RunStore.h"
#include "ui/logits/TokenStrip.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/ElidedComboBox.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

struct RunStripCard::Read {
    std::vector<std::pair<std::int64_t, QString>> runs;  ///< newest first
    SeenSamples seen;
    std::optional<std::vector<SampledStrip>> samples;  ///< nothing: as they were
};

namespace {

QString run_name(const Run& run) {
    return run.name.empty() ? RunStripCard::tr("run %1").arg(run.id)
                            : RunStripCard::tr("run %1 “%2”").arg(run.id).arg(QString::fromStdString(run.name));
}

std::vector<SampledStrip> strips_from(const std::vector<Sample>& samples) {
    std::vector<SampledStrip> strips;
    for (const Sample& sample : samples) {
        InspectedText text = inspected_text_from_sample(sample.tokens);
        if (text.tokens.empty()) continue;
        strips.push_back({sample.step, sample.prompt, one_line(QString::fromStdString(sample.problem), 80), std::move(text)});
    }
    return strips;
}

}  // namespace

RunStripCard::RunStripCard(QWidget* parent)
    : Card({}, parent),
      m_runs(new ElidedComboBox),
      m_prompts(new ElidedComboBox),
      m_slider(new QSlider(Qt::Horizontal)),
      m_step(new MutedLabel),
      m_nothing(new MutedLabel(tr("A run keeps the probabilities of its fixed prompts at each sampling. There are none of this run."))),
      m_strip(new TokenStrip) {
    m_runs->setObjectName(QStringLiteral("strip_run"));
    m_runs->setAccessibleName(tr("Run"));
    m_prompts->setObjectName(QStringLiteral("strip_prompt"));
    m_prompts->setAccessibleName(tr("Fixed prompt"));
    for (QComboBox* box : {m_runs, m_prompts}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(10);
    }
    m_slider->setObjectName(QStringLiteral("strip_step"));
    m_slider->setAccessibleName(tr("Sampling"));
    m_slider->setPageStep(1);
    m_step->setWordWrap(false);
    m_strip->setObjectName(QStringLiteral("run_strip"));
    m_strip->setAccessibleName(tr("The prompt and its solution at this step"));
    m_strip->set_tips([this](std::size_t token) {
        const InspectedText* text = shown();
        return text && token < text->tokens.size() ? tip_of(text->tokens[token], token) : QString();
    });
    auto* choices = new QHBoxLayout;
    choices->addWidget(m_runs, 1);
    choices->addWidget(m_prompts, 2);
    auto* steps = new QHBoxLayout;
    steps->addWidget(m_slider, 1);
    steps->addWidget(m_step);
    auto* inside = new QWidget;
    inside->setObjectName(QStringLiteral("scroll_body"));
    auto* strip_layout = new QVBoxLayout(inside);
    strip_layout->setContentsMargins(0, 0, 0, 0);
    strip_layout->addWidget(m_strip);
    strip_layout->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(inside);
    body()->addLayout(choices);
    body()->addLayout(steps);
    body()->addWidget(m_nothing);
    body()->addWidget(scroll, 1);
    connect(m_runs, &QComboBox::currentIndexChanged, this, &RunStripCard::read);
    connect(m_prompts, &QComboBox::currentIndexChanged, this, &RunStripCard::fill_steps);
    connect(m_slider, &QSlider::valueChanged, this, &RunStripCard::draw);
    fill_prompts();
}

void RunStripCard::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_samples.clear();
    m_seen = {};
    m_asking = false;
    {
        const QSignalBlocker quiet(m_runs);
        m_runs->clear();
    }
    fill_prompts();
    if (!m_session) return;
    connect(m_session, &ProjectSession::changed, this, &RunStripCard::read);
    read();
}

void RunStripCard::showEvent(QShowEvent* event) {
    Card::showEvent(event);
    read();
}

std::int64_t RunStripCard::chosen_run() const {
    return m_runs->currentData().toLongLong();
}

void RunStripCard::choose_run(std::int64_t run) {
    m_runs->setCurrentIndex(m_runs->findData(QVariant::fromValue(static_cast<qlonglong>(run))));
}

void RunStripCard::read() {
    if (!m_session || !isVisible()) return;
    m_ask_again = m_asking;
    if (std::exchange(m_asking, true)) return;
    m_session->ask(
        this,
        [chosen = chosen_run(), seen = m_seen](Project& project) -> Result<Read> {
            Read read;
            for (const Run& run : LOSSMITH_TRY(project.runs().runs())) read.runs.emplace_back(run.id, run_name(run));
            const bool there = std::ranges::any_of(read.runs, [chosen](const auto& run) { return run.first == chosen; });
            read.seen.run = there ? chosen : read.runs.empty() ? 0 : read.runs.front().first;
            if (read.seen.run == 0) return read;
            // The tokens are by far the most of it, so whether there are new ones is asked first.
            const auto texts = LOSSMITH_TRY(project.runs().samples(read.seen.run, SampleParts::Texts));
            read.seen.samples = texts.size();
            read.seen.last_step = texts.empty() ? 0 : texts.back().step;
            if (seen == read.seen) return read;
            read.samples = strips_from(LOSSMITH_TRY(project.runs().samples(read.seen.run, SampleParts::All)));
            return read;
        },
        [this, asked_of = m_session](Result<Read> read) {
            if (asked_of != m_session) return;
            m_asking = false;
            if (!read) return Q_EMIT failed(read.error());
            take(std::move(*read));
            if (std::exchange(m_ask_again, false)) this->read();
        });
}

void RunStripCard::take(Read read) {
    {
        const QSignalBlocker quiet(m_runs);
        m_runs->clear();
        for (const auto& [id, name] : read.runs) m_runs->addItem(name, QVariant::fromValue(static_cast<qlonglong>(id)));
        choose_run(read.seen.run);
    }
    if (read.samples) m_samples = std::move(*read.samples);
    if (read.seen.run == 0) m_samples.clear();
    const bool other_run = std::exchange(m_seen, read.seen).run != read.seen.run;
    if (read.samples || other_run) fill_prompts();
}

void RunStripCard::fill_prompts() {
    {
        const QSignalBlocker quiet(m_prompts);
        const int before = m_prompts->currentIndex();
        m_prompts->clear();
        for (const SampledStrip& sample : m_samples)
            if (m_prompts->findData(QVariant::fromValue(static_cast<qlonglong>(sample.prompt))) < 0)
                m_prompts->addItem(sample.problem, QVariant::fromValue(static_cast<qlonglong>(sample.prompt)));
        m_prompts->setCurrentIndex(before >= 0 && before < m_prompts->count() ? before : m_prompts->count() > 0 ? 0 : -1);
    }
    const bool any = !m_samples.empty();
    m_nothing->setVisible(!any);
    for (QWidget* part : std::initializer_list<QWidget*>{m_prompts, m_slider, m_step, m_strip}) part->setVisible(any);
    m_runs->setVisible(m_runs->count() > 0);
    fill_steps();
}

void RunStripCard::fill_steps() {
    const bool follows = m_slider->value() == m_slider->maximum();
    m_steps.clear();
    const std::int64_t prompt = m_prompts->currentData().toLongLong();
    for (std::size_t i = 0; i < m_samples.size(); ++i)
        if (m_samples[i].prompt == prompt) m_steps.push_back(i);
    {
        const QSignalBlocker quiet(m_slider);
        m_slider->setRange(0, std::max(static_cast<int>(m_steps.size()) - 1, 0));
        if (follows) m_slider->setValue(m_slider->maximum());
    }
    draw();
}

const InspectedText* RunStripCard::shown() const {
    const auto at = static_cast<std::size_t>(m_slider->value());
    return at < m_steps.size() ? &m_samples[m_steps[at]].text : nullptr;
}

void RunStripCard::draw() {
    const InspectedText* text = shown();
    std::vector<StripCell> cells;
    if (text) {
        for (const InspectedToken& token : text->tokens) {
            StripCell cell{shown_token(token.text), {}, {}, token.labelled.value_or(false)};
            if (token.tuned) {
                cell.value = value_of(*token.tuned, m_measure);
                cell.value_text = value_text(*token.tuned, m_measure);
            }
            cells.push_back(std::move(cell));
        }
        const auto figure = perplexity(*text, ModelSide::Tuned);
        m_step->setText(tr("step %1 · perplexity %2")
                            .arg(count_text(m_samples[m_steps[static_cast<std::size_t>(m_slider->value())]].step),
                                 figure ? QString::number(*figure, 'g', 3) : QStringLiteral("–")));
    }
    m_strip->set_cells(std::move(cells), scale_of(m_measure));
}

void RunStripCard::set_measure(Measure measure) {
    m_measure = measure;
    draw();
}

void RunStripCard::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) m_strip->update();
    Card::changeEvent(event);
}

}  // namespace lossmith::ui

#include "moc_RunStripCard.cpp"
