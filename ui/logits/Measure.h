// What a token is coloured by: its value under a model, or what changed of it between two, in words, numbers and colours.
#pragma once

#include <QString>
#include <array>
#include <optional>

#include "ui/logits/ColourScale.h"
#include "ui/logits/InspectedText.h"

namespace lossmith::ui {

enum class Measure { Probability, LogProbability, Rank, Entropy, Loss, Surprise };
inline constexpr std::array all_measures{Measure::Probability, Measure::LogProbability, Measure::Rank,
                                         Measure::Entropy,     Measure::Loss,           Measure::Surprise};

/// What two models are told apart by.
enum class Change { Probability, Rank, Divergence };
inline constexpr std::array all_changes{Change::Probability, Change::Rank, Change::Divergence};

[[nodiscard]] QString title_of(Measure measure);  ///< "log probability"
[[nodiscard]] QString title_of(Change change);
[[nodiscard]] QString about(Measure measure);  ///< a sentence with its unit
[[nodiscard]] QString about(Change change);

[[nodiscard]] double value_of(const Prediction& told, Measure measure);
/// Positive: the tuned model has more of it. The rank's is log10(base / tuned): 1 where the rank fell to a tenth.
[[nodiscard]] std::optional<double> value_of(const InspectedToken& token, Change change);

[[nodiscard]] QString value_text(const Prediction& told, Measure measure);
[[nodiscard]] QString value_text(const InspectedToken& token, Change change);  ///< "188→1" for a rank; empty where there is none

/// Ends that do not depend on the text, so that two texts can be held against each other.
[[nodiscard]] ColourScale scale_of(Measure measure);
[[nodiscard]] ColourScale scale_of(Change change);
/// What stands at the ends of a scale: "rank 1,000 and above".
[[nodiscard]] std::pair<QString, QString> ends_of(Measure measure);
[[nodiscard]] std::pair<QString, QString> ends_of(Change change);

[[nodiscard]] QString probability_text(double probability);  ///< "0.931", "0.00012", "3e-9"
[[nodiscard]] QString rank_text(std::int64_t rank);          ///< "1,204"; "–" for 0

/// All that is known of a token, for a tool tip.
[[nodiscard]] QString tip_of(const InspectedToken& token, std::size_t place);

}  // namespace lossmith::ui
