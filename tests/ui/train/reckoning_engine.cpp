// An engine for the Train page's tests: it knows the machine's devices and reckons a run from its config alone.
//
// `steps` is the config's max_steps; a run of 13 steps cannot be reckoned, one of 7 takes until it is cancelled, and one of 64 rows at a
// time does not fit into memory, but does with 16.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/support/ScriptedEngine.h"

namespace {

using namespace lossmith;

Result<Json> estimate(const Json& params, protocol::RequestContext& context) {
    const std::int64_t steps = params.at("config").at("max_steps").get<std::int64_t>();
    if (steps == 13) return failure(Error::bad_input("The model's folder is empty.").with_hint("Choose another model."));
    while (steps == 7 && !context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (context.cancelled()) return failure(Error::cancelled());
    const bool fits = params.at("config").at("per_device_train_batch_size") != 64;
    return Json{
        {"steps", steps},
        {"advice", fits ? "" : "The run needs about 90.0 GiB of memory, and 20.6 GiB are free. It fits with smaller micro-batches."},
        {"changes", fits ? Json() : Json{{"per_device_train_batch_size", 16}, {"gradient_accumulation_steps", 4}}},
        {"examples", 20},
        {"tokens", 1000},
        {"labelled_tokens", 380},
        {"padding_tokens", 40},
        {"prompt_tokens", 580},
        {"truncated_rows", 3},
        {"memory_bytes", 410'000'000},
        {"seconds", 170.0},
        {"disk_bytes", 213'000'000},
        {"trainable_parameters", 17'700'000}};
}

Result<Json> devices(const Json&, protocol::RequestContext&) {
    return Json::array({{{"id", "cpu"},
                         {"kind", "cpu"},
                         {"name", "AMD EPYC"},
                         {"memory_bytes", 23'000'000'000},
                         {"free_bytes", 22'100'000'000},
                         {"cores", 2},
                         {"load", 0.12}}});
}

}  // namespace

int main() {
    return test::run_scripted_engine([](protocol::Server& server) {
        server.add("devices", devices);
        server.add("estimate", estimate);
    });
}
