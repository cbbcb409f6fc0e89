// Each cause from evidence that shows just it, and none from that of a healthy run.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/diagnosis/Causes.h"
#include "core/diagnosis/Diagnosis.h"
#include "core/diagnosis/Evidence.h"

using namespace lossmith;

namespace {

/// `steps` values that fall from `from` to `to` and come to rest there.
Curve falling(double from, double to, int steps) {
    Curve curve;
    for (int step = 1; step <= steps; ++step) {
        curve.steps.push_back(step);
        curve.values.push_back(to + (from - to) * std::exp(-6.0 * step / steps));
    }
    return curve;
}

Curve constant(double value, int steps) {
    return falling(value, value, steps);
}

Evidence healthy() {
    Evidence evidence;
    evidence.config.template_spec = TemplateSpec{};
    evidence.config.learning_rate = 1e-3;
    evidence.status = "finished";
    evidence.step = evidence.total_steps = 100;
    evidence.epochs = 3.0;
    evidence.train_loss = falling(5.0, 0.4, 100);
    evidence.gradient_norm = constant(1.0, 100);
    evidence.validation_loss = falling(5.0, 0.45, 4);
    evidence.solution_loss = evidence.validation_loss;
    evidence.examples.examples = 270;
    evidence.examples.labelled_solution = 8'000;
    evidence.examples.labelled_end = 270;
    evidence.examples.ends_labelled = 270;
    evidence.examples.longest = 60;
    evidence.examples.median_solution = 30;
    evidence.examples.with_problem = 270;
    evidence.rows.training = 270;
    evidence.rows.held_out = 30;
    evidence.parameters = 17'736'448;
    evidence.weights_moved = 0.3;
    evidence.end_probability = 0.99;
    evidence.losses = HeldOutLosses{20, 5.0, 0.45, 0.4, 1.6, 0.1};
    evidence.base_fit = BaseFit{900, 5.5, 4.3, 50'257};
    return evidence;
}

std::string first_cause(const Evidence& evidence) {
    const auto findings = find_causes(evidence);
    return findings.empty() ? "none" : kind_of(findings.front().cause).name;
}

struct Broken {
    const char* cause;
    const char* how;
    std::function<void(Evidence&)> breaks;
};

const std::vector<Broken>& broken_runs() {
    static const std::vector<Broken> runs = {
        {"not_finite", "the loss becomes NaN",
         [](Evidence& e) {
             e.status = "failed";
             e.message = "The loss of step 7 is not a finite number; the weights were left as they were before it.";
             e.event_kinds = {"started", "not_finite"};
             e.config.learning_rate = 1.0;
         }},
        {"no_gradient", "every norm is nought",
         [](Evidence& e) {
             e.config.loss.name = "agreement";
             e.config.loss.source = "def loss(logits, labels):\n    return (logits.argmax(-1) == labels).float().mean()\n";
             e.gradient_norm = constant(0.0, 100);
             e.train_loss = constant(5.0, 100);
             e.validation_loss = constant(5.0, 4);
             e.weights_moved = 0.0;
         }},
        {"wrong_tokenizer", "sure of itself and always wrong", [](Evidence& e) { e.base_fit = BaseFit{900, 12.4, 4.0, 50'257}; }},
        {"padding_labelled", "most labels are padding",
         [](Evidence& e) {
             e.config.padding = "max_length";
             e.config.template_spec->label_padding = true;
             e.examples.labelled_padding = 90'000;
             e.padding_loss = constant(0.0, 4);
             e.validation_loss = falling(5.0, 0.07, 4);
         }},
        {"new_tokens_random", "two tokens take all",
         [](Evidence& e) {
             e.config.template_spec->added_tokens_init = AddedTokensInit::Random;
             e.added_tokens = AddedTokensShare{{"<|startoftext|>", "<|pad|>"}, 0.99, 2.0, -110.0, -98.0};
         }},
        {"solutions_truncated", "a third is cut",
         [](Evidence& e) {
             e.examples.cut_solutions = 90;
             e.examples.tokens_cut = 900;
             e.config.max_length = 48;
         }},
        {"solutions_truncated", "longer than the model can see",
         [](Evidence& e) {
             e.examples.cut_solutions = 90;
             e.examples.tokens_cut = 900;
         }},
        {"end_not_labelled", "no end token",
         [](Evidence& e) {
             e.config.template_spec->end_token.clear();
             e.examples.labelled_end = e.examples.ends_labelled = 0;
             e.end_probability = 0.0001;
         }},
        {"rows_leak", "half of validation stands in training",
         [](Evidence& e) {
             e.rows.leaked = 15;
             e.rows.first_leaked = 301;
             e.rows.its_training_row = 4;
         }},
        {"rows_leak", "training rows come twice", [](Evidence& e) { e.rows.repeated = 130; }},
        {"prompt_mismatch", "texts had with a space at the end",
         [](Evidence& e) { e.prompt_deviations = {{"with a space at its end", 5, 1.9, 0.45}}; }},
        {"prompt_mismatch", "another template now",
         [](Evidence& e) { e.prompt_deviations = {{"from “Q: {problem}” instead of “Problem: {problem}”", 0, 2.2, 0.45}}; }},
        {"pairs_unrelated", "any problem will do",
         [](Evidence& e) {
             e.losses = HeldOutLosses{20, 5.0, 2.0, 1.9, 2.001, 0.01};
             e.train_loss = falling(5.0, 1.9, 100);
         }},
        {"problem_labelled", "half of the labels",
         [](Evidence& e) {
             e.examples.labelled_prompt = 8'000;
             e.config.template_spec->labels = LabelRule::ProblemToo;
         }},
        {"rate_too_high", "it climbs",
         [](Evidence& e) {
             e.config.learning_rate = 0.1;
             e.train_loss = falling(9.0, 8.0, 100);
             e.train_loss.values[0] = 5.0;
             e.validation_loss = constant(8.0, 4);
             e.losses = HeldOutLosses{20, 5.0, 8.0, 8.0, 8.0, 0.1};
         }},
        {"memorised", "held-out rows get worse",
         [](Evidence& e) {
             e.validation_loss.values = {5.0, 2.0, 2.4, 3.1};
             e.train_loss = falling(5.0, 0.02, 100);
             e.losses = HeldOutLosses{20, 5.0, 3.1, 0.02, 4.5, 0.1};
         }},
        {"rate_too_low", "the weights stay",
         [](Evidence& e) {
             e.config.learning_rate = 1e-6;
             e.train_loss = falling(5.0, 4.8, 100);
             e.validation_loss = falling(5.0, 4.85, 4);
             e.weights_moved = 0.0004;
             e.losses = HeldOutLosses{20, 5.0, 4.85, 4.8, 4.9, 0.1};
         }},
        {"too_few_steps", "a tenth of an epoch",
         [](Evidence& e) {
             e.config.max_steps = 12;
             e.step = e.total_steps = 12;
             e.epochs = 0.2;
             e.train_loss.steps.clear();
             e.train_loss.values.clear();
             for (int step = 1; step <= 12; ++step) {
                 e.train_loss.steps.push_back(step);
                 e.train_loss.values.push_back(5.0 - 0.2 * step);
             }
             e.validation_loss = falling(5.0, 2.7, 3);
             e.losses = HeldOutLosses{20, 5.0, 2.7, 2.6, 3.0, 0.1};
         }},
        {"sampling_undoes_training", "a penalty on what solutions repeat",
         [](Evidence& e) {
             SamplingConfig config;
             config.repetition_penalty = 1.8;
             e.sampling_effects = {{"the run's own samples", config, 400, 0.95, 0.55, 0.9, 0.5}};
         }},
        {"sampling_undoes_training", "too hot",
         [](Evidence& e) {
             SamplingConfig config;
             config.do_sample = true;
             config.temperature = 2.0;
             e.sampling_effects = {{"texts that were had from it", config, 400, 0.95, 0.95, 0.95, 0.4}};
         }},
        {"sampling_undoes_training", "it may not write as much as solutions have",
         [](Evidence& e) { e.config.sampling.max_new_tokens = 10; }},
        {"base_too_small", "level, and still far off",
         [](Evidence& e) {
             e.parameters = 800'000;
             e.epochs = 20.0;
             e.train_loss = falling(10.8, 4.0, 100);
             e.validation_loss = falling(10.8, 4.1, 4);
             e.losses = HeldOutLosses{20, 10.8, 4.1, 4.0, 4.4, 0.05};
         }},
    };
    return runs;
}

}  // namespace

class DiagnosisTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void a_healthy_run_has_no_cause() {
        QCOMPARE(first_cause(healthy()), std::string("none"));
        QVERIFY(!looked_at(healthy()).empty());
    }

    void a_run_broken_in_one_way_gets_that_cause_and_no_other_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < broken_runs().size(); ++i)
            QTest::addRow("%s: %s", broken_runs()[i].cause, broken_runs()[i].how) << static_cast<int>(i);
    }
    void a_run_broken_in_one_way_gets_that_cause_and_no_other() {
        QFETCH(int, index);
        const Broken& broken = broken_runs()[static_cast<std::size_t>(index)];
        Evidence evidence = healthy();
        broken.breaks(evidence);
        const auto findings = find_causes(evidence);
        QCOMPARE(first_cause(evidence), std::string(broken.cause));
        QCOMPARE(findings.size(), std::size_t{1});
        QVERIFY(!findings.front().evidence.empty() && !findings.front().advice.empty());
        QVERIFY(!findings.front().changes.empty() || !findings.front().page.empty());
    }

    void every_cause_is_shown_by_some_evidence() {
        for (const CauseKind& kind : cause_kinds())
            QVERIFY2(std::ranges::any_of(broken_runs(), [&](const Broken& run) { return std::string(run.cause) == kind.name; }), kind.name);
    }

    void what_is_changed_makes_a_config_that_can_be_run_and_lacks_the_fault() {
        for (const Broken& broken : broken_runs()) {
            Evidence evidence = healthy();
            evidence.config.padding = "max_length";
            evidence.config.template_spec->label_padding = true;
            broken.breaks(evidence);
            const auto findings = find_causes(evidence);
            const auto config = cured(evidence.config, findings);
            QVERIFY2(config.has_value(), broken.how);
            QVERIFY(config->validate().empty());
            if (!findings.front().changes.empty()) QVERIFY2(*config != evidence.config, broken.how);
        }
    }

    void the_worst_is_told_first_and_wins_where_two_changes_differ() {
        Evidence evidence = healthy();
        evidence.examples.labelled_prompt = 8'000;
        evidence.examples.labelled_padding = 90'000;
        evidence.config.padding = "max_length";
        evidence.config.template_spec->label_padding = true;
        const auto findings = find_causes(evidence);
        QCOMPARE(findings.size(), std::size_t{2});
        QCOMPARE(findings[0].cause, Cause::PaddingLabelled);
        QCOMPARE(findings[1].cause, Cause::ProblemLabelled);
        const auto config = cured(evidence.config, findings);
        QVERIFY(config.has_value());
        QCOMPARE(config->padding, std::string("longest"));
        QVERIFY(!config->template_spec->label_padding);
        QCOMPARE(config->template_spec->labels, LabelRule::SolutionOnly);
    }

    void a_low_rate_is_told_beside_padding_that_hides_it() {
        Evidence evidence = healthy();
        evidence.config.learning_rate = 5e-5;
        QCOMPARE(first_cause(evidence), std::string("none"));
        evidence.config.padding = "max_length";
        evidence.config.template_spec->label_padding = true;
        evidence.examples.labelled_padding = 90'000;
        const auto findings = find_causes(evidence);
        QCOMPARE(findings.size(), std::size_t{2});
        QCOMPARE(findings.back().cause, Cause::RateTooLow);
        QCOMPARE(cured(evidence.config, findings)->learning_rate, 1e-3);
    }

    void a_rate_that_suits_whole_weights_is_low_for_lora() {
        Evidence evidence = healthy();
        evidence.config.learning_rate = 5e-4;
        evidence.train_loss = falling(5.0, 4.6, 100);
        evidence.validation_loss = falling(5.0, 4.65, 4);
        evidence.losses = HeldOutLosses{20, 5.0, 4.65, 4.6, 4.9, 0.1};
        QVERIFY(first_cause(evidence) != "rate_too_low");
        evidence.config.lora = LoraSpec{};
        const auto findings = find_causes(evidence);
        QVERIFY(!findings.empty());
        QCOMPARE(findings.front().cause, Cause::RateTooLow);
        QCOMPARE(cured(evidence.config, findings)->learning_rate, 5e-3);
    }

    void a_broken_run_is_not_said_to_be_too_short_as_well() {
        Evidence evidence = healthy();
        evidence.event_kinds = {"not_finite"};
        evidence.message = "The loss of step 3 is not a finite number.";
        evidence.step = 2;
        evidence.epochs = 0.1;
        evidence.train_loss = falling(5.0, 4.0, 2);
        evidence.validation_loss = constant(5.0, 1);
        evidence.losses.reset();
        QCOMPARE(find_causes(evidence).size(), std::size_t{1});
    }

    void a_run_by_reward_is_not_judged_by_the_curve_of_a_loss() {
        Evidence evidence = healthy();
        evidence.config.reward = RewardSpec{};
        evidence.train_loss = constant(-0.1, 100);
        QCOMPARE(first_cause(evidence), std::string("none"));
    }

    void padding_has_no_part_in_a_run_of_plain_text() {
        Evidence evidence = healthy();
        evidence.config.template_spec = plain_text_template();
        evidence.examples.with_problem = 0;
        evidence.examples.labelled_prompt = 4'000;
        QCOMPARE(first_cause(evidence), std::string("none"));
    }

    void a_diagnosis_comes_back_from_its_json() {
        Diagnosis diagnosis;
        diagnosis.run = 7;
        diagnosis.at = "2026-01-31T12:00:00Z";
        for (const Broken& broken : broken_runs()) {
            Evidence evidence = healthy();
            broken.breaks(evidence);
            for (Finding& finding : find_causes(evidence)) diagnosis.findings.push_back(std::move(finding));
        }
        diagnosis.looked = {"a"};
        diagnosis.passed = {"b"};
        const auto again = diagnosis_from_json(*parse_json(Json(diagnosis).dump()));
        QVERIFY(again.has_value());
        QVERIFY(*again == diagnosis);
    }

    void what_is_no_diagnosis_is_refused() {
        for (const char* text : {"{}", "[]", "3", R"({"run":1,"at":"","findings":[{"cause":"ghosts"}],"looked":[],"passed":[]})",
                                 R"({"run":"x","at":"","findings":[],"looked":[],"passed":[]})"})
            QVERIFY2(!diagnosis_from_json(*parse_json(text)), text);
    }
};

QTEST_GUILESS_MAIN(DiagnosisTest)
#include "test_diagnosis.moc"
