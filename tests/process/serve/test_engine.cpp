// An engine without LibTorch whose methods do what an engine must not: hang, crash, print, throw.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#include <stdexcept>
#include <thread>

#include "core/protocol/JsonRpc.h"
#include "core/protocol/Server.h"

using namespace lossmith;
using protocol::RequestContext;

namespace {

Result<Json> initialize(const Json&, RequestContext&) {
    if (std::getenv("LOSSMITH_TEST_DIES_AT_START") != nullptr) {
        std::fputs("no such processor\n", stderr);
        std::_Exit(3);
    }
    const char* version = std::getenv("LOSSMITH_TEST_PROTOCOL");
    return Json{{"protocol", version == nullptr ? protocol::version : std::atoi(version)}};
}

Result<Json> wait_for_cancel(const Json&, RequestContext& context) {
    context.progress("waiting");
    while (!context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return failure(Error::cancelled());
}

Result<Json> finish_although_cancelled(const Json&, RequestContext& context) {
    context.progress("waiting");
    while (!context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Json("finished");
}

Result<Json> ignore_cancel(const Json&, RequestContext& context) {
    context.progress("waiting");
    while (true) ::pause();
}

Result<Json> crash(const Json&, RequestContext&) {
    std::fputs("about to fall over\n", stderr);
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
    return Json(nullptr);
}

Result<Json> print(const Json&, RequestContext&) {
    std::printf("printed\n");
    std::fflush(stdout);
    std::cout << "streamed" << std::endl;
    return Json(::write(STDOUT_FILENO, "written\n", 8));
}

Result<Json> count(const Json& params, RequestContext& context) {
    const int upto = params.value("upto", 0);
    for (int i = 0; i < upto; ++i) context.progress(i);
    return Json(upto);
}

}  // namespace

int main() {
    const auto streams = protocol::claim_standard_streams();
    if (!streams) return EXIT_FAILURE;
    protocol::Server server(*streams);
    server.add("initialize", initialize);
    server.add("wait_for_cancel", wait_for_cancel);
    server.add("finish_although_cancelled", finish_although_cancelled);
    server.add("ignore_cancel", ignore_cancel);
    server.add("crash", crash);
    server.add("print", print);
    server.add("count", count);
    server.add("echo", [](const Json& params, RequestContext&) -> Result<Json> { return params; });
    server.add("process", [](const Json&, RequestContext&) -> Result<Json> { return Json(::getpid()); });
    server.add("read_input", [](const Json&, RequestContext&) -> Result<Json> { return Json(std::getchar()); });
    server.add("fail", [](const Json&, RequestContext&) -> Result<Json> {
        return failure(Error::bad_input("A cell is not closed.").with_hint("Close it.").in_file("a.csv").at_row(3));
    });
    server.add("throw", [](const Json&, RequestContext&) -> Result<Json> { throw std::runtime_error("shapes differ\nframe 0: torch"); });
    server.add("throw_number", [](const Json&, RequestContext&) -> Result<Json> { throw 5; });
    server.add("exhaust_memory", [](const Json&, RequestContext&) -> Result<Json> { throw std::bad_alloc(); });
    server.add("huge", [](const Json&, RequestContext&) -> Result<Json> { return Json(std::string(65U << 20U, 'x')); });
    server.add("babble", [&streams](const Json&, RequestContext&) -> Result<Json> {
        return Json(::write(streams->output, "Segmentation fault\n", 19));
    });
    return server.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}
