#include "ui/logits/Measure.h"

#include <QCoreApplication>
#include <cmath>

#include "ui/widgets/Format.h"

namespace lossmith::ui {

namespace {

constexpr double farthest_rank = 1000;
constexpr double farthest_loss = 10;    // nats
constexpr double farthest_entropy = 8;  // nats; a uniform guess over GPT-2's vocabulary has 10.8

QString measured(const char* text) {
    return QCoreApplication::translate("lossmith::ui::Measure", text);
}

QString fixed(double value, int places = 2) {
    return QString::number(value, 'f', places);
}

}  // namespace

QString title_of(Measure measure) {
    switch (measure) {
        case Measure::Probability: return measured("probability");
        case Measure::LogProbability: return measured("log probability");
        case Measure::Rank: return measured("rank");
        case Measure::Entropy: return measured("entropy");
        case Measure::Loss: return measured("loss");
        case Measure::Surprise: return measured("surprise");
    }
    return {};
}

QString title_of(Change change) {
    switch (change) {
        case Change::Probability: return measured("probability");
        case Change::Rank: return measured("rank");
        case Change::Divergence: return measured("KL");
    }
    return {};
}

QString about(Measure measure) {
    switch (measure) {
        case Measure::Probability: return measured("What the model gave this token before it saw it, from 0 to 1");
        case Measure::LogProbability: return measured("The natural logarithm of the probability: 0 is certain");
        case Measure::Rank: return measured("How many tokens were at least as probable: 1 is the model's first choice");
        case Measure::Entropy: return measured("How undecided the model was at this place, in nats, whatever token came");
        case Measure::Loss: return measured("Cross-entropy of this token in nats: what training lowers");
        case Measure::Surprise: return measured("The loss in bits: 1 bit is a coin toss");
    }
    return {};
}

QString about(Change change) {
    switch (change) {
        case Change::Probability: return measured("Probability under the tuned model less that under the base");
        case Change::Rank: return measured("Rank under the base and under the tuned model; coloured by their ratio");
        case Change::Divergence:
            return measured("KL(tuned‖base) in nats: how far the whole distribution at this place moved, whatever token came");
    }
    return {};
}

double value_of(const Prediction& told, Measure measure) {
    switch (measure) {
        case Measure::Probability: return told.probability;
        case Measure::LogProbability: return told.log_probability;
        case Measure::Rank: return static_cast<double>(told.rank);
        case Measure::Entropy: return told.entropy;
        case Measure::Loss: return told.loss;
        case Measure::Surprise: return told.loss / std::log(2.0);
    }
    return 0;
}

std::optional<double> value_of(const InspectedToken& token, Change change) {
    if (!token.base || !token.tuned) return {};
    switch (change) {
        case Change::Probability: return token.tuned->probability - token.base->probability;
        case Change::Rank:
            if (token.base->rank < 1 || token.tuned->rank < 1) return {};
            return std::log10(static_cast<double>(token.base->rank) / static_cast<double>(token.tuned->rank));
        case Change::Divergence: return token.divergence;
    }
    return {};
}

QString probability_text(double probability) {
    if (probability == 0) return QStringLiteral("0");
    if (probability >= 0.001) return fixed(probability, 3);
    if (probability >= 0.00001) return fixed(probability, 5);
    return QString::number(probability, 'g', 2);
}

QString rank_text(std::int64_t rank) {
    return rank < 1 ? QStringLiteral("–") : count_text(rank);
}

QString value_text(const Prediction& told, Measure measure) {
    switch (measure) {
        case Measure::Probability: return probability_text(told.probability);
        case Measure::Rank: return rank_text(told.rank);
        default: return fixed(value_of(told, measure));
    }
}

QString value_text(const InspectedToken& token, Change change) {
    const auto value = value_of(token, change);
    if (!value) return {};
    if (change == Change::Rank) return rank_text(token.base->rank) + QStringLiteral("→") + rank_text(token.tuned->rank);
    const QString sign = change == Change::Probability && *value >= 0 ? QStringLiteral("+") : QString();
    return sign + fixed(*value);
}

ColourScale scale_of(Measure measure) {
    using enum ColourScale::Kind;
    switch (measure) {
        case Measure::Probability: return {Sequential, 0, 1, false};
        case Measure::LogProbability: return {Sequential, -farthest_loss, 0, false};
        case Measure::Rank: return {Sequential, farthest_rank, 1, true};
        case Measure::Entropy: return {Sequential, farthest_entropy, 0, false};
        case Measure::Loss: return {Sequential, farthest_loss, 0, false};
        case Measure::Surprise: return {Sequential, farthest_loss / std::log(2.0), 0, false};
    }
    return {};
}

ColourScale scale_of(Change change) {
    constexpr double farthest_divergence = 6;
    constexpr double farthest_ratio = 3;
    switch (change) {
        case Change::Probability: return scale_around_zero(ColourScale::Kind::Change, 1);
        case Change::Rank: return scale_around_zero(ColourScale::Kind::Change, farthest_ratio);
        case Change::Divergence: return {ColourScale::Kind::Sequential, 0, farthest_divergence, false};
    }
    return {};
}

std::pair<QString, QString> ends_of(Measure measure) {
    const ColourScale scale = scale_of(measure);
    switch (measure) {
        case Measure::Probability: return {QStringLiteral("0"), QStringLiteral("1")};
        case Measure::LogProbability: return {measured("≤ %1").arg(scale.low), QStringLiteral("0")};
        case Measure::Rank: return {measured("≥ %1th").arg(count_text(static_cast<std::int64_t>(scale.low))), measured("1st")};
        case Measure::Surprise: return {measured("≥ %1 bits").arg(fixed(scale.low, 0)), QStringLiteral("0")};
        default: return {measured("≥ %1 nats").arg(scale.low), QStringLiteral("0")};
    }
}

std::pair<QString, QString> ends_of(Change change) {
    switch (change) {
        case Change::Probability: return {measured("−1 base has more"), measured("tuned has more +1")};
        case Change::Rank: return {measured("÷1,000 base ranks it higher"), measured("tuned does ×1,000")};
        case Change::Divergence: return {QStringLiteral("0"), measured("≥ %1 nats").arg(scale_of(change).high)};
    }
    return {};
}

QString tip_of(const InspectedToken& token, std::size_t place) {
    QStringList lines{measured("token %1 · %2 · id %3").arg(place).arg(shown_token(token.text)).arg(token.id)};
    const auto add = [&](const QString& title, const std::optional<Prediction>& told) {
        if (!told) return;
        lines += measured("%1: probability %2 · rank %3 · loss %4 · entropy %5")
                     .arg(title, probability_text(told->probability), rank_text(told->rank), fixed(told->loss), fixed(told->entropy));
        QStringList options;
        for (const TokenAlternative& each : told->top)
            options += shown_token(each.text) + QLatin1Char(' ') + probability_text(each.probability);
        if (!options.isEmpty()) lines += measured("   it expected %1").arg(options.join(QStringLiteral(", ")));
    };
    add(measured("base"), token.base);
    add(token.base ? measured("tuned") : measured("model"), token.tuned);
    if (token.divergence && token.base) lines += measured("KL(tuned‖base) %1 nats").arg(fixed(*token.divergence));
    if (!token.tuned && !token.base) lines += measured("Nothing stands before it, so nothing predicts it.");
    if (token.labelled) lines += *token.labelled ? measured("trained on") : measured("not trained on");
    return lines.join(QLatin1Char('\n'));
}

}  // namespace lossmith::ui
