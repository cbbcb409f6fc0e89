#include "ui/compare/ComparePage.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/Files.h"
#include "core/comparison/ComparisonPage.h"
#include "core/project/PromptStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/compare/BlindVoteView.h"
#include "ui/compare/CompareSetup.h"
#include "ui/compare/ComparisonInspector.h"
#include "ui/compare/ComparisonModel.h"
#include "ui/compare/ComparisonTable.h"
#include "ui/compare/ScoreCards.h"
#include "ui/generation/SamplingForm.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/ProgressStrip.h"

namespace lossmith::ui {

namespace {

const QString sampling_key = QStringLiteral("compare/sampling");
/// What the project has kept is looked up once the choices have settled, not at each key.
constexpr int settled_milliseconds = 300;
const QString score_key = QStringLiteral("compare/score");
const QString folder_key = QStringLiteral("compare/export_folder");

SamplingConfig remembered_sampling() {
    const auto json = parse_json(QSettings().value(sampling_key).toString().toStdString());
    return json ? sampling_config_from_json(*json).value_or(SamplingConfig{}) : SamplingConfig{};
}

Error nothing_to_export() {
    return Error::bad_input("There is no row yet that all models have written.").with_hint("Generate first, then export.");
}

}  // namespace

ComparePage::ComparePage(EngineClient& engine, QWidget* parent) : Page(parent), m_engine(engine) {
    m_header = new PageHeader(title());
    m_vote = new QPushButton(tr("Vote blind"));
    m_export = new QPushButton(tr("Export…"));
    m_generate = new QPushButton(tr("Generate"));
    m_setup = new CompareSetup(this);
    m_error = new ErrorBanner;
    m_progress = new ProgressStrip;
    m_cards = new ScoreCards(this);
    m_stack = new QStackedWidget(this);
    m_empty = new EmptyState(icon_name(), {}, {});
    m_vote_view = new BlindVoteView(m_stack);
    m_model = new ComparisonModel(this);
    m_table = new ComparisonTable(*m_model);
    m_row_view = new ComparisonInspector;
    m_sampling = new SamplingForm;
    m_score = new QComboBox;
    m_look_soon = new QTimer(this);
    lay_out();

    m_sampling->set_config(remembered_sampling());
    m_setup->set_sampling_summary(sampling_summary(m_sampling->config()));
    connect(m_sampling, &SamplingForm::changed, this, [this] {
        m_setup->set_sampling_summary(sampling_summary(m_sampling->config()));
        if (m_sampling->is_valid()) QSettings().setValue(sampling_key, QString::fromStdString(Json(m_sampling->config()).dump()));
        m_look_soon->start();
    });
    m_look_soon->setSingleShot(true);
    m_look_soon->setInterval(settled_milliseconds);
    connect(m_look_soon, &QTimer::timeout, this, &ComparePage::show_kept);
    connect(m_setup, &CompareSetup::changed, m_look_soon, qOverload<>(&QTimer::start));
    connect(m_setup, &CompareSetup::sampling_wanted, this, [this] {
        if (m_inspector) m_inspector->setCurrentIndex(1);
        m_sampling->editor(QStringLiteral("max_new_tokens"))->setFocus();
    });
    connect(m_table, &ComparisonTable::row_chosen, this, &ComparePage::show_selected);
    connect(m_row_view, &ComparisonInspector::playground_wanted, this, &ComparePage::open_in_playground);
    connect(m_row_view, &ComparisonInspector::logits_wanted, this, [this](const QString& text) {
        Q_EMIT page_wanted(QStringLiteral("logits"));
        Q_EMIT logits_wanted(text);
    });
    connect(m_vote_view, &BlindVoteView::closed, this, [this] {
        m_voting = false;
        show_place();
        if (std::exchange(m_look_after_vote, false)) m_look_soon->start();
    });
    connect(m_progress, &ProgressStrip::stop_wanted, this, &ComparePage::stop);
    connect(m_error, &ErrorBanner::action_wanted, this, &ComparePage::generate);
    connect(m_empty, &EmptyState::action_wanted, this, [this] {
        if (!m_session) return Q_EMIT page_wanted(QStringLiteral("start"));
        if (!m_has_run) return Q_EMIT page_wanted(QStringLiteral("train"));
        generate();
    });
    show_place();
}

ComparePage::~ComparePage() {
    delete m_inspector;
}

void ComparePage::lay_out() {
    make_primary(m_generate);
    m_generate->setObjectName(QStringLiteral("generate"));
    m_generate->setToolTip(tr("Write both sides of each row (Ctrl+Return)"));
    m_vote->setObjectName(QStringLiteral("vote_blind"));
    m_vote->setToolTip(tr("Judge pairs without knowing which model wrote which"));
    m_export->setObjectName(QStringLiteral("export"));
    auto* menu = new QMenu(m_export);
    for (const auto& [text, suffix] :
         {std::pair{tr("As one web page (HTML)…"), "html"}, {tr("As a table (CSV)…"), "csv"}, {tr("As JSON…"), "json"}})
        connect(menu->addAction(text), &QAction::triggered, this, [this, suffix = QString::fromLatin1(suffix)] { choose_export(suffix); });
    m_export->setMenu(menu);
    for (QPushButton* button : {m_vote, m_export, m_generate}) m_header->add_button(button);
    connect(m_generate, &QPushButton::clicked, this, &ComparePage::generate);
    connect(m_vote, &QPushButton::clicked, this, &ComparePage::vote_blind);
    auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this);
    connect(shortcut, &QShortcut::activated, this, &ComparePage::generate);

