#include "ui/playground/PlaygroundPage.h"

#include <QHeaderView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/generation/SamplingForm.h"
#include "ui/playground/AlternativesPopup.h"
#include "ui/playground/GenerationPane.h"
#include "ui/playground/HistoryModel.h"
#include "ui/playground/PromptEditor.h"
#include "ui/playground/TokenTextView.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/Tables.h"

namespace lossmith::ui {

namespace {

constexpr std::int64_t history_length = 200;
constexpr std::size_t most_models = 5;

QString settings_key(const char* name) {
    return QStringLiteral("playground/") + QString::fromLatin1(name);
}

SamplingConfig remembered_sampling() {
    const auto json = parse_json(QSettings().value(settings_key("sampling")).toString().toStdString());
    return json ? sampling_config_from_json(*json).value_or(SamplingConfig{}) : SamplingConfig{};
}

/// All that the page reads from the project at once.
struct Snapshot {
    std::vector<ModelChoice> models;
    TemplateSpec template_spec;
    std::vector<StoredPrompt> prompts;
    std::vector<Generation> history;
};

Result<Snapshot> read_snapshot(Project& project) {
    Snapshot snapshot;
    snapshot.models = LOSSMITH_TRY(model_choices(project));
    snapshot.template_spec = LOSSMITH_TRY(project.templates().current());
    snapshot.prompts = LOSSMITH_TRY(project.prompts().prompts());
    snapshot.history = LOSSMITH_TRY(project.prompts().generations(history_length, "playground"));
    return snapshot;
}

}  // namespace

PlaygroundPage::PlaygroundPage(EngineClient& engine, QWidget* parent) : Page(parent), m_engine(engine) {
    m_header = new PageHeader(title());
    m_two_models = new Chip(tr("beside the base"));
    m_add_model = new QPushButton(tr("＋ model"));
    m_generate = new QPushButton(tr("Generate"));
    m_stop = new QPushButton(tr("Stop"));
    m_look = new QPushButton(tr("Look at the probabilities"));
    m_error = new ErrorBanner;
    m_stack = new QStackedWidget(this);
    m_empty = new EmptyState(icon_name(), tr("No project is open"), tr("Open a project to talk to its models."), tr("Go to Start"));
    m_splitter = new QSplitter(Qt::Vertical, m_stack);
    m_prompt = new PromptEditor;
    m_history = new HistoryModel(this);
    m_history_table = new QTableView;
    m_sampling = new SamplingForm;
    m_popup = new AlternativesPopup(this);
    make_panes();
    lay_out();

    m_sampling->set_config(remembered_sampling());
    connect(m_sampling, &SamplingForm::changed, this, [this] {
        m_header->set_summary(sampling_summary(m_sampling->config()));
        if (m_sampling->is_valid())
            QSettings().setValue(settings_key("sampling"), QString::fromStdString(Json(m_sampling->config()).dump()));
        show_state();
    });
    m_header->set_summary(sampling_summary(m_sampling->config()));
    connect(m_prompt, &PromptEditor::changed, this, &PlaygroundPage::show_state);
    connect(m_prompt, &PromptEditor::keep_wanted, this, [this](const QString& problem) {
        if (!m_session) return;
        m_session->ask(
            this, [problem = problem.toStdString()](Project& project) { return project.prompts().add_prompt(problem, {}); },
            [this](const Status& kept) { kept ? reload() : m_error->show_error(kept.error()); });
    });
    connect(m_prompt, &PromptEditor::forget_wanted, this, [this](qint64 prompt) {
        if (!m_session) return;
        m_session->ask(
            this, [prompt](Project& project) { return project.prompts().remove_prompt(prompt); },
            [this](const Status& forgotten) { forgotten ? reload() : m_error->show_error(forgotten.error()); });
    });
    connect(m_history_table, &QTableView::activated, this, [this](const QModelIndex& index) { have_again(index.row()); });
    connect(m_empty, &EmptyState::action_wanted, this, [this] { Q_EMIT page_wanted(QStringLiteral("start")); });
    connect(m_error, &ErrorBanner::action_wanted, this, &PlaygroundPage::generate);
    set_two_models(QSettings().value(settings_key("two_models"), false).toBool());
    show_state();
}

PlaygroundPage::~PlaygroundPage() {
    delete m_inspector;
}

void PlaygroundPage::make_panes() {
    m_base = make_pane(Role::Base);
    m_tuned = make_pane(Role::Tuned);
}

GenerationPane* PlaygroundPage::make_pane(Role side) {
    auto* pane = new GenerationPane(m_engine, side, *m_popup);
    m_panes.push_back(pane);
    connect(pane, &GenerationPane::finished, this, [this](const Generation& generation) {
        keep(generation);
        show_state();
        if (!is_generating()) Q_EMIT finished();
    });
    connect(pane, &GenerationPane::failed, this, [this](const Error& error) {
        m_error->show_error(error, tr("Try again"));
        show_state();
    });
    connect(pane, &GenerationPane::written_again, this, [this](bool same) {
        Q_EMIT status_message(same ? tr("The same tokens came again.")
                                   : tr("Other tokens came than before: the weights or the engine have changed."));
    });
    connect(pane, &GenerationPane::branch_wanted, this,
            [this, pane](const PlaygroundRequest& from, const TokenTrace& kept) { branch(pane, from, kept); });
    connect(pane->picker(), &QComboBox::currentIndexChanged, this, &PlaygroundPage::take_template);
    return pane;
}

void PlaygroundPage::add_model() {
    if (m_panes.size() >= most_models) return;
    GenerationPane* pane = make_pane(Role::Tuned);
    pane->picker()->setObjectName(QStringLiteral("tuned_model_%1").arg(m_panes.size() - 1));
    pane->make_removable();
    connect(pane, &GenerationPane::removed, this, [this, pane] { remove_model(pane); });
    m_pane_row->addWidget(pane);
    pane->picker()->set_choices(m_models);
    // One that no other pane has.
    const auto is_chosen = [this, pane](const ModelChoice& choice) {
        return std::ranges::any_of(m_panes, [&](const GenerationPane* other) {
            return other != pane && other->picker()->choice() && other->picker()->choice()->model == choice.model;
        });
    };
    if (const auto fresh = std::ranges::find_if_not(m_models, is_chosen); fresh != m_models.end()) pane->picker()->choose(fresh->model);
    QSettings().setValue(settings_key("further_models"), static_cast<int>(m_panes.size()) - 2);
    show_state();
}

void PlaygroundPage::remove_model(GenerationPane* pane) {
    std::erase(m_panes, pane);
    pane->stop();
    pane->hide();
    pane->deleteLater();
    QSettings().setValue(settings_key("further_models"), static_cast<int>(m_panes.size()) - 2);
    show_state();
}

void PlaygroundPage::lay_out() {
    make_primary(m_generate);
    m_generate->setObjectName(QStringLiteral("generate"));
    m_generate->setToolTip(tr("Write on from the prompt (Ctrl+Return)"));
    m_stop->setObjectName(QStringLiteral("stop"));
    m_stop->setIcon(icon(QStringLiteral("media-playback-stop")));
    m_stop->setToolTip(tr("Stop writing (Escape)"));
    m_two_models->setCheckable(true);
    m_two_models->setToolTip(tr("Let the base model answer too"));
    m_header->add_chip(m_two_models);
    m_look->setObjectName(QStringLiteral("look_at_probabilities"));
    m_look->setToolTip(tr("The prompt and the answer on the page Logits"));
    m_header->add_button(m_look);
    connect(m_look, &QPushButton::clicked, this, [this] {
        Q_EMIT page_wanted(QStringLiteral("logits"));
        Q_EMIT logits_wanted(QString::fromStdString(whole_text()));
    });
    m_add_model->setObjectName(QStringLiteral("add_model"));
    m_add_model->setToolTip(tr("Let one more checkpoint or run answer beside"));
    m_header->add_button(m_add_model);
    connect(m_add_model, &QPushButton::clicked, this, &PlaygroundPage::add_model);
    m_header->add_button(m_stop);
    m_header->add_button(m_generate);
    connect(m_generate, &QPushButton::clicked, this, &PlaygroundPage::generate);
    connect(m_stop, &QPushButton::clicked, this, &PlaygroundPage::stop);
    connect(m_two_models, &Chip::toggled, this, &PlaygroundPage::set_two_models);
    connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), this), &QShortcut::activated, this, &PlaygroundPage::generate);
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this,
            [this] { m_popup->isVisible() ? m_popup->dismiss() : stop(); });

    m_history_table->setModel(m_history);
    m_history_table->setObjectName(QStringLiteral("history"));
    m_history_table->setAccessibleName(tr("History"));
    dress_table(m_history_table, QStringLiteral("playground_history"));
    m_history_table->setSelectionMode(QAbstractItemView::SingleSelection);
    constexpr int widths[] = {84, 176, 190, 250};
    for (int column = 0; column < static_cast<int>(std::size(widths)); ++column) m_history_table->setColumnWidth(column, widths[column]);
    auto* history = new Card(tr("History"));
    m_history_hint = new MutedLabel;
    m_history_hint->setWordWrap(false);
    history->header()->addWidget(m_history_hint);
    m_again = new QPushButton(tr("Write it again"));
    m_again->setObjectName(QStringLiteral("write_again"));
    m_again->setToolTip(
        tr("Ask the model for the chosen line once more, with its seed and settings, and say whether the same tokens come"));
    history->header()->addWidget(m_again);
    connect(m_again, &QPushButton::clicked, this, [this] { write_again(m_history_table->currentIndex().row()); });
    connect(m_history_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &PlaygroundPage::show_state);
    history->body()->addWidget(m_history_table, 1);
    history->body()->addStretch();

    m_pane_row = new QSplitter(Qt::Horizontal, m_splitter);
    auto* panes = m_pane_row;
    panes->addWidget(m_base);
    panes->addWidget(m_tuned);
    panes->setChildrenCollapsible(false);
    panes->setHandleWidth(12);
    m_splitter->addWidget(m_prompt);
    m_splitter->addWidget(panes);
    m_splitter->addWidget(history);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(12);
    m_splitter->setSizes({190, 300, 180});
    m_splitter->restoreState(QSettings().value(settings_key("splitter")).toByteArray());
    connect(m_splitter, &QSplitter::splitterMoved, this,
            [this] { QSettings().setValue(settings_key("splitter"), m_splitter->saveState()); });

    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_stack, 1);

    m_inspector = new QWidget;
    auto* side = new QVBoxLayout(m_inspector);
    side->setContentsMargins(0, 0, 8, 0);
    side->addWidget(new SectionLabel(tr("How text is generated")));
    side->addWidget(m_sampling);
    side->addStretch();
}

