// The tests of the page Loss, in one program.
#include <QtTest>

#include "tests/support/EventLoopWatch.h"
#include "tests/ui/loss/LossLookTest.h"
#include "tests/ui/loss/LossPageTest.h"
#include "tests/ui/train/TrainProject.h"
#include "ui/widgets/Theme.h"

int main(int argc, char** argv) {
    lossmith::test::WatchedApplication application(argc, argv);
    lossmith::ui::use_own_settings();
    lossmith::ui::Theme theme(application);
    int failed = 0;
    lossmith::ui::LossPageTest page;
    lossmith::ui::LossLookTest look(theme);
    for (QObject* test : std::initializer_list<QObject*>{&page, &look}) failed += QTest::qExec(test, argc, argv);
    return failed;
}
