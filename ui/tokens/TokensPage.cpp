// What is on show, and how it is read and drawn.
#include "ui/tokens/TokensPage.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QUndoStack>
#include <QVBoxLayout>

#include "core/config/RunConfig.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"
#include "core/protocol/EngineClient.h"
#include "ui/shell/ProjectSession.h"
#include "ui/tokens/LabelRuleForm.h"
#include "ui/tokens/SharesBar.h"
#include "ui/tokens/SpecialTokensCard.h"
#include "ui/tokens/TokensInspector.h"
#include "ui/widgets/Card.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"
#include "ui/widgets/LatestAnswer.h"

namespace lossmith::ui {
namespace {

constexpr std::int64_t most_rows_counted = 100'000;
constexpr int usual_length = 1'024;  // GPT-2's positions

QString splitter_key() {
    return QStringLiteral("tokens/splitter");
}

}  // namespace

struct TokensPage::Drawn {
    std::vector<TokenSection> sections;
    std::shared_ptr<const Tokenizer> tokenizer;
};

struct TokensPage::Snapshot {
    TemplateSpec spec;
    std::map<std::int64_t, RowLabels> labels;
    std::int64_t rows = 0;
    std::vector<Row> training;
};

TokensPage::TokensPage(EngineClient& engine, QWidget* parent)
    : Page(parent),
      m_engine(engine),
      m_counter(std::make_unique<LatestAnswer>()),
      m_undo(new QUndoStack(this)),
      m_header(new PageHeader(title(), this)),
      m_source(new QComboBox),
      m_index(new QSpinBox),
      m_words(new QLineEdit),
      m_limit(new QSpinBox),
      m_error(new ErrorBanner),
      m_views(new QStackedWidget(this)),
      m_empty(new EmptyState(icon_name(), QString(), QString(), tr("Go to Data"))),
      m_typed(new QWidget),
      m_problem(new QPlainTextEdit),
      m_solution(new QPlainTextEdit),
      m_view(new TokenView),
      m_rule(new LabelRuleForm),
      m_shares(new SharesBar),
      m_use(new QPushButton(tr("Use for the project"))),
      m_revert(new QPushButton(tr("Revert"))),
      m_special(new SpecialTokensCard),
      m_inspector(new TokensInspector) {
    lay_out();
    connect(m_source, &QComboBox::activated, this, [this] { show_source(static_cast<Source>(m_source->currentData().toInt())); });
    connect(m_index, &QSpinBox::valueChanged, this, &TokensPage::draw);
    connect(m_limit, &QSpinBox::valueChanged, this, [this] {
        draw();
        count_shares();
    });
    connect(m_words, &QLineEdit::returnPressed, this, [this] { find(m_words->text()); });
    for (QPlainTextEdit* edit : {m_problem, m_solution}) connect(edit, &QPlainTextEdit::textChanged, this, &TokensPage::draw);
    connect(m_rule, &LabelRuleForm::changed, this, [this] {
        m_draft = m_rule->spec();
        draw();
        count_shares();
        show_state();
    });
    connect(m_use, &QPushButton::clicked, this, &TokensPage::use_rule);
    connect(m_revert, &QPushButton::clicked, this, &TokensPage::revert_rule);
    connect(m_view, &TokenView::label_wanted, this, &TokensPage::label_selection);
    connect(m_view, &TokenView::rule_wanted, this, &TokensPage::back_to_rule);
    connect(m_view, &TokenView::current_changed, this, [this](int token) {
        if (m_inspector) m_inspector->show_token(*m_view, token, m_tokenizer.get());
    });
    connect(m_special, &SpecialTokensCard::spec_wanted, this, &TokensPage::store_template);
    connect(m_special, &SpecialTokensCard::look_wanted, this, &TokensPage::look_at_special_tokens);
    connect(m_empty, &EmptyState::action_wanted, this,
            [this] { Q_EMIT page_wanted(m_session ? QStringLiteral("data") : QStringLiteral("start")); });
    show_state();
}

TokensPage::~TokensPage() {
    delete m_inspector;
}

void TokensPage::make_header() {
    m_source->setObjectName(QStringLiteral("source"));
    m_source->setAccessibleName(tr("What is shown"));
    m_source->addItem(tr("a row"), Rows);
    m_source->addItem(tr("a batch of the plan"), Batch);
    m_source->addItem(tr("typed text"), Typed);
    m_index->setObjectName(QStringLiteral("index"));
    m_index->setAccessibleName(tr("Which row or step"));
    m_index->setRange(1, 1);
    m_index->setMinimumWidth(120);
    m_index->setKeyboardTracking(false);
    m_words->setObjectName(QStringLiteral("find"));
    m_words->setPlaceholderText(tr("find in rows"));
    m_words->setAccessibleName(tr("Find in rows"));
    m_words->setMaximumWidth(180);
    m_limit->setObjectName(QStringLiteral("limit"));
    m_limit->setAccessibleName(tr("Tokens a row at most"));
    m_limit->setRange(2, 1'048'576);
    m_limit->setPrefix(tr("cut at "));
    m_limit->setKeyboardTracking(false);
    m_limit->setValue(QSettings().value(QStringLiteral("tokens/limit"), usual_length).toInt());
    for (QWidget* part : std::initializer_list<QWidget*>{m_source, m_index, m_words, m_limit}) m_header->add_button(part);
}

QWidget* TokensPage::make_legend() {
    auto* legend = new QWidget;
    auto* row = new QHBoxLayout(legend);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    const std::pair<const char*, QString> marks[] = {{"labelled", tr("labelled: counts in the loss")},
                                                     {"ignored", tr("ignored")},
                                                     {"padding", tr("padding: dotted, not attended")},
                                                     {"cut", tr("cut away")}};
    for (const auto& [mark, words] : marks) {
        auto* picture = new QLabel;
        picture->setPixmap(TokenView::mark_picture(mark, QSize(30, 20), devicePixelRatioF()));
        row->addWidget(picture);
        auto* label = new MutedLabel(words);
        label->setWordWrap(false);
        row->addWidget(label);
        row->addSpacing(10);
    }
    row->addStretch();
    return legend;
}

QWidget* TokensPage::make_rule_card() {
    auto* card = new Card(tr("What is labelled, in all rows"));
    m_use->setObjectName(QStringLiteral("use_rule"));
    m_revert->setObjectName(QStringLiteral("revert_rule"));
    m_use->setToolTip(tr("Writes the rule into the project's template; runs begun from now on follow it"));
    card->header()->addWidget(m_revert);
    card->header()->addWidget(m_use);
    card->body()->addWidget(m_rule);
    card->body()->addWidget(m_shares);
    card->body()->addStretch();
    return card;
}

void TokensPage::lay_out() {
    make_header();
    auto* example = new Card(tr("As the trainer feeds it"));
    example->body()->addWidget(make_legend());
    auto* typed = new QHBoxLayout(m_typed);
    typed->setContentsMargins(0, 0, 0, 0);
    for (const auto& [edit, hint, name] :
         {std::tuple{m_problem, tr("problem"), "typed_problem"}, std::tuple{m_solution, tr("solution"), "typed_solution"}}) {
        edit->setObjectName(QString::fromLatin1(name));
        edit->setPlaceholderText(hint);
        edit->setAccessibleName(hint);
        edit->setMaximumHeight(70);
        typed->addWidget(edit);
    }
    example->body()->addWidget(m_typed);
    example->body()->addWidget(m_view, 1);
    m_view->setMinimumHeight(120);

    auto* below = new QSplitter(Qt::Horizontal);
    below->addWidget(make_rule_card());
    below->addWidget(m_special);
    below->setStretchFactor(1, 1);
    below->setSizes({420, 560});
    below->setChildrenCollapsible(false);
    below->setHandleWidth(12);
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(example);
    splitter->addWidget(below);
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(12);
    splitter->setSizes({340, 390});
    splitter->restoreState(QSettings().value(splitter_key()).toByteArray());
    connect(splitter, &QSplitter::splitterMoved, this, [splitter] { QSettings().setValue(splitter_key(), splitter->saveState()); });

    m_views->addWidget(m_empty);
    m_views->addWidget(splitter);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(12);
    layout->addWidget(m_header);
    layout->addWidget(m_error);
    layout->addWidget(m_views, 1);
}

QWidget* TokensPage::inspector() {
    return m_inspector;
}

void TokensPage::set_project(ProjectSession* session) {
    if (m_session) disconnect(m_session, nullptr, this, nullptr);
    m_session = session;
    m_counter->forget();
    m_undo->clear();
    m_is_read = m_is_drawn = false;
    m_counted = true;
    m_rows = 0;
    m_error->clear();
    m_view->set_sections({}, nullptr);
    if (m_session) {
        connect(m_session, &ProjectSession::changed, this, &TokensPage::read);
        read();
    }
    show_state();
}

bool TokensPage::is_ready() const {
    return !m_session || (m_is_read && (m_rows == 0 || (m_is_drawn && m_counted)));
}

void TokensPage::read() {
    if (!m_session) return;
    m_session->ask(
        this,
        [](Project& project) -> Result<Snapshot> {
            Snapshot snapshot;
            snapshot.spec = LOSSMITH_TRY(project.templates().current());
            snapshot.labels = LOSSMITH_TRY(project.data().labels_by_hand());
            snapshot.rows = LOSSMITH_TRY(project.data().count());
            snapshot.training = LOSSMITH_TRY(project.data().rows(Split::Train, most_rows_counted));
            return snapshot;
        },
        [this, asked = m_session](Result<Snapshot> snapshot) {
            if (asked != m_session) return;
            const bool first = !std::exchange(m_is_read, true);
            if (!snapshot) {
                m_error->show_error(snapshot.error());
                return tell_if_ready();
            }
            const bool untouched = m_draft == m_saved;
            m_saved = snapshot->spec;
            if (first || untouched) {
                m_draft = m_saved;
                m_rule->set_spec(m_draft);
            }
            m_special->set_spec(m_saved);
            m_labels = std::move(snapshot->labels);
            m_rows = snapshot->rows;
            m_training = std::make_shared<const std::vector<Row>>(std::move(snapshot->training));
            show_source(static_cast<Source>(m_source->currentData().toInt()));
            count_shares();
            show_state();
            tell_if_ready();
        });
}

int TokensPage::longest() const {
    return m_limit->value();
}

void TokensPage::show_source(Source source) {
    m_source->setCurrentIndex(m_source->findData(source));
    m_typed->setVisible(source == Typed);
    m_index->setVisible(source != Typed);
    m_words->setVisible(source == Rows);
    const QSignalBlocker quiet(m_index);
    m_index->setPrefix(source == Batch ? tr("step ") : tr("row "));
    if (source == Rows) {
        m_index->setMaximum(static_cast<int>(std::max<std::int64_t>(1, m_rows)));
        m_index->setSuffix(tr(" of %1").arg(count_text(m_rows)));
    }
    draw();
}

void TokensPage::show_row(int index) {
    if (m_source->currentData().toInt() != Rows) show_source(Rows);
    m_index->setValue(index);
}

void TokensPage::show_step(int step) {
    {
        const QSignalBlocker quiet(m_index);
        m_index->setMaximum(std::max(m_index->maximum(), step));
        m_index->setValue(step);
    }
    show_source(Batch);
}

void TokensPage::draw() {
    if (!m_session || !m_is_read || m_rows == 0) return;
    QSettings().setValue(QStringLiteral("tokens/limit"), m_limit->value());
    switch (static_cast<Source>(m_source->currentData().toInt())) {
        case Typed: return draw_typed();
        case Batch: return ask_for_batch();
        case Rows: break;
    }
    m_session->ask(
        this, [index = m_index->value()](Project& project) { return project.data().rows({}, 1, index - 1); },
        [this, index = m_index->value(), asked = m_session](const Result<std::vector<Row>>& rows) {
            if (asked != m_session || index != m_index->value()) return;
            if (!rows || rows->empty()) return;
            draw_rows({rows->front().id}, {0});
        });
}

void TokensPage::draw_typed() {
    m_session->ask(
        this,
        [tokenizers = m_tokenizers, spec = m_draft, problem = m_problem->toPlainText().toStdString(),
         solution = m_solution->toPlainText().toStdString(), longest = static_cast<std::size_t>(longest())](Project&) -> Result<Drawn> {
            const auto tokenizer = LOSSMITH_TRY(tokenizers->of(spec));
            std::vector<TokenSection> sections(1);
            sections.front().view = LOSSMITH_TRY(view_example(spec, *tokenizer, problem, solution, longest));
            return Drawn{std::move(sections), tokenizer};
        },
        [this, asked = m_session](Result<Drawn> drawn) {
            if (asked == m_session) show_drawn(std::move(drawn));
        });
}

void TokensPage::draw_rows(const std::vector<std::int64_t>& rows, const std::vector<std::size_t>& padded_to) {
    m_session->ask(
        this,
        [tokenizers = m_tokenizers, spec = m_draft, rows, padded_to, labels = m_labels,
         longest = static_cast<std::size_t>(longest())](Project& project) -> Result<Drawn> {
            const auto tokenizer = LOSSMITH_TRY(tokenizers->of(spec));
            std::vector<TokenSection> sections;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const Row row = LOSSMITH_TRY(project.data().row(rows[i]));
                const auto by_hand = labels.find(row.id);
                TokenSection section;
                section.row = row.id;
                section.heading =
                    TokensPage::tr("row %1, line %2, %3").arg(row.id).arg(row.line).arg(QString::fromLatin1(name_of(row.split)));
                if (by_hand != labels.end()) section.heading += TokensPage::tr(" · labelled by hand");
                auto view = view_example(spec, *tokenizer, row.problem, row.solution, longest, padded_to[i],
                                         by_hand == labels.end() ? RowLabels{} : by_hand->second);
                if (!view) return failure(std::move(view).error().at_row(row.id));
                section.view = std::move(*view);
                sections.push_back(std::move(section));
            }
            return Drawn{std::move(sections), tokenizer};
        },
        [this, asked = m_session](Result<Drawn> drawn) {
            if (asked == m_session) show_drawn(std::move(drawn));
        });
}