    auto* table_card = new Card;
    m_score->setObjectName(QStringLiteral("score"));
    m_score->setAccessibleName(tr("Which score the table shows"));
    m_score->setToolTip(tr("The score of the columns at the right; a click on the heading “gain” sorts by the biggest gain or loss in it"));
    for (const ScoreKind& kind : score_kinds()) m_score->addItem(tr(kind.title), QString::fromLatin1(kind.name));
    m_score->setCurrentIndex(m_score->findData(QSettings().value(score_key, QStringLiteral("rouge_l")).toString()));
    connect(m_score, &QComboBox::currentIndexChanged, this, &ComparePage::show_score);
    show_score();
    table_card->header()->addWidget(new MutedLabel(tr("Score in the table")));
    table_card->header()->addWidget(m_score);
    table_card->body()->addWidget(m_table);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(table_card);
    m_stack->addWidget(m_vote_view);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_setup);
    layout->addWidget(m_error);
    layout->addWidget(m_progress);
    layout->addWidget(m_cards);
    layout->addWidget(m_stack, 1);

    m_inspector = new QTabWidget;
    m_inspector->setDocumentMode(true);
    for (const auto& [widget, text] : {std::pair<QWidget*, QString>{m_row_view, tr("Row")}, {m_sampling, tr("Sampling")}}) {
        auto* tab = new QWidget;
        auto* inner = new QVBoxLayout(tab);
        inner->setContentsMargins(0, 8, 8, 0);
        inner->addWidget(widget);
        inner->addStretch();
        // Each for itself: a tab widget would squeeze lines that wrap rather than be scrolled.
        auto* scroll = new QScrollArea;
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        scroll->setFocusPolicy(Qt::NoFocus);
        scroll->setWidget(tab);
        m_inspector->addTab(scroll, text);
    }
}

QWidget* ComparePage::inspector() {
    return m_inspector;
}

void ComparePage::set_project(ProjectSession* session) {
    if (m_job) delete m_job.data();
    m_progress->finish();
    m_error->clear();
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    ++m_asked;
    m_look_soon->stop();
    m_knows_models = false;
    m_has_run = false;
    m_voting = false;
    m_look_after_vote = false;
    m_fetching = false;
    show_comparison({});
    m_setup->set_models({});
    if (m_session) {
        connect(m_session, &ProjectSession::changed, this, &ComparePage::load_models);
        load_models();
    }
    show_place();
}

void ComparePage::load_models() {
    if (!m_session) return;
    m_session->ask(
        this, [](Project& project) { return model_choices(project); },
        [this, asked_of = m_session](const Result<std::vector<ModelChoice>>& choices) {
            if (!m_session || m_session != asked_of) return;
            m_knows_models = true;
            if (!choices) {
                m_error->show_error(choices.error());
                return tell_if_ready();
            }
            const bool first = m_setup->base() == std::nullopt;
            m_has_run = std::ranges::any_of(*choices, [](const ModelChoice& choice) { return choice.run != 0; });
            m_setup->set_models(*choices);
            show_place();
            if (first) show_kept();
            tell_if_ready();
        });
}

void ComparePage::show_kept() {
    if (m_voting)
        m_look_after_vote = true;  // the ballot is about the texts on show
    else if (m_session && m_has_run && !is_generating())
        start_job(true);
    tell_if_ready();
}

bool ComparePage::is_ready() const {
    if (!m_session) return true;
    return m_knows_models && !m_fetching && !m_look_soon->isActive() && !(m_job && m_job->is_running()) && !m_summary_under_way;
}

void ComparePage::generate() {
    if (!m_session || is_generating() || m_voting || !m_has_run) return;
    m_error->clear();
    if (const auto errors = m_sampling->config().validate(); !errors.empty()) {
        m_inspector->setCurrentIndex(1);
        return m_error->show_error(errors.front());
    }
    start_job(false);
}

