// The page Logits in the real window over the real engine, driven by mouse and keyboard.
#pragma once

#include <QObject>
#include <memory>

namespace lossmith {
class EngineClient;
}

namespace lossmith::ui {

class LogitsProject;

class LogitsPageTest : public QObject {
    Q_OBJECT

public:
    LogitsPageTest();
    ~LogitsPageTest() override;

private Q_SLOTS:
    void initTestCase();
    void init();

    void without_a_project_the_page_says_where_to_begin();
    void a_row_is_shown_under_both_models_as_the_command_line_tells_it();
    void arrow_keys_move_the_token_and_its_distribution_follows();
    void a_typed_text_is_read_as_it_stands();
    void every_colouring_has_its_legend_and_its_values();
    void filters_of_sampling_cut_what_they_should();
    void a_token_is_found_in_the_whole_vocabulary();
    void logits_below_zero_are_explained();
    void one_model_alone_shows_no_difference();
    void each_layer_says_its_own();
    void heads_show_what_a_token_looks_at();
    void the_loss_comes_from_the_tokens_before();
    void a_forced_token_is_gone_on_from_by_both_models_and_taken_back();
    void a_changed_token_keeps_the_rest();
    void odds_over_the_rows_are_found_and_can_be_stopped();
    void the_slider_moves_through_a_runs_samplings();
    void the_answer_is_copied_as_json();
    void what_was_chosen_comes_back();
    void compare_and_playground_lead_here();
    void a_text_as_long_as_the_model_reads_is_no_matter_and_a_longer_one_is_refused_in_words();
    void it_fits_a_small_screen();
    void it_is_drawn_light_and_dark();

private:
    std::unique_ptr<LogitsProject> m_project;
    std::unique_ptr<EngineClient> m_engine;  ///< one for all windows: it keeps its models in memory
};

}  // namespace lossmith::ui
