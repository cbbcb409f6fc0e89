// What the engine says of a loss (`loss/check`), and the losses it ships (`loss/catalogue`), as the page shows them.
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/Json.h"
#include "core/base/Result.h"

namespace lossmith::ui {

enum class LossVerdict { Ok, Cut, ZeroGradient, Error, NotFinite, Timeout, Memory, Denied };

/// A stretch of one line of the source. Lines and columns count from 1, columns in characters; `end_column` is the first one after it.
/// Zero: not known.
struct LossPlace {
    int line = 0;
    int column = 0;
    int end_column = 0;
};

using TensorShape = std::optional<std::vector<std::int64_t>>;  ///< absent: not a tensor, or not known

struct LossArgument {
    QString name;
    TensorShape shape;
    QString dtype;
    QString gradient;  ///< "flows", "cut" or "unused"
    QString about;
};

struct LossParameter {
    QString name;
    QString type;  ///< "float", "int", "bool" or "str"
    Json default_value;
    Json value;
    std::optional<double> minimum;
    std::optional<double> maximum;
    QString about;

    bool operator==(const LossParameter&) const = default;
};

/// What a line of the source holds after it has run.
struct LossLine {
    int line = 0;
    TensorShape shape;
    QString dtype;
    QString gradient;  ///< "flows", "cut" or "none"
    std::optional<double> minimum;
    std::optional<double> maximum;
    QString text;  ///< a short value where there is one: "0.417"
    bool not_finite = false;
};

struct LossCut {
    LossPlace place;
    QString operator_name;
    QString kind;  ///< "cut", "kink" or "note"
    QString reason;
};

struct LossRewrite {
    QString title;
    QString about;
    QString snippet;
    QString source;  ///< the whole new text
    QString becomes;
};

struct HeatToken {
    QString text;
    bool labelled = false;
    std::optional<double> value;
    std::optional<double> gradient;
};

struct HeatRow {
    std::int64_t row = 0;
    std::vector<HeatToken> tokens;
};

struct LossPart {
    QString name;
    std::optional<double> value;
};

struct LossReport {
    LossVerdict verdict = LossVerdict::Ok;
    LossPlace place;
    QString message;
    QString hint;
    bool is_reward = false;
    std::optional<double> value;
    std::vector<LossPart> parts;
    std::vector<LossArgument> arguments;
    std::vector<LossParameter> parameters;
    std::vector<LossLine> lines;
    std::vector<LossCut> cuts;
    std::vector<LossRewrite> rewrites;
    std::optional<bool> separable_by_token;
    std::optional<bool> split_invariant;
    std::optional<double> split_difference;
    QString split_reason;
    QString trainer_does;
    std::optional<bool> differences_agree;
    std::int64_t positions = 0;
    std::optional<double> largest_difference;
    QString differences_reason;
    std::optional<double> milliseconds;
    std::optional<double> peak_bytes;
    std::optional<double> share_of_model;
    std::vector<HeatRow> heat;
    QStringList prints;
    std::int64_t batch_rows = 0;
    std::optional<double> batch_milliseconds;
    std::optional<double> smallest_logit;
    std::optional<double> largest_logit;

    /// Whether the text was understood and ran to its end.
    [[nodiscard]] bool is_understood() const;
    /// Whether a run could learn from it: a gradient reaches the model, or it is a reward, which needs none.
    [[nodiscard]] bool can_train() const;
};

[[nodiscard]] Result<LossReport> loss_report_from_json(const Json& json);

struct CatalogueEntry {
    QString name;
    QString title;
    QString about;
    QString source_reference;
    QString kind;  ///< "loss", "reward" or "sample"
    QString source;
    std::vector<LossParameter> parameters;
};

/// What cannot be read is left out: a newer engine may know more.
[[nodiscard]] std::vector<CatalogueEntry> catalogue_from_json(const Json& json);

/// "[4, 96, 50257]"; empty for none.
[[nodiscard]] QString shape_text(const TensorShape& shape);
/// "float32" and "torch.float32" → "f32"; "bool" stays.
[[nodiscard]] QString short_dtype(const QString& dtype);
/// Few digits, a true minus: "−71.2", "0.417", "3.1e−05".
[[nodiscard]] QString short_number(double value, int digits = 3);
/// "[4, 96] i64 · gradient stops here": what stands at the end of the line. `cut_here`: the gradient ends in this line.
[[nodiscard]] QString line_text(const LossLine& line, bool cut_here);

}  // namespace lossmith::ui
