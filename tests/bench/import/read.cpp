// How fast a large CSV is read and with how much memory: `bench_read [MEGABYTES] [FOLDER]` writes one (1,000 MB unless told,
// in the temporary folder), reads it through read_rows, cancels a second reading halfway, and prints what it measured.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "core/data/Import.h"
#include "tests/bench/import/LargeTable.h"

using namespace lossmith;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", describe(error).c_str());
    return 1;
}

int measure(const std::filesystem::path& path) {
    const auto guessing = Clock::now();
    const auto guess = guess_import(path);
    if (!guess) return fail(guess.error());
    std::printf("guess           %8.0f ms\n", 1000 * seconds_since(guessing));

    const double before = peak_megabytes();
    const auto reading = Clock::now();
    const auto counts = read_rows(path, guess->options, {});
    const double seconds = seconds_since(reading);
    if (!counts) return fail(counts.error());
    std::printf("rows            %8lld  set aside %lld\n", static_cast<long long>(counts->rows), static_cast<long long>(counts->set_aside));
    std::printf("read            %8.0f MB/s  %.1f s\n", static_cast<double>(counts->bytes) / 1e6 / seconds, seconds);
    std::printf("peak of memory  %8.0f MB  (%.0f before reading)\n", peak_megabytes(), before);

    const CancellationToken cancelled;
    Clock::time_point asked;
    std::thread stopper;
    bool started = false;
    const auto outcome = read_rows(
        path, guess->options, {},
        [&](const Progress& progress) {
            if (started || progress.done * 2 < progress.total) return;
            started = true;
            stopper = std::thread([&] {
                asked = Clock::now();
                cancelled.cancel();
            });
        },
        cancelled);
    const auto ended = Clock::now();
    if (stopper.joinable()) stopper.join();
    if (outcome || outcome.error().kind != ErrorKind::Cancelled) return fail(Error::internal("The cancelled reading went on to its end."));
    std::printf("cancel to end   %8.2f ms\n", 1000 * std::chrono::duration<double>(ended - asked).count());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t megabytes = argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 1000;
    const std::filesystem::path folder = argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
    const std::filesystem::path path = folder / "lossmith-bench-read.csv";
    if (megabytes < 1 || !bench::write_large_table(path, megabytes * 1'000'000, 1000)) {
        std::fprintf(stderr, "Cannot write %lld MB to %s.\n", static_cast<long long>(megabytes), path.c_str());
        return 1;
    }
    const int outcome = measure(path);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return outcome;
}
