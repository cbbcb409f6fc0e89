// Runs the test classes of the loss language one after another.
#include <QCoreApplication>
#include <QtTest/QtTest>
#include <memory>

#include "tests/unit/loss_language/BudgetTest.h"
#include "tests/unit/loss_language/FuzzTest.h"
#include "tests/unit/loss_language/LanguageTest.h"
#include "tests/unit/loss_language/SnippetTest.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    int failed = 0;
    failed += QTest::qExec(std::make_unique<SnippetTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<LanguageTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<BudgetTest>().get(), argc, argv);
    failed += QTest::qExec(std::make_unique<FuzzTest>().get(), argc, argv);
    return failed == 0 ? 0 : 1;
}
