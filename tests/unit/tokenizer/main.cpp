// Runs the tokenizer's test classes one after another.
#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/tokenizer/AddedTokensTest.h"
#include "tests/unit/tokenizer/AnyBytesTest.h"
#include "tests/unit/tokenizer/PublishedCasesTest.h"
#include "tests/unit/tokenizer/TokenizerFilesTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<PublishedCasesTest, AnyBytesTest, AddedTokensTest, TokenizerFilesTest>(argc, argv);
}
