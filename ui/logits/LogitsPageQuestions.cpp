// What the page asks the engine, and which card is told of which answer.
#include <QPushButton>
#include <QSettings>
#include <QShortcut>
#include <QTabWidget>
#include <QTimer>

#include "ui/generation/CheckpointPicker.h"
#include "ui/generation/SamplingForm.h"
#include "ui/logits/AttentionCard.h"
#include "ui/logits/AttributionCard.h"
#include "ui/logits/BranchCard.h"
#include "ui/logits/DistributionCard.h"
#include "ui/logits/LensCard.h"
#include "ui/logits/LogitsPage.h"
#include "ui/logits/OddsCard.h"
#include "ui/logits/PlaceInquiry.h"
#include "ui/logits/RunStripCard.h"
#include "ui/logits/SourceCard.h"
#include "ui/logits/StripsCard.h"
#include "ui/logits/TokenInspector.h"
#include "ui/logits/TokenStrip.h"
#include "ui/shell/ProjectSession.h"
#include "ui/widgets/Chip.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/ErrorBanner.h"
#include "ui/widgets/Format.h"

namespace lossmith::ui {

namespace {

constexpr int alternatives_in_tips = 3;

/// "Next token after “… sorry that your”".
QString place_heading(const InspectedText& text, int place) {
    constexpr qsizetype shown = 13;
    std::string before;
    for (int i = 0; i < place; ++i) before += text.tokens[static_cast<std::size_t>(i)].text;
    QString line = one_line(QString::fromStdString(before), static_cast<qsizetype>(before.size()) + 1);
    if (line.size() > shown) line = QStringLiteral("…") + line.right(shown);
    return LogitsPage::tr("After “%1”").arg(line.trimmed());
}

}  // namespace

void LogitsPage::connect_cards() {
    connect(m_two_models, &Chip::clicked, this, [this](bool on) {
        set_two_models(on);
        take_models();
    });
    for (CheckpointPicker* picker : {m_base, m_tuned}) {
        connect(picker, &QComboBox::activated, this, [this, picker] {
            const auto choice = picker->choice();
            const QString name = picker == m_base ? QStringLiteral("logits/base") : QStringLiteral("logits/tuned");
            if (choice) QSettings().setValue(name, QString::fromStdString(choice->model));
            take_models();
        });
    }
    connect(m_copy, &QPushButton::clicked, this, &LogitsPage::copy_as_json);
    connect(m_stop, &QPushButton::clicked, this, &LogitsPage::stop);
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this, &LogitsPage::stop);
    connect(m_empty, &EmptyState::action_wanted, this, [this] { Q_EMIT page_wanted(QStringLiteral("start")); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this](int tab) {
        QSettings().setValue(QStringLiteral("logits/tab"), tab);
        show_state();
    });
    connect(m_source, &SourceCard::changed, this, &LogitsPage::inspect_source);
    connect(m_source, &SourceCard::read, this, &LogitsPage::show_state);
    connect(m_strips, &StripsCard::place_chosen, this, &LogitsPage::choose_place);
    connect(m_strips, &StripsCard::place_activated, m_distribution, [this] { m_distribution->setFocus(); });
    connect(m_strips, &StripsCard::measure_changed, m_run, &RunStripCard::set_measure);
    m_run->set_measure(m_strips->measure());
    connect(m_rest, &QTimer::timeout, this, &LogitsPage::ask_place);
    connect(&m_request, &LatestRequest::changed, this, &LogitsPage::show_state);
    connect(m_inquiry, &PlaceInquiry::told, this, &LogitsPage::show_distribution);
    for (InspectionCard* card : std::initializer_list<InspectionCard*>{m_lens, m_attention, m_attribution}) {
        connect(card, &InspectionCard::place_chosen, this, &LogitsPage::choose_place);
        connect(card, &InspectionCard::busy_changed, this, &LogitsPage::show_state);
    }
    connect(m_attention, &AttentionCard::ties_changed, this, &LogitsPage::show_ties);
    connect(m_branches, &BranchCard::busy_changed, this, &LogitsPage::show_state);
    connect(m_odds, &OddsCard::busy_changed, this, &LogitsPage::show_state);
    connect(m_source, &SourceCard::failed, this, &LogitsPage::show_error);
    connect(m_inquiry, &PlaceInquiry::failed, this, &LogitsPage::show_error);
    connect(m_branches, &BranchCard::failed, this, &LogitsPage::show_error);
    connect(m_odds, &OddsCard::failed, this, &LogitsPage::show_error);
    connect(m_run, &RunStripCard::failed, this, &LogitsPage::show_error);
    connect(m_branches, &BranchCard::chosen, this, [this](int branch) {
        if (const Branch* chosen = m_branches->model()->branch(branch)) inspect_ids(chosen->ids);
    });
    const auto force = [this](qint64 id, const QString& text) {
        m_tabs->setCurrentWidget(m_branches);
        m_branches->force(m_place, id, text.toStdString(), m_inspector->sampling_config());
    };
    const auto change = [this](qint64 id, const QString& text) { m_branches->change(m_place, id, text.toStdString()); };
    connect(m_distribution, &DistributionCard::force_wanted, this, force);
    connect(m_distribution, &DistributionCard::change_wanted, this, change);
    connect(m_distribution, &DistributionCard::find_changed, this, &LogitsPage::ask_place);
    connect(m_distribution, &DistributionCard::current_changed, m_inspector, &TokenInspector::show_candidate);
    connect(m_inspector, &TokenInspector::force_wanted, this, force);
    connect(m_inspector, &TokenInspector::change_wanted, this, change);
    connect(m_inspector, &TokenInspector::sampling_changed, m_rest, qOverload<>(&QTimer::start));
}

