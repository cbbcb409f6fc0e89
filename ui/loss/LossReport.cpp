// Reads the engine's answers about losses, and says the numbers in them shortly.
#include "ui/loss/LossReport.h"

#include <QCoreApplication>
#include <cmath>
#include <utility>

namespace lossmith::ui {

namespace {

QString report_tr(const char* text) {
    return QCoreApplication::translate("LossReport", text);
}

QString string_of(const Json& json, const char* name) {
    return QString::fromStdString(string_or_empty(json, name));
}

std::optional<double> number_of(const Json& json, const char* name) {
    if (!json.is_object() || !json.contains(name) || !json[name].is_number()) return std::nullopt;
    return json[name].get<double>();
}

std::optional<bool> truth_of(const Json& json, const char* name) {
    if (!json.is_object() || !json.contains(name) || !json[name].is_boolean()) return std::nullopt;
    return json[name].get<bool>();
}

int integer_of(const Json& json, const char* name) {
    return static_cast<int>(number_of(json, name).value_or(0));
}

/// The member, or an empty list where it is missing or none.
const Json& list_of(const Json& json, const char* name) {
    static const Json nothing = Json::array();
    return json.is_object() && json.contains(name) && json[name].is_array() ? json[name] : nothing;
}

const Json& member_of(const Json& json, const char* name) {
    static const Json nothing;
    return json.is_object() && json.contains(name) ? json[name] : nothing;
}

TensorShape shape_of(const Json& json) {
    if (!json.is_object() || !json.contains("shape") || !json["shape"].is_array()) return std::nullopt;
    std::vector<std::int64_t> shape;
    for (const Json& size : json["shape"])
        if (size.is_number()) shape.push_back(size.get<std::int64_t>());
    return shape;
}

LossPlace place_of(const Json& json) {
    return {integer_of(json, "line"), integer_of(json, "column"), integer_of(json, "end_column")};
}

std::optional<LossVerdict> verdict_from(const std::string& name) {
    static constexpr std::pair<const char*, LossVerdict> names[] = {
        {"ok", LossVerdict::Ok},         {"cut", LossVerdict::Cut},         {"zero_gradient", LossVerdict::ZeroGradient},
        {"error", LossVerdict::Error},   {"timeout", LossVerdict::Timeout}, {"not_finite", LossVerdict::NotFinite},
        {"memory", LossVerdict::Memory}, {"denied", LossVerdict::Denied}};
    for (const auto& [known, verdict] : names)
        if (name == known) return verdict;
    return std::nullopt;
}

LossParameter parameter_from(const Json& json) {
    LossParameter parameter;
    parameter.name = string_of(json, "name");
    parameter.type = string_of(json, "type");
    parameter.default_value = member_of(json, "default");
    parameter.value = json.contains("value") ? json["value"] : parameter.default_value;
    parameter.minimum = number_of(json, "minimum");
    parameter.maximum = number_of(json, "maximum");
    parameter.about = string_of(json, "about");
    return parameter;
}

std::vector<HeatRow> heat_from(const Json& json) {
    std::vector<HeatRow> heat;
    for (const Json& row : list_of(json, "heat")) {
        HeatRow read{static_cast<std::int64_t>(number_of(row, "row").value_or(0)), {}};
        for (const Json& token : list_of(row, "tokens"))
            read.tokens.push_back({string_of(token, "text"), truth_of(token, "labelled").value_or(false), number_of(token, "value"),
                                   number_of(token, "gradient")});
        heat.push_back(std::move(read));
    }
    return heat;
}

void read_arguments(const Json& json, LossReport& report) {
    for (const Json& each : list_of(json, "argument_list"))
        report.arguments.push_back(
            {string_of(each, "name"), shape_of(each), string_of(each, "dtype"), string_of(each, "gradient"), string_of(each, "about")});
    if (!report.arguments.empty()) return;
    for (const auto& [name, gradient] : member_of(json, "arguments").items())
        report.arguments.push_back({QString::fromStdString(name),
                                    {},
                                    {},
                                    gradient.is_string() ? QString::fromStdString(gradient.get<std::string>()) : QString(),
                                    {}});
}

void read_what_was_run(const Json& json, LossReport& report) {
    for (const Json& each : list_of(json, "parts")) report.parts.push_back({string_of(each, "name"), number_of(each, "value")});
    for (const Json& each : list_of(json, "parameters"))
        if (each.is_object()) report.parameters.push_back(parameter_from(each));
    for (const Json& each : list_of(json, "lines"))
        report.lines.push_back({integer_of(each, "line"), shape_of(each), string_of(each, "dtype"), string_of(each, "gradient"),
                                number_of(each, "min"), number_of(each, "max"), string_of(each, "text"),
                                truth_of(each, "not_finite").value_or(false)});
    for (const Json& each : list_of(json, "cuts"))
        report.cuts.push_back({place_of(each), string_of(each, "operator"), string_of(each, "kind"), string_of(each, "reason")});
    for (const Json& each : list_of(json, "rewrites"))
        report.rewrites.push_back({string_of(each, "title"), string_of(each, "about"), string_of(each, "snippet"),
                                   string_of(each, "source"), string_of(each, "becomes")});
    for (const Json& each : list_of(json, "prints"))
        if (each.is_string()) report.prints.append(QString::fromStdString(each.get<std::string>()));
    report.heat = heat_from(json);
}

void read_findings(const Json& json, LossReport& report) {
    report.separable_by_token = truth_of(json, "separable_by_token");
    report.split_invariant = truth_of(json, "split_invariant");
    const Json& split = member_of(json, "split");
    report.split_difference = number_of(split, "difference");
    report.split_reason = string_of(split, "reason");
    report.trainer_does = string_of(split, "trainer_does");
    const Json& differences = member_of(json, "finite_differences");
    report.differences_agree = truth_of(differences, "agree");
    report.positions = static_cast<std::int64_t>(number_of(differences, "positions").value_or(0));
    report.largest_difference = number_of(differences, "largest_difference");
    report.differences_reason = string_of(differences, "reason");
    const Json& cost = member_of(json, "cost");
    report.milliseconds = number_of(cost, "milliseconds");
    report.peak_bytes = number_of(cost, "peak_bytes");
    report.share_of_model = number_of(cost, "share_of_model");
    const Json& batch = member_of(json, "batch");
    report.batch_rows = static_cast<std::int64_t>(number_of(batch, "rows").value_or(0));
    report.batch_milliseconds = number_of(batch, "milliseconds");
    const Json& range = list_of(json, "logits_range");
    if (range.size() == 2 && range[0].is_number() && range[1].is_number()) {
        report.smallest_logit = range[0].get<double>();
        report.largest_logit = range[1].get<double>();
    }
}

}  // namespace

bool LossReport::is_understood() const {
    switch (verdict) {
        case LossVerdict::Ok:
        case LossVerdict::Cut:
        case LossVerdict::ZeroGradient:
        case LossVerdict::NotFinite: return true;
        case LossVerdict::Error:
        case LossVerdict::Timeout:
        case LossVerdict::Memory:
        case LossVerdict::Denied: break;
    }
    return false;
}

bool LossReport::can_train() const {
    return verdict == LossVerdict::Ok;
}

Result<LossReport> loss_report_from_json(const Json& json) {
    const auto verdict = verdict_from(string_or_empty(json, "verdict"));
    if (!verdict) return failure(Error::internal("The engine's answer about the loss could not be read."));
    LossReport report;
    report.verdict = *verdict;
    report.place = place_of(json);
    report.message = string_of(json, "message");
    report.hint = string_of(json, "hint");
    report.is_reward = string_or_empty(json, "kind") == "reward";
    report.value = number_of(json, "value");
    read_arguments(json, report);
    read_what_was_run(json, report);
    read_findings(json, report);
    return report;
}

std::vector<CatalogueEntry> catalogue_from_json(const Json& json) {
    std::vector<CatalogueEntry> entries;
    if (!json.is_array()) return entries;
    for (const Json& each : json) {
        CatalogueEntry entry{string_of(each, "name"),
                             string_of(each, "title"),
                             string_of(each, "about"),
                             string_of(each, "source_reference"),
                             string_of(each, "kind"),
                             string_of(each, "source"),
                             {}};
        if (entry.name.isEmpty()) continue;
        if (entry.title.isEmpty()) entry.title = entry.name;
        for (const Json& parameter : list_of(each, "parameters"))
            if (parameter.is_object()) entry.parameters.push_back(parameter_from(parameter));
        entries.push_back(std::move(entry));
    }
    return entries;
}

QString shape_text(const TensorShape& shape) {
    if (!shape) return {};
    QStringList sizes;
    for (const std::int64_t size : *shape) sizes.append(QString::number(size));
    return QLatin1Char('[') + sizes.join(QStringLiteral(", ")) + QLatin1Char(']');
}

QString short_dtype(const QString& dtype) {
    QString name = dtype;
    name.remove(QStringLiteral("torch."));
    static constexpr std::pair<const char*, const char*> names[] = {{"float32", "f32"},   {"float64", "f64"}, {"float16", "f16"},
                                                                    {"bfloat16", "bf16"}, {"int64", "i64"},   {"int32", "i32"},
                                                                    {"int16", "i16"},     {"int8", "i8"},     {"uint8", "u8"}};
    for (const auto& [known, brief] : names)
        if (name == QLatin1String(known)) return QString::fromLatin1(brief);
    return name;
}

QString short_number(double value, int digits) {
    if (std::isnan(value)) return QStringLiteral("NaN");
    if (std::isinf(value)) return value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    QString text = QString::number(value, 'g', digits);
    if (text == QLatin1String("-0")) text = QStringLiteral("0");
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

QString line_text(const LossLine& line, bool cut_here) {
    QStringList parts;
    const QString kind = QStringList{shape_text(line.shape), short_dtype(line.dtype)}.join(QLatin1Char(' ')).trimmed();
    if (!kind.isEmpty()) parts.append(kind);
    const bool is_scalar = line.shape && line.shape->empty();
    if (!line.text.isEmpty() && (is_scalar || !line.shape))
        parts.append(line.text);
    else if (line.minimum && line.maximum && line.dtype != QLatin1String("bool"))
        parts.append(short_number(*line.minimum) + QStringLiteral("…") + short_number(*line.maximum));
    if (line.not_finite) parts.append(report_tr("not finite"));
    if (cut_here)
        parts.append(report_tr("gradient stops here"));
    else if (line.gradient == QLatin1String("flows"))
        parts.append(report_tr("gradient flows"));
    else if (line.gradient == QLatin1String("cut"))
        parts.append(report_tr("no gradient"));
    return parts.join(QStringLiteral(" · "));
}

}  // namespace lossmith::ui
