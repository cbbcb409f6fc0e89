// The test classes of a program, one after another.
#pragma once

#include <QtTest>
#include <memory>

namespace lossmith::test {

/// Each is made when its turn comes; the answer is how many of their tests failed.
template <typename... Tests>
int run_tests(int count, char** values) {
    int failed = 0;
    ((failed += QTest::qExec(std::make_unique<Tests>().get(), count, values)), ...);
    return failed;
}

}  // namespace lossmith::test
