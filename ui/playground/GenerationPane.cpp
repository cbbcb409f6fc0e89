#include "ui/playground/GenerationPane.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/protocol/EngineClient.h"
#include "ui/generation/CheckpointPicker.h"
#include "ui/playground/AlternativesPopup.h"
#include "ui/playground/TokenTextView.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

constexpr int alternatives = 8;

QString ending(const std::string& stopped_by) {
    if (stopped_by == "end_token") return GenerationPane::tr("ended by itself");
    if (stopped_by == "stop_string") return GenerationPane::tr("ended at a stop string");
    if (stopped_by == "length") return GenerationPane::tr("ended by the limit");
    if (stopped_by == "stopped") return GenerationPane::tr("stopped");
    return {};
}

Json ids_of(const TokenTrace& trace) {
    Json ids = Json::array();
    for (const TracedToken& token : trace) ids.push_back(token.id);
    return ids;
}

TokenTrace trace_of(const Generation& generation) {
    const auto tokens = generation.details.is_object() ? generation.details.find("tokens") : generation.details.end();
    return generation.details.is_object() && tokens != generation.details.end() ? trace_from_json(*tokens) : TokenTrace{};
}

}  // namespace

PlaygroundRequest request_of(const Generation& generation) {
    PlaygroundRequest request;
    request.typed = string_or_empty(generation.details, "typed");
    request.through_template = string_or_empty(generation.details, "mode") == "template";
    request.prompt = generation.prompt;
    request.sampling = generation.settings;
    const TokenTrace tokens = trace_of(generation);
    const auto kept = static_cast<std::size_t>(std::max(0.0, number_or_zero(generation.details, "kept")));
    request.kept.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(std::min(kept, tokens.size())));
    if (const std::string text = text_of(request.kept); request.prompt.ends_with(text))
        request.prompt.resize(request.prompt.size() - text.size());
    if (generation.details.is_object() && generation.details.contains("template"))
        request.template_spec = template_spec_from_json(generation.details["template"]).value_or(TemplateSpec{});
    return request;
}

GenerationPane::GenerationPane(EngineClient& engine, Role side, AlternativesPopup& popup, QWidget* parent)
    : Card({}, parent),
      m_engine(engine),
      m_side(side),
      m_popup(popup),
      m_models(new QHBoxLayout),
      m_picker(new CheckpointPicker(side)),
      m_summary(new MutedLabel),
      m_view(new TokenTextView) {
    m_picker->setObjectName(side == Role::Base ? QStringLiteral("base_model") : QStringLiteral("tuned_model"));
    m_view->setObjectName(side == Role::Base ? QStringLiteral("base_text") : QStringLiteral("tuned_text"));
    m_view->set_placeholder(tr("The answer comes here, token by token. The redder the ground, the less probable the token."));
    m_summary->setWordWrap(false);
    m_summary->setMinimumWidth(1);
    m_models->addWidget(m_picker, 1);
    body()->addLayout(m_models);
    body()->addWidget(m_view, 1);
    body()->addWidget(m_summary);
    connect(m_view, &TokenTextView::hovered, this,
            [this](int token) { token >= 0 ? show_alternatives(token, false) : m_popup.leave_soon(); });
    connect(m_view, &TokenTextView::activated, this, [this](int token) { show_alternatives(token, true); });
    connect(m_view, &TokenTextView::current_changed, this, [this](int token) {
        if (token >= 0 && m_view->hasFocus()) show_alternatives(token, false);
    });
    connect(&m_popup, &AlternativesPopup::chosen, this, &GenerationPane::branch);
    connect(&m_popup, &AlternativesPopup::left, this, [this] {
        if (m_shown_alternatives_of >= 0) m_view->setFocus();
    });
}

GenerationPane::~GenerationPane() {
    if (m_request) m_engine.cancel(*m_request);
}

void GenerationPane::start(PlaygroundRequest request) {
    stop();
    m_expected.reset();
    const auto model = m_picker->choice();
    if (!model) return;
    m_model = *model;
    m_asked = std::move(request);
    m_view->set_tokens(m_asked.kept);
    m_summary->setText(tr("thinking…"));
    Json params{{"model", m_model.model},
                {"project", m_asked.project},
                {"sampling", m_asked.sampling},
                {"probabilities", true},
                {"top_k", alternatives}};
    if (!m_asked.kept.empty()) params["continue_ids"] = ids_of(m_asked.kept);
    if (m_asked.through_template) {
        params["problems"] = {m_asked.typed};
        params["template"] = m_asked.template_spec;
    } else {
        params["prompts"] = {m_asked.prompt};
    }
    m_request = m_engine.request(
        QStringLiteral("generate"), params, this,
        [this](Result<Json> answer) {
            if (!m_request) return;
            m_request.reset();
            if (answer) return take_answer(*answer);
            describe({});
            if (answer.error().kind != ErrorKind::Cancelled) Q_EMIT failed(answer.error());
        },
        [this](const Json& value) {
            if (!m_request) return;
            m_view->add_token(token_from_progress(value));
            describe({});
        });
}

std::string GenerationPane::text_with_prompt() const {
    // The tokens that a branch kept end its prompt and begin its answer.
    std::string prompt = m_asked.prompt;
    const std::string kept = text_of(m_asked.kept);
    if (!kept.empty() && prompt.ends_with(kept)) prompt.resize(prompt.size() - kept.size());
    return prompt + text_of(m_view->tokens());
}