QWidget* PlaygroundPage::inspector() {
    return m_inspector;
}

void PlaygroundPage::set_project(ProjectSession* session) {
    for (GenerationPane* pane : m_panes) pane->clear();
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_prompts_read = false;
    m_is_read = false;
    m_error->clear();
    m_history->set_generations({});
    m_prompt->set_kept_prompts({});
    for (GenerationPane* pane : m_panes) pane->picker()->set_choices({});
    if (m_session) {
        connect(m_session, &ProjectSession::changed, this, &PlaygroundPage::reload);
        reload();
    }
    show_state();
}

bool PlaygroundPage::is_ready() const {
    return !m_session || m_is_read;
}

void PlaygroundPage::reload() {
    if (!m_session) return;
    m_session->ask(this, read_snapshot, [this, asked_of = m_session](Result<Snapshot> snapshot) {
        if (!m_session || m_session != asked_of) return;
        const bool first = !std::exchange(m_is_read, true);
        if (!snapshot) {
            m_error->show_error(snapshot.error());
            if (first) Q_EMIT ready();
            return;
        }
        m_project_template = snapshot->template_spec;
        // Without a run yet there is still a model to talk to, in the one pane.
        m_models = snapshot->models;
        for (GenerationPane* pane : m_panes)
            if (pane != m_base) pane->picker()->set_choices(m_models);
        m_base->picker()->set_choices(m_models, m_tuned->picker()->choice());
        if (first)
            for (int further = QSettings().value(settings_key("further_models")).toInt(); further > 0 && m_models.size() > 2; --further)
                if (static_cast<int>(m_panes.size()) < 2 + QSettings().value(settings_key("further_models")).toInt()) add_model();
        take_template();
        const bool added = m_prompts_read && snapshot->prompts.size() > m_prompt->kept_prompts().size();
        const bool empty = m_prompt->typed().empty();
        m_prompt->set_kept_prompts(snapshot->prompts);
        // What another page has just kept is what the user came here with.
        if (!snapshot->prompts.empty() && (empty || (added && !isVisible()))) m_prompt->use(snapshot->prompts.back());
        m_prompts_read = true;
        m_history->set_generations(std::move(snapshot->history));
        show_state();
        if (first) Q_EMIT ready();
    });
}

