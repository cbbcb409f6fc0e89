// A signal handler can reach nothing but a variable of its own file, hence the one static here.
#include "app/lossmith-cli/Interrupt.h"

#include <csignal>

namespace lossmith::cli {

namespace {

const CancellationToken* interrupted = nullptr;

extern "C" void on_interrupt(int) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    interrupted->cancel();
}

}  // namespace

void cancel_on_interrupt(const CancellationToken& token) {
    static const CancellationToken kept = token;
    interrupted = &kept;
    // Without SA_RESTART, so that a read that waits on standard input ends too.
    struct sigaction action = {};
    action.sa_handler = on_interrupt;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace lossmith::cli
