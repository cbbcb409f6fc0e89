#include <QCoreApplication>
#include <QTest>

#include "tests/unit/devices/DevicesTest.h"
#include "tests/unit/devices/MachineTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    MachineTest machine;
    DevicesTest devices;
    return QTest::qExec(&machine, argc, argv) + QTest::qExec(&devices, argc, argv);
}
