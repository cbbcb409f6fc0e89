// Typed losses as the trainer and the check see them.
#include <QCoreApplication>
#include <QTest>

#include "LoadedArgumentsTest.h"
#include "LossCheckTest.h"
#include "RewardCheckTest.h"
#include "TypedLossTest.h"
#include "WeightedSumTest.h"
#include "core/engine/devices/Devices.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    lossmith::engine::set_up_cpu(2);
    int failed = 0;
    TypedLossTest typed;
    failed += QTest::qExec(&typed, argc, argv);
    LossCheckTest check;
    failed += QTest::qExec(&check, argc, argv);
    RewardCheckTest reward;
    failed += QTest::qExec(&reward, argc, argv);
    WeightedSumTest sum;
    failed += QTest::qExec(&sum, argc, argv);
    LoadedArgumentsTest loaded;
    failed += QTest::qExec(&loaded, argc, argv);
    return failed;
}