void TokensPage::show_drawn(Result<Drawn> drawn) {
    m_is_drawn = true;
    if (drawn) {
        m_error->clear();
        m_tokenizer = drawn->tokenizer;
        m_view->set_sections(std::move(drawn->sections), m_tokenizer);
    } else {
        m_error->show_error(drawn.error());
    }
    tell_if_ready();
}

void TokensPage::ask_for_batch() {
    if (m_batch_question != 0) m_engine.cancel(m_batch_question);
    RunConfig config;
    config.template_spec = m_draft;
    if (m_draft.label_padding) config.padding = "max_length";
    config.max_length = longest();
    m_batch_question =
        m_engine.request(QStringLiteral("batch"), {{"project", m_session->path().string()}, {"config", config}, {"step", m_index->value()}},
                         this, [this, asked = m_session](const Result<Json>& answer) {
                             if (asked != m_session) return;
                             m_batch_question = 0;
                             if (!answer) return m_error->show_error(answer.error());
                             const int steps = answer->value("total_steps", 1);
                             {
                                 const QSignalBlocker quiet(m_index);
                                 m_index->setMaximum(std::max(1, steps));
                                 m_index->setSuffix(tr(" of %1").arg(count_text(steps)));
                             }
                             std::vector<std::int64_t> rows;
                             std::vector<std::size_t> padded_to;
                             for (const Json& micro_batch : answer->value("micro_batches", Json::array()))
                                 for (const Json& row : micro_batch.value("rows", Json::array())) {
                                     rows.push_back(row.get<std::int64_t>());
                                     padded_to.push_back(micro_batch.value("padded_to", std::size_t{0}));
                                 }
                             draw_rows(rows, padded_to);
                         });
}