void PlaygroundPage::take_template() {
    const auto tuned = m_tuned->picker()->choice();
    m_prompt->set_template(tuned && tuned->template_spec ? *tuned->template_spec : m_project_template);
    show_state();
}

void PlaygroundPage::set_two_models(bool two) {
    m_two_models->setChecked(two);
    m_base->setVisible(two);
    if (!two) m_base->stop();
    QSettings().setValue(settings_key("two_models"), two);
}

PlaygroundRequest PlaygroundPage::make_request() const {
    PlaygroundRequest request;
    request.typed = m_prompt->typed();
    request.through_template = m_prompt->through_template();
    request.template_spec = m_prompt->template_spec();
    request.prompt = m_prompt->prompt();
    request.sampling = m_sampling->config();
    request.project = m_session->path().string();
    return request;
}

std::string PlaygroundPage::whole_text() const {
    for (const GenerationPane* pane : {m_tuned, m_base})
        if (!pane->view()->tokens().empty()) return pane->text_with_prompt();
    return {};
}

void PlaygroundPage::generate() {
    if (!m_session || !m_generate->isEnabled()) return;
    m_error->clear();
    m_popup->hide();
    for (GenerationPane* pane : m_panes)
        if (pane != m_base || m_two_models->isChecked()) pane->start(make_request());
    show_state();
}

