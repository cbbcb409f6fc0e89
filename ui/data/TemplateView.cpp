// Edits the project's template and shows at once what it does.
#include "ui/data/TemplateView.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QUndoStack>
#include <utility>

#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "ui/data/ExamplePreview.h"
#include "ui/data/LengthHistogram.h"
#include "ui/data/TemplateForm.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/LatestAnswer.h"

namespace lossmith::ui {

namespace {

constexpr std::int64_t sample_rows = 5000;
constexpr std::size_t rows_on_show = 4;
constexpr int save_after_milliseconds = 700;
constexpr int gpt2_positions = 1024;
const QString limit_key = QStringLiteral("data/truncation_line");

struct SampledRows {
    std::vector<Row> rows;
    std::int64_t all = 0;
};

Result<SampledRows> sample_of(Project& project) {
    SampledRows sampled;
    sampled.all = LOSSMITH_TRY(project.data().count(Split::Train));
    sampled.rows = LOSSMITH_TRY(project.data().rows(Split::Train, sample_rows));
    return sampled;
}

}  // namespace

TemplateView::TemplateView(QWidget* parent)
    : QWidget(parent),
      m_drawer(std::make_unique<LatestAnswer>()),
      m_error(new ErrorBanner),
      m_form(new TemplateForm),
      m_preview(new ExamplePreview),
      m_histogram(new LengthHistogram),
      m_limit(new QSpinBox),
      m_lengths_said(new ElidedLabel) {
    m_preview->setObjectName(QStringLiteral("example_preview"));
    m_histogram->setObjectName(QStringLiteral("length_histogram"));
    m_lengths_said->setObjectName(QStringLiteral("lengths_said"));
    m_limit->setObjectName(QStringLiteral("truncation_line"));
    m_limit->setRange(1, 1'000'000);
    m_limit->setAccessibleName(tr("Longest row in tokens"));
    m_limit->setValue(QSettings().value(limit_key, gpt2_positions).toInt());
    m_histogram->set_limit(m_limit->value());

    auto* fields = new Card(tr("Template"));
    fields->body()->addWidget(m_form);
    auto* rows = new Card(tr("As the model reads them"));
    auto* labelled = new Chip(tr("labelled"));
    labelled->set_role(Role::Tuned);
    auto* ignored = new Chip(tr("not labelled"));
    auto* special = new Chip(tr("special"));
    special->set_role(Role::Warn);
    auto* cut = new Chip(tr("cut off"));
    cut->set_role(Role::Bad);
    for (Chip* chip : {labelled, ignored, special, cut}) rows->header()->addWidget(chip);
    rows->body()->addWidget(m_preview);
    auto* lengths = new Card(tr("Length in tokens"));
    lengths->header()->addWidget(m_lengths_said);
    lengths->header()->addWidget(new QLabel(tr("cut at")));
    lengths->header()->addWidget(m_limit);
    lengths->body()->addWidget(m_histogram);

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 10, 0, 0);
    grid->setSpacing(12);
    grid->addWidget(m_error, 0, 0, 1, 2);
    grid->addWidget(fields, 1, 0, 2, 1);
    grid->addWidget(rows, 1, 1);
    grid->addWidget(lengths, 2, 1);
    grid->setColumnStretch(0, 2);
    grid->setColumnStretch(1, 3);
    grid->setRowStretch(1, 3);
    grid->setRowStretch(2, 2);

    m_save_timer.setSingleShot(true);
    m_save_timer.setInterval(save_after_milliseconds);
    connect(&m_save_timer, &QTimer::timeout, this, &TemplateView::save_now);
    connect(m_form, &TemplateForm::edited, this, &TemplateView::spec_edited);
    connect(m_limit, &QSpinBox::valueChanged, this, [this](int limit) {
        QSettings().setValue(limit_key, limit);
        m_histogram->set_limit(limit);
        show_limit();
        draw_rows();
    });
    connect(m_histogram, &LengthHistogram::limit_dragged, m_limit, &QSpinBox::setValue);
}

TemplateView::~TemplateView() {
    save_now();
}

QUndoStack* TemplateView::undo_stack() {
    return m_form->undo_stack();
}

void TemplateView::set_project(ProjectSession* session) {
    save_now();
    m_session = session;
    m_rows.reset();
    m_drawer->forget();
    m_error->clear();
    m_ready = session == nullptr;
    if (session == nullptr) return;
    connect(session, &ProjectSession::changed, this, &TemplateView::read_template);
    read_template();
}

