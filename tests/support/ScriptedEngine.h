// The frame of an engine for window tests: it speaks the protocol on standard input and output, and answers `initialize`.
#pragma once

#include <cstdlib>

#include "core/protocol/Server.h"

namespace lossmith::test {

/// What such a program's main returns; `add_methods` is given the server to add its answers to.
int run_scripted_engine(const auto& add_methods) {
    auto streams = protocol::claim_standard_streams();
    if (!streams) return EXIT_FAILURE;
    protocol::Server server(*streams);
    server.add("initialize", [](const Json&, protocol::RequestContext&) -> Result<Json> {
        return Json{{"protocol", 1}, {"version", "test"}, {"torch", "none"}, {"threads", 1}};
    });
    add_methods(server);
    return server.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace lossmith::test