void PlaygroundPage::branch(GenerationPane* pane, const PlaygroundRequest& from, const TokenTrace& kept) {
    if (!m_session) return;
    m_error->clear();
    PlaygroundRequest request = from;
    request.kept = kept;
    request.sampling = m_sampling->config();
    request.project = m_session->path().string();
    pane->start(std::move(request));
    show_state();
}

void PlaygroundPage::stop() {
    m_popup->hide();
    for (GenerationPane* pane : m_panes) pane->stop();
    show_state();
}

bool PlaygroundPage::is_generating() const {
    return std::ranges::any_of(m_panes, &GenerationPane::is_generating);
}

void PlaygroundPage::keep(Generation generation) {
    if (!m_session) return;
    const auto choice = ModelChoice{{}, generation.model, generation.weights, 0, {}, {}};
    m_session->ask(
        this,
        [generation = std::move(generation), choice, weights = m_weights](Project& project) mutable {
            generation.weights = weights->of(choice);
            return project.prompts().add_generation(generation);
        },
        [this](const Status& kept) {
            if (!kept) return m_error->show_error(kept.error());
            reload();
        });
}

void PlaygroundPage::write_again(int history_row) {
    if (GenerationPane* pane = have_again(history_row); pane != nullptr && m_session)
        pane->write_again(m_history->generation(history_row), m_session->path().string());
    show_state();
}

GenerationPane* PlaygroundPage::have_again(int history_row) {
    if (history_row < 0 || history_row >= m_history->rowCount()) return nullptr;
    const Generation generation = m_history->generation(history_row);
    const PlaygroundRequest request = request_of(generation);
    const bool of_base = generation.details.is_object() && generation.details.value("side", Json()) == Json("base");
    stop();
    if (of_base) set_two_models(true);
    GenerationPane* pane = of_base ? m_base : m_tuned;
    pane->picker()->choose(generation.model);
    if (request.through_template) m_prompt->set_template(request.template_spec);
    m_prompt->set_through_template(request.through_template);
    m_prompt->set_typed(request.typed);
    m_sampling->set_config(request.sampling);
    pane->show_kept(generation);
    m_error->clear();
    show_state();
    return pane;
}

void PlaygroundPage::show_state() {
    m_stack->setCurrentIndex(m_session ? 1 : 0);
    const bool busy = is_generating();
    const bool can_ask = !m_prompt->typed().empty() && m_sampling->is_valid() && m_tuned->picker()->choice().has_value();
    m_generate->setEnabled(m_session && can_ask && !busy);
    m_stop->setEnabled(busy);
    m_look->setEnabled(!busy && !whole_text().empty());
    m_two_models->setVisible(m_session != nullptr);
    m_add_model->setVisible(m_session != nullptr);
    m_add_model->setEnabled(m_panes.size() < most_models && m_models.size() > m_panes.size() - 1);
    m_again->setVisible(m_history->rowCount() > 0);
    m_again->setEnabled(m_history_table->currentIndex().isValid() && !busy);
    const bool has_history = m_history->rowCount() > 0;
    m_history_table->setVisible(has_history);
    m_history_hint->setText(has_history ? tr("Return or a double click brings a line back, seed and settings too.")
                                        : tr("What you generate is listed here, to be brought back."));
}

}  // namespace lossmith::ui

#include "moc_PlaygroundPage.cpp"
