#include <QCoreApplication>
#include <QTest>

#include "tests/unit/protocol/FramingTest.h"
#include "tests/unit/protocol/JsonRpcTest.h"
#include "tests/unit/protocol/RequestQueueTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    FramingTest framing;
    JsonRpcTest json_rpc;
    RequestQueueTest queue;
    int failed = 0;
    for (QObject* test : {static_cast<QObject*>(&framing), static_cast<QObject*>(&json_rpc), static_cast<QObject*>(&queue)})
        failed += QTest::qExec(test, argc, argv);
    return failed;
}
