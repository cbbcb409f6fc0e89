// Runs the test classes of model files one after another.
#include <QCoreApplication>
#include <QtTest/QtTest>
#include <memory>

#include "tests/unit/model/CheckpointTest.h"
#include "tests/unit/model/Gpt2ConfigTest.h"
#include "tests/unit/model/MutationTest.h"
#include "tests/unit/model/PickleTest.h"
#include "tests/unit/model/SafetensorsTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    int failed = 0;
    failed += QTest::qExec(std::make_unique<Gpt2ConfigTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<SafetensorsTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<CheckpointTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<PickleTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<MutationTest>().get(), argc, argv);
    return failed == 0 ? 0 : 1;
}
