// The card "Training": a run's fixed prompts with their true solutions, their probabilities at each sampling, moved through by a slider.
#pragma once

#include <QPointer>
#include <cstdint>
#include <vector>

#include "ui/logits/InspectedText.h"
#include "ui/logits/Measure.h"
#include "ui/widgets/Card.h"

class QComboBox;
class QSlider;

namespace lossmith::ui {

class MutedLabel;
class ProjectSession;
class TokenStrip;

/// A fixed prompt at a sampling.
struct SampledStrip {
    std::int64_t step = 0;
    std::int64_t prompt = 0;
    QString problem;
    InspectedText text;
};

/// What was last read of a run, to see whether there is more.
struct SeenSamples {
    std::int64_t run = 0;  ///< 0: none
    std::size_t samples = 0;
    std::int64_t last_step = 0;
    bool operator==(const SeenSamples&) const = default;
};

class RunStripCard : public Card {
    Q_OBJECT

public:
    explicit RunStripCard(QWidget* parent = nullptr);

    void set_project(ProjectSession* session);
    void set_measure(Measure measure);
    void choose_run(std::int64_t run);
    [[nodiscard]] TokenStrip* strip() const { return m_strip; }
    [[nodiscard]] QSlider* slider() const { return m_slider; }
    [[nodiscard]] const InspectedText* shown() const;

Q_SIGNALS:
    void failed(const lossmith::Error& error);

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Read;
    void read();
    void take(Read read);
    void fill_prompts();
    void fill_steps();
    void draw();
    [[nodiscard]] std::int64_t chosen_run() const;

    QPointer<ProjectSession> m_session;
    std::vector<SampledStrip> m_samples;  ///< of the chosen run, by step, then prompt
    SeenSamples m_seen;                   ///< whose they are
    std::vector<std::size_t> m_steps;     ///< which of them are of the chosen prompt, by step
    Measure m_measure = Measure::Probability;
    bool m_asking = false;
    bool m_ask_again = false;
    QComboBox* m_runs;
    QComboBox* m_prompts;
    QSlider* m_slider;
    MutedLabel* m_step;
    MutedLabel* m_nothing;
    TokenStrip* m_strip;
};

}  // namespace lossmith::ui
