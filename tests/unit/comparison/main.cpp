// Runs every part of the comparison tests.
#include <QCoreApplication>

#include "tests/unit/comparison/suites.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    int failures = 0;
    for (const auto run : {lossmith::run_scores, lossmith::run_statistics, lossmith::run_differences, lossmith::run_comparison})
        failures += run(argc, argv);
    return failures;
}
