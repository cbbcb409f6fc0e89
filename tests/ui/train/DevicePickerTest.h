#pragma once
#include <QObject>

namespace lossmith::ui {

class DevicePickerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void a_graphics_card_shows_name_memory_load_and_driver();
    void ticking_a_card_unticks_the_processor_and_back();
    void several_cards_may_be_ticked();
    void a_chosen_card_that_is_not_here_stays_chosen();
};

}  // namespace lossmith::ui
