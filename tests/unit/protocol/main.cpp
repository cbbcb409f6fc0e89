#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/protocol/FramingTest.h"
#include "tests/unit/protocol/JsonRpcTest.h"
#include "tests/unit/protocol/RequestQueueTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<FramingTest, JsonRpcTest, RequestQueueTest>(argc, argv);
}
