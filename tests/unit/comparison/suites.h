// The parts of the comparison tests; each runs its own QObject of tests.
#pragma once

namespace lossmith {

int run_scores(int argc, char** argv);
int run_statistics(int argc, char** argv);
int run_differences(int argc, char** argv);
int run_comparison(int argc, char** argv);

}  // namespace lossmith
