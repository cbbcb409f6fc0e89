// The tests of the page Train and of the chart, in one program.
#include <QtTest>

#include "tests/support/EventLoopWatch.h"
#include "tests/ui/train/ChartTest.h"
#include "tests/ui/train/DevicePickerTest.h"
#include "tests/ui/train/LookTest.h"
#include "tests/ui/train/RunFormTest.h"
#include "tests/ui/train/TrainPageTest.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/widgets/Theme.h"

int main(int argc, char** argv) {
    lossmith::test::WatchedApplication application(argc, argv);
    lossmith::ui::use_own_settings();
    lossmith::ui::Theme theme(application);
    int failed = 0;
    lossmith::ui::ChartTest chart;
    lossmith::ui::DevicePickerTest devices;
    lossmith::ui::RunFormTest form;
    lossmith::ui::TrainPageTest page;
    lossmith::ui::LookTest look(theme);
    for (QObject* test : std::initializer_list<QObject*>{&chart, &devices, &form, &page, &look}) failed += QTest::qExec(test, argc, argv);
    return failed;
}
