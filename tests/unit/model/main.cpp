// Runs the test classes of model files one after another.
#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/model/Bf16ProductTest.h"
#include "tests/unit/model/Bfloat16Test.h"
#include "tests/unit/model/CheckpointTest.h"
#include "tests/unit/model/Gpt2ConfigTest.h"
#include "tests/unit/model/MutationTest.h"
#include "tests/unit/model/PickleTest.h"
#include "tests/unit/model/RowProductsTest.h"
#include "tests/unit/model/SafetensorsTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<Gpt2ConfigTest, SafetensorsTest, CheckpointTest, PickleTest, MutationTest, RowProductsTest,
                                     Bf16ProductTest, lossmith::engine::Bfloat16Test>(argc, argv);
}
