// Asks for a place under both models so that each tells of every token the other thinks probable.
#pragma once

#include <QObject>

#include "core/config/SamplingConfig.h"
#include "ui/logits/Inspection.h"
#include "ui/logits/LatestRequest.h"
#include "ui/logits/PlaceDistribution.h"

namespace lossmith::ui {

struct PlaceQuestion {
    InspectionPointer inspection;
    int place = 0;
    std::optional<SamplingConfig> sampling;
    std::string find;
};

class PlaceInquiry : public QObject {
    Q_OBJECT

public:
    static constexpr int top_k = 12;

    PlaceInquiry(EngineClient& engine, QObject* parent) : QObject(parent), m_request(engine, this) {}

    void ask(PlaceQuestion question);
    void forget() { m_request.forget(); }
    [[nodiscard]] bool is_asking() const { return m_request.is_asking(); }

Q_SIGNALS:
    void told(const lossmith::ui::PlaceOfTwo& place);
    void failed(const lossmith::Error& error);

private:
    /// The tuned model first, then the base with the tuned one's tokens, then the tuned again with the base's.
    void ask_side(ModelSide side, std::vector<std::int64_t> also, bool last);
    [[nodiscard]] std::optional<std::int64_t> id_here() const;

    LatestRequest m_request;
    PlaceQuestion m_question;
    PlaceOfTwo m_place;
};

}  // namespace lossmith::ui