void ComparePage::start_job(bool only_kept) {
    if (m_setup->models().empty() || !m_sampling->is_valid()) return;
    // The job takes the choices as they are now. A look that they were still waiting for would put what the project has kept in the place
    // of what is being written, and not every text is kept.
    m_look_soon->stop();
    const auto asked = ++m_asked;
    m_fetching = true;
    m_generates_when_fetched = !only_kept;
    m_setup->fetch_prompts(*m_session, this, [this, only_kept, asked](Result<std::vector<ComparisonPrompt>> prompts) {
        if (asked != m_asked || !m_session) return;
        m_fetching = false;
        if (prompts) return run(std::move(*prompts), only_kept);
        if (!only_kept) m_error->show_error(prompts.error());
        show_place();
        tell_if_ready();
    });
    show_place();
}

void ComparePage::show_comparison(Comparison comparison) {
    ++m_comparison;
    m_summary_under_way = false;
    m_row_view->clear();
    m_model->reset(std::move(comparison));
    m_cards->set_summaries({}, {});
}

void ComparePage::run(std::vector<ComparisonPrompt> prompts, bool only_kept) {
    if (m_job) delete m_job.data();
    ComparisonOrder order{m_setup->models(), std::move(prompts), {}, m_sampling->config(), only_kept, m_weights};
    Comparison comparison;
    for (const ModelChoice& model : order.models) comparison.models.push_back(model.label);
    comparison.sampling = order.sampling;
    const QString note =
        m_setup->describe_prompts(static_cast<int>(order.prompts.size())) + QStringLiteral(" · ") + sampling_summary(order.sampling);
    comparison.note = note.toStdString();
    for (const ComparisonPrompt& prompt : order.prompts) comparison.rows.push_back({prompt.problem, {}, prompt.solution, {}});
    m_header->set_summary(QString::fromStdString(comparison.note));
    show_comparison(std::move(comparison));
    m_job = new ComparisonJob(m_engine, *m_session, std::move(order), this);
    connect_job(m_job, only_kept);
    if (!only_kept) m_progress->start(tr("Generating"));
    m_job->start();
    show_place();
}

void ComparePage::connect_job(ComparisonJob* job, bool only_kept) {
    connect(job, &ComparisonJob::prompt_made, m_model, &ComparisonModel::set_prompt);
    connect(job, &ComparisonJob::token_came, m_model, &ComparisonModel::add_token);
    connect(job, &ComparisonJob::text_came, m_model, &ComparisonModel::set_text);
    connect(job, &ComparisonJob::progressed, this, [this](int done, int total) {
        m_progress->set_progress({{}, done, total});
        summarise();
        show_selected(m_table->chosen_row());
    });
    connect(job, &ComparisonJob::finished, this, [this, job, only_kept] { end_job(job, only_kept); });
}

void ComparePage::end_job(ComparisonJob* job, bool only_kept) {
    m_progress->finish();
    m_model->drop_unfinished();
    if (job->error()) m_error->show_error(*job->error(), tr("Try again"));
    if (!only_kept && !job->error() && job->kept_texts() > 0)
        Q_EMIT status_message(counted(job->kept_texts(), tr("1 text was in the project already and was not written again."),
                                      tr("%1 texts were in the project already and were not written again.")));
    m_table->sort_again();
    summarise();
    show_place();
    if (!only_kept) Q_EMIT finished();
    tell_if_ready();
}

bool ComparePage::is_generating() const {
    return (m_fetching && m_generates_when_fetched) || (m_job && m_job->is_running() && !m_job->is_only_looking());
}

void ComparePage::stop() {
    if (m_fetching && m_generates_when_fetched) {
        ++m_asked;
        m_fetching = false;
        show_place();
        Q_EMIT finished();
    } else if (m_job) {
        m_job->stop();
    }
}

// The bootstrap takes a while, so it runs on the worker; what changes meanwhile is summed up again right after.
void ComparePage::summarise() {
    if (!m_session) return;
    if (m_summary_under_way) {
        m_summary_stale = true;
        return;
    }
    m_summary_under_way = true;
    m_summary_stale = false;
    m_session->ask(
        this,
        [part = m_model->complete_part()](Project&) mutable {
            lossmith::summarise(part);
            return part.summaries;
        },
        [this, of = m_comparison](const std::vector<ScoreSummaries>& summaries) {
            if (of != m_comparison) return;
            m_summary_under_way = false;
            m_model->set_summaries(summaries);
            m_cards->set_summaries(summaries, m_model->comparison().models);
            if (m_voting) m_cards->hide();
            if (m_summary_stale) summarise();
            tell_if_ready();
        });
}

