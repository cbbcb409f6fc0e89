// Tests of the data page.
#include "tests/support/TestWindow.h"
#include "tests/ui/data/test_data_models.h"
#include "tests/ui/data/test_data_page.h"

int main(int count, char** values) {
    return lossmith::test::run_window_tests<lossmith::test::TestDataModels, lossmith::test::TestDataPage>(count, values);
}
