// The engine's numbers against the golden files.
#include <QCoreApplication>
#include <QTest>

#include "CatalogueTest.h"
#include "ForwardTest.h"
#include "GenerationTest.h"
#include "RewardTest.h"
#include "SamplingTest.h"
#include "TrainingTest.h"
#include "core/engine/devices/Devices.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    lossmith::engine::set_up_cpu(2);
    int failed = 0;
    ForwardTest forward;
    failed += QTest::qExec(&forward, argc, argv);
    CatalogueTest catalogue;
    failed += QTest::qExec(&catalogue, argc, argv);
    TrainingTest training;
    failed += QTest::qExec(&training, argc, argv);
    RewardTest reward;
    failed += QTest::qExec(&reward, argc, argv);
    SamplingTest sampling;
    failed += QTest::qExec(&sampling, argc, argv);
    GenerationTest generation;
    failed += QTest::qExec(&generation, argc, argv);
    return failed;
}
