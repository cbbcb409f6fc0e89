// Runs all test classes of core/project.
#include <QCoreApplication>

#include "tests/unit/project/Tests.h"

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    int failed = 0;
    failed += lossmith::test::run_project_file_tests(argc, argv);
    failed += lossmith::test::run_small_store_tests(argc, argv);
    failed += lossmith::test::run_run_store_tests(argc, argv);
    failed += lossmith::test::run_data_store_tests(argc, argv);
    failed += lossmith::test::run_two_process_tests(argc, argv);
    return failed;
}
