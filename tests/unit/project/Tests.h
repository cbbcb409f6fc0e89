// The test classes of this program, one after another.
#pragma once

namespace lossmith::test {

int run_project_file_tests(int argc, char** argv);
int run_data_store_tests(int argc, char** argv);
int run_run_store_tests(int argc, char** argv);
int run_small_store_tests(int argc, char** argv);
int run_two_process_tests(int argc, char** argv);

}  // namespace lossmith::test
