// How the page Loss looks, in both palettes.
#pragma once

#include <QObject>

namespace lossmith::ui {

class Theme;

class LossLookTest : public QObject {
    Q_OBJECT

public:
    explicit LossLookTest(Theme& theme) : m_theme(theme) {}

private Q_SLOTS:
    void a_cut_is_drawn_in_both_palettes();
    void a_loss_that_flows_is_drawn_in_both_palettes();
    void an_error_is_drawn_in_both_palettes();
    void a_reward_is_drawn_in_both_palettes();
    void the_catalogue_is_drawn_in_both_palettes();
    void the_completion_is_drawn_in_both_palettes();
    void words_can_be_read_in_both_palettes();

private:
    Theme& m_theme;
};

}  // namespace lossmith::ui