void TemplateView::read_template() {
    if (!m_session || is_being_edited()) return;  // what is being typed here is newer
    m_session->ask(
        this, [](Project& project) { return project.templates().current(); },
        [this](const Result<TemplateSpec>& spec) {
            if (!spec) {
                m_error->show_error(spec.error());
                return;
            }
            if (is_being_edited() || (*spec == m_saved && *spec == m_form->spec())) return;
            m_saved = *spec;
            m_form->show_saved(*spec);
        });
}

/// An edit that is not saved yet, be it because it is not valid yet.
bool TemplateView::is_being_edited() const {
    return m_unsaved || !m_form->spec().validate().empty();
}

void TemplateView::reread() {
    if (!m_session) return;
    m_ready = false;
    m_session->ask(
        this, [](Project& project) { return sample_of(project); },
        [this](Result<SampledRows> sampled) {
            if (!sampled) {
                m_error->show_error(sampled.error());
                return;
            }
            m_all_rows = sampled->all;
            m_rows = std::make_shared<const std::vector<Row>>(std::move(sampled->rows));
            draw_rows();
        });
}

void TemplateView::spec_edited(const TemplateSpec& spec) {
    const std::vector<Error> errors = spec.validate();
    if (!errors.empty()) {
        m_error->show_error(errors.front());
        m_unsaved = false;
        m_save_timer.stop();
        return;
    }
    m_error->clear();
    m_unsaved = !(spec == m_saved);
    m_unsaved ? m_save_timer.start() : m_save_timer.stop();
    draw_rows();
}

void TemplateView::save_now() {
    m_save_timer.stop();
    if (!std::exchange(m_unsaved, false) || !m_session) return;
    m_saved = m_form->spec();
    m_session->ask(
        this, [spec = m_saved](Project& project) { return project.templates().set_current(spec); },
        [this](const Status& saved) {
            if (!saved) m_error->show_error(saved.error());
        });
}

void TemplateView::draw_rows() {
    if (!m_rows) return;
    m_ready = false;
    m_drawer->ask(
        [rows = m_rows, tokenizers = m_tokenizers, spec = m_form->spec(),
         limit = static_cast<std::size_t>(m_limit->value())](const CancellationToken& cancelled) {
            const auto tokenizer = tokenizers->of(spec);
            if (!tokenizer) return Drawing{failure(tokenizer.error()), failure(tokenizer.error())};
            std::vector<ExampleText> examples;
            for (std::size_t index = 0; index < std::min(rows_on_show, rows->size()); ++index) {
                auto text = example_text(spec, **tokenizer, (*rows)[index], limit);
                if (!text) return Drawing{failure(text.error()), failure(text.error())};
                examples.push_back(std::move(*text));
            }
            return Drawing{std::move(examples), example_lengths(spec, **tokenizer, *rows, cancelled)};
        },
        [this](Drawing drawing) { show_drawing(std::move(drawing)); });
}

void TemplateView::show_drawing(Drawing drawing) {
    if (!drawing.examples) {
        m_error->show_error(drawing.examples.error());
    } else {
        m_preview->show_examples(std::move(*drawing.examples));
    }
    if (drawing.lengths) m_histogram->set_lengths(std::move(*drawing.lengths));
    show_limit();
    m_ready = true;
    Q_EMIT ready();
}

void TemplateView::show_limit() {
    const auto rows = static_cast<std::int64_t>(m_histogram->lengths().size());
    if (rows == 0) {
        m_lengths_said->clear();
        return;
    }
    const int cut = m_histogram->rows_cut();
    QString said =
        tr("%1, median %2, longest %3 · cut: %4 (%5)")
            .arg(counted(rows, tr("1 row"), tr("%1 rows")), count_text(m_histogram->median()), count_text(m_histogram->longest()),
                 count_text(cut), share_text(static_cast<double>(cut) / static_cast<double>(rows)));
    if (rows < m_all_rows) said = tr("the first %1 of %2 rows · %3").arg(count_text(rows), count_text(m_all_rows), said);
    m_lengths_said->set_role(cut > 0 ? Role::Bad : Role::Muted);
    m_lengths_said->set_text(said);
}

}  // namespace lossmith::ui

#include "moc_TemplateView.cpp"
