#include "core/engine/doctor/Doctor.h"

#include <algorithm>

#include "core/comparison/Words.h"
#include "core/diagnosis/Causes.h"
#include "core/engine/comparison/TrainingCopies.h"
#include "core/engine/doctor/ModelEvidence.h"
#include "core/engine/doctor/RowEvidence.h"
#include "core/engine/model/LoadedModel.h"
#include "core/engine/model/TorchErrors.h"
#include "core/engine/training/RunDriver.h"
#include "core/project/DiagnosisStore.h"
#include "core/project/MetricStore.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {
namespace {

Curve curve_of(const std::vector<Metric>& metrics, const std::string& name) {
    Curve curve;
    for (const Metric& metric : metrics) {
        if (metric.name != name) continue;
        curve.steps.push_back(metric.step);
        curve.values.push_back(metric.value);
    }
    return curve;
}

Status read_curves(Project& project, std::int64_t run, Evidence& evidence) {
    const auto metrics = LOSSMITH_TRY(project.metrics().read(run));
    evidence.train_loss = curve_of(metrics, "train/loss");
    evidence.validation_loss = curve_of(metrics, "validation/loss");
    evidence.gradient_norm = curve_of(metrics, "gradient_norm");
    evidence.padding_loss = curve_of(metrics, "validation/loss/padding");
    evidence.solution_loss = curve_of(metrics, "validation/loss/solution");
    return {};
}

/// Of the words of the last samples, the share that stands in one stretch in a training solution.
Result<std::optional<double>> copied_share(Project& project, std::int64_t run) {
    const auto samples = LOSSMITH_TRY(project.runs().samples(run));
    if (samples.empty()) return std::optional<double>{};
    const CopyIndex index = LOSSMITH_TRY(training_copies(project));
    double words = 0.0;
    double copied = 0.0;
    for (const Sample& sample : samples) {
        if (sample.step != samples.back().step) continue;
        words += static_cast<double>(score_words(sample.text).size());
        copied += static_cast<double>(index.longest_run(sample.text).words);
    }
    return words > 0.0 ? std::optional(copied / words) : std::nullopt;
}

double epochs_of(const Evidence& evidence) {
    const RunConfig& config = evidence.config;
    const auto rows = static_cast<double>(config.per_device_train_batch_size) * config.gradient_accumulation_steps;
    return evidence.examples.examples == 0 ? 0.0
                                           : static_cast<double>(evidence.step) * rows / static_cast<double>(evidence.examples.examples);
}

/// A part that cannot be had is said and leaves the others; a cancelled one ends it all.
Status or_passed(Status status, const char* part, Evidence& evidence) {
    if (status || status.error().kind == ErrorKind::Cancelled) return status;
    evidence.passed.push_back(std::string(part) + ": " + describe(status.error()));
    return {};
}

Status count(Project& project, const LoadedModel& base, Evidence& evidence, const CancellationToken& cancelled) {
    evidence.parameters = base.model.config().parameter_count();
    evidence.examples = LOSSMITH_TRY(count_examples(project, evidence.config, *base.tokenizer, base.model.config().n_positions, cancelled));
    evidence.epochs = epochs_of(evidence);
    return {};
}

}  // namespace

Result<Evidence> gather_evidence(Project& project, std::int64_t run, const ProgressSink& progress, const CancellationToken& cancelled) {
    const Run recorded = LOSSMITH_TRY(project.runs().run(run));
    if (recorded.status == RunStatus::Queued)
        return failure(Error::bad_input("Run " + std::to_string(run) + " has not begun, so there is nothing to look at yet.")
                           .with_hint("Start it, and ask again."));
    constexpr std::int64_t parts = 4;
    const auto tell = [&](std::int64_t done) {
        if (progress) progress({"looking for causes", done, parts});
    };
    Evidence evidence;
    evidence.config = recorded.config;
    if (!evidence.config.template_spec) evidence.config.template_spec = TemplateSpec{};
    evidence.status = name_of(recorded.status);
    evidence.message = recorded.message;
    evidence.step = recorded.step;
    evidence.total_steps = recorded.total_steps;
    for (const RunEvent& event : LOSSMITH_TRY(project.runs().events(run))) evidence.event_kinds.push_back(event.kind);
    LOSSMITH_CHECK(read_curves(project, run, evidence));
    tell(0);
    const auto models = without_exceptions([&] { return models_to_ask(project, run, evidence.config); });
    const Status read = models ? Status{} : Status(std::unexpected(models.error()));
    LOSSMITH_CHECK(
        or_passed(models ? count(project, models->base, evidence, cancelled) : read, "The examples could not be made again", evidence));
    tell(1);
    auto rows = count_rows(project, cancelled);
    if (rows) evidence.rows = *rows;
    LOSSMITH_CHECK(or_passed(rows ? Status{} : Status(std::unexpected(rows.error())), "The rows could not be counted", evidence));
    tell(2);
    const auto ask = [&] { return models ? ask_models(project, run, *models, evidence, cancelled) : read; };
    LOSSMITH_CHECK(or_passed(without_exceptions(ask), "The models could not be asked", evidence));
    tell(3);
    if (auto copied = copied_share(project, run)) evidence.copied_share = *copied;
    tell(parts);
    return evidence;
}

Result<Diagnosis> diagnose(Project& project, std::int64_t run, const ProgressSink& progress, const CancellationToken& cancelled) {
    const Evidence evidence = LOSSMITH_TRY(gather_evidence(project, run, progress, cancelled));
    Diagnosis diagnosis;
    diagnosis.run = run;
    diagnosis.findings = find_causes(evidence);
    diagnosis.looked = looked_at(evidence);
    diagnosis.passed = evidence.passed;
    return project.diagnoses().keep(std::move(diagnosis));
}

}  // namespace lossmith::engine
