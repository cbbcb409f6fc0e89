#include "ui/logits/PlaceInquiry.h"

namespace lossmith::ui {

std::optional<std::int64_t> PlaceInquiry::id_here() const {
    const auto& tokens = m_question.inspection->text.tokens;
    const auto place = static_cast<std::size_t>(m_question.place);
    return place < tokens.size() ? std::optional(tokens[place].id) : std::nullopt;
}

void PlaceInquiry::ask(PlaceQuestion question) {
    m_question = std::move(question);
    m_place = {};
    const auto here = id_here();
    ask_side(ModelSide::Tuned, here ? std::vector{*here} : std::vector<std::int64_t>(), !m_question.inspection->of_two());
}

void PlaceInquiry::ask_side(ModelSide side, std::vector<std::int64_t> also, bool last) {
    Json params = m_question.inspection->params(side);
    params["place"] = m_question.place;
    params["top_k"] = top_k;
    params["also"] = std::move(also);
    if (m_question.sampling) params["sampling"] = *m_question.sampling;
    if (!m_question.find.empty()) params["find"] = m_question.find;
    m_request.ask(QStringLiteral("inspect/place"), params, [this, side, last](const Result<Json>& answer) {
        if (!answer) return Q_EMIT failed(answer.error());
        auto place = place_distribution_from_json(*answer);
        if (!place) return Q_EMIT failed(place.error());
        (side == ModelSide::Base ? m_place.base : m_place.tuned) = std::move(*place);
        if (side == ModelSide::Tuned && !last) return ask_side(ModelSide::Base, m_place.tuned->ids(), false);
        if (side == ModelSide::Base) {
            // What only the base thinks of is still to be told of the tuned model.
            const auto wanted = m_place.base->ids();
            if (wanted.size() > m_place.tuned->ids().size()) return ask_side(ModelSide::Tuned, wanted, true);
        }
        Q_EMIT told(m_place);
    });
}

}  // namespace lossmith::ui

#include "moc_PlaceInquiry.cpp"
