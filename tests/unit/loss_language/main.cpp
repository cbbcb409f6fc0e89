// Runs the test classes of the loss language one after another.
#include <QCoreApplication>

#include "tests/support/RunTests.h"
#include "tests/unit/loss_language/BudgetTest.h"
#include "tests/unit/loss_language/FuzzTest.h"
#include "tests/unit/loss_language/LanguageTest.h"
#include "tests/unit/loss_language/SnippetTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    return lossmith::test::run_tests<SnippetTest, LanguageTest, BudgetTest, FuzzTest>(argc, argv);
}
