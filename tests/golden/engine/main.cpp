// The engine's numbers against the golden files.
#include <QCoreApplication>
#include <cstdlib>

#include "CatalogueTest.h"
#include "DeviceTest.h"
#include "ForwardTest.h"
#include "GenerationTest.h"
#include "Golden.h"
#include "InspectionTest.h"
#include "LoraTest.h"
#include "RewardTest.h"
#include "SamplingTest.h"
#include "TrainingTest.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/model/Product.h"
#include "tests/support/RunTests.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    lossmith::engine::set_up_cpu(2);
    // "high" for the numbers as runs compute them by default on a processor with tiles.
    const char* named = std::getenv("LOSSMITH_TEST_MATMUL_PRECISION");
    const lossmith::engine::MatmulPrecision precision(named != nullptr ? named : "highest", golden::device());
    const int failed =
        lossmith::test::run_tests<DeviceTest, ForwardTest, CatalogueTest, TrainingTest, LoraTest, GenerationTest, SamplingTest, RewardTest>(
            argc, argv);
    // Inspection is the processor's alone.
    return golden::device().is_cpu() ? failed + lossmith::test::run_tests<InspectionTest>(argc, argv) : failed;
}
