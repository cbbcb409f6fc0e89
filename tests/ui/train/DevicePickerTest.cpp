#include "DevicePickerTest.h"

#include <QCheckBox>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include "ui/train/DeviceCard.h"
#include "ui/train/DevicePicker.h"

namespace lossmith::ui {

namespace {

using Names = std::vector<std::string>;

Json machine() {
    const auto card = [](const char* id, double load) {
        return Json{{"id", id},
                    {"kind", "cuda"},
                    {"name", "NVIDIA RTX A4000"},
                    {"memory_bytes", 16'000'000'000},
                    {"free_bytes", 15'200'000'000},
                    {"load", load},
                    {"driver", "535.183.01"}};
    };
    return Json::array({{{"id", "cpu"}, {"kind", "cpu"}, {"name", "AMD EPYC"}, {"cores", 8}}, card("cuda:0", 0.93), card("cuda:1", 0.0)});
}

/// Shows the machine's devices, and none of the cards from before they were known.
void show_machine(DevicePicker& picker) {
    picker.set_devices(machine());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void tick(DevicePicker& picker, const char* id) {
    auto* box = picker.findChild<QCheckBox*>(QStringLiteral("device_") + QString::fromLatin1(id));
    QVERIFY(box && box->isEnabled());
    box->click();
}

}  // namespace

void DevicePickerTest::a_graphics_card_shows_name_memory_load_and_driver() {
    DevicePicker picker;
    show_machine(picker);
    const auto* box = picker.findChild<QCheckBox*>(QStringLiteral("device_cuda:0"));
    QVERIFY(box);
    QVERIFY(box->accessibleName().contains(QStringLiteral("NVIDIA RTX A4000")));
    for (const char* part : {"free", "93", "busy", "535.183.01"})
        QVERIFY2(box->accessibleDescription().contains(QString::fromLatin1(part)), qPrintable(box->accessibleDescription()));
}

void DevicePickerTest::ticking_a_card_unticks_the_processor_and_back() {
    DevicePicker picker;
    show_machine(picker);
    QCOMPARE(picker.chosen(), Names{"cpu"});
    QSignalSpy changed(&picker, &DevicePicker::changed);
    tick(picker, "cuda:1");
    QCOMPARE(picker.chosen(), Names{"cuda:1"});
    QCOMPARE(changed.count(), 1);
    tick(picker, "cpu");
    QCOMPARE(picker.chosen(), Names{"cpu"});
}

void DevicePickerTest::several_cards_may_be_ticked() {
    DevicePicker picker;
    show_machine(picker);
    tick(picker, "cuda:1");
    tick(picker, "cuda:0");
    QCOMPARE(picker.chosen(), (Names{"cuda:0", "cuda:1"}));
}

void DevicePickerTest::a_chosen_card_that_is_not_here_stays_chosen() {
    DevicePicker picker;
    show_machine(picker);
    picker.set_chosen({"cuda:7"}, 0);
    QCOMPARE(picker.chosen(), Names{"cuda:7"});
    tick(picker, "cpu");
    QCOMPARE(picker.chosen(), Names{"cpu"});
}

}  // namespace lossmith::ui

#include "moc_DevicePickerTest.cpp"
