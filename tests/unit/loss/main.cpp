// Typed losses as the trainer and the check see them.
#include <QCoreApplication>

#include "LoadedArgumentsTest.h"
#include "LossCheckTest.h"
#include "RewardCheckTest.h"
#include "TypedLossTest.h"
#include "WeightedSumTest.h"
#include "core/engine/devices/Devices.h"
#include "tests/support/RunTests.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    lossmith::engine::set_up_cpu(2);
    return lossmith::test::run_tests<TypedLossTest, LossCheckTest, RewardCheckTest, WeightedSumTest, LoadedArgumentsTest>(argc, argv);
}