void ComparePage::show_place() {
    const bool has_texts = m_model->has_texts();
    if (!m_session)
        m_empty->set_text(tr("No project is open"), tr("Open a project to compare what its models write."), tr("Go to Start"));
    else if (!m_has_run)
        m_empty->set_text(tr("No model is tuned yet"),
                          tr("Compare shows what a run has changed: the same problems, answered before and after."), tr("Train a model"));
    else
        m_empty->set_text(tr("Ready to compare"), tr("Both models answer the same problems; scores and differences come in as they write."),
                          tr("Generate"));
    // News from the project must not take the ballot from under the voter.
    if (m_voting) return;
    const bool busy = is_generating();
    const bool looking = m_fetching || (m_job && m_job->is_running());
    // While the kept texts are looked up the table stays: it is about to have them.
    if (!m_session || has_texts || busy || !looking) m_stack->setCurrentIndex(m_session && (has_texts || busy) ? 1 : 0);
    m_cards->setVisible(std::ranges::any_of(m_model->comparison().summaries, [](const ScoreSummaries& each) { return !each.empty(); }));
    m_setup->setVisible(m_session && m_has_run);
    m_generate->setEnabled(m_session && m_has_run && !busy);
    m_vote->setEnabled(!busy && m_model->complete_rows() > 0);
    m_export->setEnabled(m_model->complete_rows() > 0);
}

void ComparePage::show_selected(int row) {
    if (row < 0 || row >= m_model->rowCount()) return;
    std::vector<TokenTrace> traces;
    for (int model = 0; model < m_model->models(); ++model) traces.push_back(m_model->trace(row, model));
    m_row_view->show_row(row + 1, m_model->row_at(row), m_model->comparison().models, std::move(traces));
    if (m_table->hasFocus() && m_inspector) m_inspector->setCurrentIndex(0);
}

void ComparePage::vote_blind() {
    BlindVote vote(m_model->complete_part().rows, m_sampling->config().seed);
    if (vote.size() == 0) return m_error->show_error(Error::bad_input("The models wrote the same texts: there is nothing to vote on."));
    m_vote_view->start(std::move(vote), m_model->comparison().models);
    m_voting = true;
    m_stack->setCurrentIndex(2);
    m_vote_view->setFocus();
    // What the scores and the chosen row say would sway the voter.
    m_row_view->clear();
    m_cards->hide();
    m_setup->hide();
    for (QPushButton* button : {m_vote, m_export, m_generate}) button->setEnabled(false);
}

void ComparePage::show_score() {
    const QString name = m_score->currentData().toString();
    const ScoreKind* kind = find_score_kind(name.toStdString());
    if (kind == nullptr) return m_score->setCurrentIndex(m_score->findData(QStringLiteral("rouge_l")));
    QSettings().setValue(score_key, name);
    m_model->set_score(*kind);
    m_table->sort_again();
}

void ComparePage::choose_export(const QString& suffix) {
    const QString folder = QSettings().value(folder_key, QDir::homePath()).toString();
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Export the comparison"), QDir(folder).filePath(QStringLiteral("comparison.") + suffix));
    if (path.isEmpty()) return;
    QSettings().setValue(folder_key, QFileInfo(path).path());
    export_to(path);
}

bool ComparePage::export_to(const QString& path) {
    Comparison comparison = m_model->complete_part();
    if (comparison.rows.empty()) {
        m_error->show_error(nothing_to_export());
        return false;
    }
    const QString suffix = QFileInfo(path).suffix().toLower();
    const std::string text = suffix == QStringLiteral("csv")    ? comparison_csv(comparison)
                             : suffix == QStringLiteral("json") ? Json(comparison).dump(2) + "\n"
                                                                : comparison_page(comparison);
    const Status written = write_file_atomically(path.toStdString(), text);
    if (!written)
        m_error->show_error(written.error());
    else
        Q_EMIT status_message(
            tr("Exported %1 to %2.").arg(counted(static_cast<std::int64_t>(comparison.rows.size()), tr("1 row"), tr("%1 rows")), path));
    return written.has_value();
}

void ComparePage::open_in_playground(const QString& problem, const QString& solution) {
    if (!m_session) return;
    m_session->ask(
        this,
        [problem = problem.toStdString(), solution = solution.toStdString()](Project& project) {
            return project.prompts().add_prompt(problem, solution);
        },
        [this](const Status& kept) {
            if (!kept) return m_error->show_error(kept.error());
            Q_EMIT page_wanted(QStringLiteral("playground"));
        });
}

}  // namespace lossmith::ui

#include "moc_ComparePage.cpp"