void GenerationPane::take_answer(const Json& answer) {
    const Json text = answer.is_array() && answer.size() == 1 ? answer[0] : Json();
    if (!text.is_object()) {
        Q_EMIT failed(Error::internal("The engine's answer could not be read."));
        return;
    }
    finish(string_or_empty(text, "text"), string_or_empty(text, "stopped_by"));
}

void GenerationPane::finish(const std::string& text, const std::string& stopped_by) {
    describe(stopped_by);
    Generation generation;
    generation.model = m_model.model;
    generation.weights = m_model.weights;
    generation.prompt = m_asked.prompt + text_of(m_asked.kept);
    generation.settings = m_asked.sampling;
    generation.text = text;
    generation.details = {{"source", "playground"},
                          {"label", m_model.label},
                          {"side", m_side == Role::Base ? "base" : "tuned"},
                          {"mode", m_asked.through_template ? "template" : "raw"},
                          {"typed", m_asked.typed},
                          {"kept", m_asked.kept.size()},
                          {"template", m_asked.template_spec},
                          {"stopped_by", stopped_by},
                          {"tokens", trace_to_json(m_view->tokens())}};
    compare_with_expected();
    Q_EMIT finished(generation);
}

void GenerationPane::stop() {
    if (!m_request) return;
    m_engine.cancel(*m_request);
    m_request.reset();
    TokenTrace added(m_view->tokens().begin() + static_cast<std::ptrdiff_t>(std::min(m_asked.kept.size(), m_view->tokens().size())),
                     m_view->tokens().end());
    if (added.empty()) return describe({});
    finish(text_of(added), "stopped");
}

void GenerationPane::clear() {
    stop();
    m_view->clear();
    m_summary->clear();
}

void GenerationPane::show_kept(const Generation& generation) {
    stop();
    m_asked = request_of(generation);
    m_view->set_tokens(trace_of(generation));
    describe(string_or_empty(generation.details, "stopped_by"));
}

void GenerationPane::write_again(const Generation& generation, const std::string& project) {
    PlaygroundRequest request = request_of(generation);
    request.project = project;
    start(std::move(request));
    m_expected = trace_of(generation);
}

void GenerationPane::compare_with_expected() {
    if (!m_expected) return;
    const TokenTrace expected = *std::exchange(m_expected, std::nullopt);
    const TokenTrace& written = m_view->tokens();
    const auto [differs, beyond] = std::ranges::mismatch(expected, written, {}, &TracedToken::id, &TracedToken::id);
    const bool same = differs == expected.end() && beyond == written.end();
    m_summary->setText(m_summary->text() + QStringLiteral(" · ") +
                       (same ? tr("the same, token for token") : tr("differs from token %1 on").arg(differs - expected.begin() + 1)));
    Q_EMIT written_again(same);
}

void GenerationPane::make_removable() {
    auto* cross = new QPushButton(tr("×"), this);
    cross->setToolTip(tr("Leave this model out"));
    cross->setAccessibleName(tr("Leave this model out"));
    connect(cross, &QPushButton::clicked, this, &GenerationPane::removed);
    m_models->addWidget(cross);
}

void GenerationPane::describe(const std::string& stopped_by) {
    const TokenTrace& tokens = m_view->tokens();
    if (tokens.empty()) return m_summary->clear();
    double log_sum = 0;
    for (const TracedToken& token : tokens) log_sum += std::log(std::max(token.probability, 1e-12));
    const double mean = std::exp(log_sum / static_cast<double>(tokens.size()));
    QStringList parts{counted(static_cast<std::int64_t>(tokens.size()), tr("1 token"), tr("%1 tokens")),
                      tr("probability %1 a token").arg(QString::number(mean, 'f', 2))};
    if (const QString end = ending(stopped_by); !end.isEmpty()) parts += end;
    m_summary->setText(parts.join(QStringLiteral(" · ")));
    m_summary->setToolTip(tr("The geometric mean of the tokens' probabilities"));
}

void GenerationPane::show_alternatives(int token, bool take_focus) {
    if (token < 0 || token >= static_cast<int>(m_view->tokens().size())) return;
    for (GenerationPane* pane : window()->findChildren<GenerationPane*>()) pane->m_shown_alternatives_of = -1;
    m_shown_alternatives_of = token;
    QWidget* over = m_popup.parentWidget();
    const QRect place = m_view->rectangle_of(token);
    const QRect beside(m_view->viewport()->mapTo(over, place.topLeft()), place.size());
    m_popup.show_for(m_view->tokens()[static_cast<std::size_t>(token)], beside, take_focus);
}

void GenerationPane::branch(const TokenAlternative& alternative) {
    if (m_shown_alternatives_of < 0) return;
    const auto at = static_cast<std::ptrdiff_t>(m_shown_alternatives_of);
    m_shown_alternatives_of = -1;
    stop();
    TokenTrace kept(m_view->tokens().begin(), m_view->tokens().begin() + at);
    for (TracedToken& token : kept) token.forced = false;
    TracedToken forced = m_view->tokens()[static_cast<std::size_t>(at)];
    forced.id = alternative.id;
    forced.text = alternative.text;
    forced.probability = alternative.probability;
    forced.forced = true;
    kept.push_back(std::move(forced));
    Q_EMIT branch_wanted(m_asked, kept);
}

}  // namespace lossmith::ui

#include "moc_GenerationPane.cpp"
