#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/devices/DevicesTest.h"
#include "tests/unit/devices/MachineTest.h"
#include "tests/unit/devices/TensorMemoryTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<MachineTest, DevicesTest, TensorMemoryTest>(argc, argv);
}
