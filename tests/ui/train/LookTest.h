// How the page Train looks, in both palettes.
#pragma once

#include <QObject>

namespace lossmith::ui {

class Theme;

class LookTest : public QObject {
    Q_OBJECT

public:
    explicit LookTest(Theme& theme) : m_theme(theme) {}

private Q_SLOTS:
    void the_form_is_drawn_in_both_palettes();
    void a_run_is_drawn_in_both_palettes();
    void a_run_by_reward_is_drawn_in_both_palettes();
    void errors_are_drawn_beside_their_fields();

private:
    Theme& m_theme;
};

}  // namespace lossmith::ui