void LogitsPage::take_models() {
    const auto tuned = m_tuned->choice();
    const auto base = m_two_models->isChecked() ? m_base->choice() : std::nullopt;
    const TemplateSpec spec = tuned && tuned->template_spec ? *tuned->template_spec : m_project_template;
    m_source->set_template(spec);
    const bool two = tuned && base && base->model != tuned->model;
    m_odds->set_models(two ? base->model : std::string(), tuned ? tuned->model : std::string(),
                       m_session ? m_session->path().string() : std::string(), Json(spec));
    inspect_source();
}

void LogitsPage::look_at(const QString& text) {
    m_source->set_typed(text);
}

void LogitsPage::inspect_source() {
    if (!m_session || !m_is_read) return show_state();
    auto params = m_source->params();
    if (!params || !m_tuned->choice()) {
        m_request.forget();
        clear_inspection();
        return show_state();
    }
    inspect(std::move(*params), true);
}

void LogitsPage::inspect_ids(const std::vector<std::int64_t>& ids) {
    if (!m_inspection || m_inspection->text.ids() == ids) return;
    inspect({{"ids", ids}}, false);
}

void LogitsPage::inspect(Json text, bool is_new_text) {
    const auto tuned = m_tuned->choice();
    const auto base = m_two_models->isChecked() ? m_base->choice() : std::nullopt;
    if (!tuned) return;
    // A model beside itself shows nothing.
    const bool two = base && base->model != tuned->model;
    text["project"] = m_session->path().string();
    text["top_k"] = alternatives_in_tips;
    if (two) text["base"] = base->model;
    text[two ? "tuned" : "model"] = tuned->model;
    m_inquiry->forget();
    m_rest->stop();
    m_request.ask(two ? QStringLiteral("inspect/difference") : QStringLiteral("inspect"), text,
                  [this, before = two ? base->model : std::string(), after = tuned->model, is_new_text](const Result<Json>& answer) {
                      if (answer) return take_inspection(*answer, before, after, is_new_text);
                      clear_inspection();
                      show_error(answer.error());
                  });
}

void LogitsPage::take_inspection(const Json& answer, const std::string& base, const std::string& tuned, bool is_new_text) {
    auto text = inspected_text_from_json(answer);
    if (!text) return show_error(text.error());
    m_error->clear();
    const bool same_text = m_inspection && m_inspection->text.ids() == text->ids();
    auto inspection = std::make_shared<Inspection>();
    inspection->project = m_session->path().string();
    inspection->base = base;
    inspection->tuned = tuned;
    inspection->text = std::move(*text);
    m_answer = answer;
    // What comes first is what training is about; where nothing is labelled, the first token that is predicted.
    int place = std::clamp(m_place, 1, std::max(inspection->places(), 1));
    if (is_new_text && !same_text) {
        const auto labelled =
            std::ranges::find_if(inspection->text.tokens, [](const auto& token) { return token.labelled.value_or(false); });
        const auto at = static_cast<int>(labelled - inspection->text.tokens.begin());
        place = at < inspection->places() && at > 0 ? at : std::min(1, inspection->places());
    }
    m_inspection = std::move(inspection);
    m_strips->set_inspection(m_inspection);
    if (is_new_text) m_branches->begin(m_inspection);
    m_place = place;
    m_strips->set_place(place);
    for (InspectionCard* card : std::initializer_list<InspectionCard*>{m_lens, m_attention, m_attribution}) {
        card->set_place(place);
        card->set_inspection(m_inspection);
    }
    m_inspector->show_token(m_inspection, place);
    ask_place();
}

void LogitsPage::clear_inspection() {
    m_inquiry->forget();
    m_rest->stop();
    m_inspection.reset();
    m_answer = {};
    m_place = -1;
    m_strips->set_inspection(nullptr);
    m_branches->begin(nullptr);
    for (InspectionCard* card : std::initializer_list<InspectionCard*>{m_lens, m_attention, m_attribution}) card->set_inspection(nullptr);
    m_distribution->clear();
    m_inspector->show_token(nullptr, -1);
}

void LogitsPage::choose_place(int place) {
    if (!m_inspection || place < 0 || place > m_inspection->places()) return;
    m_place = place;
    m_strips->set_place(place);
    for (InspectionCard* card : std::initializer_list<InspectionCard*>{m_lens, m_attention, m_attribution}) card->set_place(place);
    m_inspector->show_token(m_inspection, place);
    m_rest->start();
    show_state();
}

void LogitsPage::ask_place() {
    m_rest->stop();
    if (!m_inspection) return;
    if (m_place < 1) {
        m_inquiry->forget();
        m_distribution->clear();
        return show_state();
    }
    const SamplingConfig sampling = m_inspector->sampling_config();
    m_inquiry->ask(
        {m_inspection, m_place, sampling.validate().empty() ? std::optional(sampling) : std::nullopt, m_distribution->find_text()});
    show_state();
}

void LogitsPage::show_distribution(const PlaceOfTwo& place) {
    if (!m_inspection || m_place < 1) return;
    const auto& tokens = m_inspection->text.tokens;
    const auto here = m_place < m_inspection->places() ? std::optional(tokens[static_cast<std::size_t>(m_place)].id) : std::nullopt;
    m_distribution->show_place(place_heading(m_inspection->text, m_place), place, here);
    m_inspector->show_place(place);
    show_state();
}

void LogitsPage::show_ties() {
    if (m_strips) m_strips->set_ties(m_attention->side(), m_attention->ties());
}

void LogitsPage::stop() {
    m_request.forget();
    m_inquiry->forget();
    for (InspectionCard* card : std::initializer_list<InspectionCard*>{m_lens, m_attention, m_attribution}) card->stop();
    m_branches->stop();
    m_odds->stop();
    show_state();
}

}  // namespace lossmith::ui
