#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/devices/DevicesTest.h"
#include "tests/unit/devices/MachineTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<MachineTest, DevicesTest>(argc, argv);
}
