// Megabytes of English a second through the tokenizer on one core: `bench_tokenizer [FILE …]`; without files, the sample texts the program
// ships. tiktoken on the same text where LOSSMITH_PEER_PYTHON names a Python with it.
#include "core/tokenizer/Tokenizer.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/bench/support/Child.h"

namespace {

namespace fs = std::filesystem;

constexpr int rounds = 7;

/// Of processor time, so that what else the machine does counts for less.
double thread_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string read_all(const std::vector<fs::path>& files) {
    std::ostringstream text;
    for (const fs::path& file : files) text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

/// As the peers are given it: paragraphs, so that none has an advantage by working on one huge text.
std::vector<std::string_view> paragraphs_of(std::string_view text) {
    std::vector<std::string_view> all;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find("\n\n", begin), text.size());
        all.push_back(text.substr(begin, end - begin));
        begin = end + 2;
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<fs::path> files(argv + 1, argv + argc);
    if (files.empty()) files = {LOSSMITH_SOURCE "/resources/samples/complaints.csv", LOSSMITH_SOURCE "/resources/samples/gnome_help.csv"};
    const std::string text = read_all(files);
    const auto tokenizer = lossmith::Tokenizer::gpt2();
    if (!tokenizer || text.empty()) {
        std::fprintf(stderr, "The text or the vocabulary cannot be read.\n");
        return 1;
    }
    const auto paragraphs = paragraphs_of(text);
    std::vector<double> speeds;
    std::size_t tokens = 0;
    for (int round = 0; round < rounds; ++round) {
        tokens = 0;
        const double start = thread_seconds();
        for (const std::string_view paragraph : paragraphs) tokens += (*tokenizer)->encode(paragraph).size();
        speeds.push_back(static_cast<double>(text.size()) / 1e6 / (thread_seconds() - start));
    }
    std::printf("text      %8.1f MB, %zu paragraphs, %zu tokens\n", static_cast<double>(text.size()) / 1e6, paragraphs.size(), tokens);
    std::printf("lossmith  %8.1f MB/s on one core, median of %d\n", bench::median(speeds), rounds);
    std::fflush(stdout);
    if (const auto python = bench::peer_python()) {
        std::vector<std::string> words = {*python, LOSSMITH_SOURCE "/tests/bench/tokenizer/tiktoken_speed.py",
                                          LOSSMITH_SOURCE "/resources/gpt2-vocabulary", std::to_string(rounds)};
        for (const fs::path& file : files) words.push_back(file.string());
        std::printf("%s", bench::run_or_exit(words).output.c_str());
    } else {
        std::printf("LOSSMITH_PEER_PYTHON names no Python with tiktoken: the peer is left out.\n");
    }
    return 0;
}
