// One program for all tests of core/data.
#include <QCoreApplication>

int run_csv_nasty_tests(int argc, char** argv);
int run_import_tests(int argc, char** argv);
int run_import_format_tests(int argc, char** argv);
int run_csv_property_tests(int argc, char** argv);
int run_template_tests(int argc, char** argv);

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    int failures = 0;
    for (const auto run : {run_csv_nasty_tests, run_import_tests, run_import_format_tests, run_csv_property_tests, run_template_tests})
        failures += run(argc, argv);
    return failures;
}
