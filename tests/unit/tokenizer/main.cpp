// Runs the tokenizer's test classes one after another.
#include <QCoreApplication>
#include <QtTest/QtTest>

#include "tests/unit/tokenizer/AddedTokensTest.h"
#include "tests/unit/tokenizer/AnyBytesTest.h"
#include "tests/unit/tokenizer/PublishedCasesTest.h"
#include "tests/unit/tokenizer/TokenizerFilesTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    int failed = 0;
    failed += QTest::qExec(std::make_unique<PublishedCasesTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<AnyBytesTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<AddedTokensTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<TokenizerFilesTest>().get(), argc, argv);
    return failed == 0 ? 0 : 1;
}