void TokensPage::count_shares() {
    if (!m_session || !m_training) return;
    m_shares->set_shares({});
    m_counted = false;
    m_counter->ask(
        [tokenizers = m_tokenizers, spec = m_draft, training = m_training, labels = m_labels,
         longest = static_cast<std::size_t>(longest())](const CancellationToken& cancelled) -> Result<ExampleShares> {
            const auto tokenizer = LOSSMITH_TRY(tokenizers->of(spec));
            ExampleShares shares;
            for (const Row& row : *training) {
                if (cancelled.is_cancelled()) return failure(Error::cancelled());
                const auto by_hand = labels.find(row.id);
                const ExampleView view =
                    LOSSMITH_TRY(view_example(spec, *tokenizer, row.problem, row.solution, longest, spec.label_padding ? longest : 0,
                                              by_hand == labels.end() ? RowLabels{} : by_hand->second));
                shares.add(view);
            }
            return shares;
        },
        [this](const Result<ExampleShares>& shares) {
            m_counted = true;
            if (shares)
                m_shares->set_shares(*shares);
            else
                m_error->show_error(shares.error());
            tell_if_ready();
        });
}

void TokensPage::show_state() {
    if (!m_session)
        m_empty->set_text(tr("No project is open"), tr("Open a project to see its rows as tokens."), tr("Go to Start"));
    else
        m_empty->set_text(tr("No rows yet"), tr("Import a CSV of problems and solutions; then every token of them is seen here."),
                          tr("Go to Data"));
    const bool empty = !m_session || (m_is_read && m_rows == 0);
    m_views->setCurrentIndex(empty ? 0 : 1);
    for (QWidget* part : std::initializer_list<QWidget*>{m_source, m_limit}) part->setVisible(!empty);
    if (empty) {
        m_index->hide();
        m_words->hide();
    }
    const bool edited = m_draft != m_saved;
    m_use->setEnabled(edited);
    m_revert->setEnabled(edited);
}

}  // namespace lossmith::ui

#include "moc_TokensPage.cpp"
