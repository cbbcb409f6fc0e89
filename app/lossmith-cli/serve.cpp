// `serve`: the window's engine. docs/protocol.md says what each method takes and gives.
#include <csignal>
#include <memory>

#include "app/lossmith-cli/Verbs.h"
#include "app/lossmith-cli/inspection_questions.h"
#include "app/lossmith-cli/questions.h"
#include "app/lossmith-cli/tokens_questions.h"
#include "core/engine/devices/Devices.h"
#include "core/protocol/JsonRpc.h"
#include "core/protocol/Server.h"

namespace lossmith::cli {
namespace {

using protocol::RequestContext;

Result<Json> initialize(const Json& params, int threads) {
    const auto asked = params.find("protocol");
    if (asked == params.end() || *asked != Json(protocol::version))
        return failure(Error::unsupported("This engine speaks version " + std::to_string(protocol::version) + " of the protocol.")
                           .with_hint("Install Lossmith again, so that the window and lossmith-cli come from the same package."));
    return Json{{"protocol", protocol::version}, {"version", LOSSMITH_VERSION}, {"torch", engine::torch_version()}, {"threads", threads}};
}

void add_inspection(protocol::Server& server, const std::shared_ptr<engine::ModelCache>& models) {
    using Question = Result<Json> (*)(const Json&, engine::ModelCache&, const CancellationToken&);
    const std::pair<const char*, Question> questions[] = {{"inspect", ask_inspect},
                                                          {"inspect/place", ask_place},
                                                          {"inspect/lens", ask_lens},
                                                          {"inspect/attention", ask_attention},
                                                          {"inspect/attribution", ask_attribution},
                                                          {"inspect/difference", ask_difference}};
    for (const auto& [name, question] : questions)
        server.add(name, [models, question = question](const Json& params, RequestContext& context) {
            return question(params, *models, context.cancellation());
        });
    server.add("inspect/odds", [models](const Json& params, RequestContext& context) {
        const News news = [&context](const Json& value) { context.progress(value); };
        return ask_odds(params, *models, context.wants_progress() ? news : News{}, context.cancellation());
    });
}

void add_methods(protocol::Server& server, int threads) {
    server.add("initialize", [threads](const Json& params, RequestContext&) { return initialize(params, threads); });
    server.add("devices", [](const Json&, RequestContext&) -> Result<Json> { return Json(engine::devices()); });
    auto models = std::make_shared<engine::ModelCache>();
    server.add("generate", [models](const Json& params, RequestContext& context) {
        const News news = [&context](const Json& value) { context.progress(value); };
        return ask_generate(params, *models, context.wants_progress() ? news : News{}, context.cancellation());
    });
    add_inspection(server, models);
    server.add("solution_loss", [models](const Json& params, RequestContext& context) {
        return ask_solution_loss(params, *models, context.cancellation());
    });
    auto batches = std::make_shared<engine::CheckBatchCache>();
    server.add("loss/check", [models, batches](const Json& params, RequestContext& context) {
        return ask_loss_check(params, *models, *batches, context.cancellation());
    });
    server.add("loss/sum", [](const Json& params, RequestContext&) { return ask_loss_sum(params); });
    server.add("loss/catalogue", [](const Json&, RequestContext&) { return ask_loss_catalogue(); });
    server.add("doctor", [](const Json& params, RequestContext& context) {
        const News news = [&context](const Json& value) { context.progress(value); };
        return ask_doctor(params, context.wants_progress() ? news : News{}, context.cancellation());
    });
    server.add("batch", [](const Json& params, RequestContext& context) { return ask_batch(params, context.cancellation()); });
    server.add("special_tokens", [](const Json& params, RequestContext&) { return ask_special_tokens(params); });
    server.add("estimate", [](const Json& params, RequestContext& context) { return ask_estimate(params, context.cancellation()); });
}

Status run_serve(const Context& context, int threads) {
    // The window ends its engine through the protocol; a signal, as from a terminal's Ctrl-C, ends it at once.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    const protocol::Streams streams = LOSSMITH_TRY(protocol::claim_standard_streams());
    for (const std::string& warning : engine::device_warnings()) context.note(warning);
    protocol::Server server(streams);
    add_methods(server, engine::set_up_cpu(threads));
    return server.run();
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
    auto threads = std::make_shared<int>(0);
    Verb verb = context.add_verb(app, "serve", "Answers a window's questions on standard input and output (see docs/protocol.md).",
                                 [threads, &context] { return run_serve(context, *threads); });
    verb.add_option("--threads", *threads, "Threads to compute with; 0: one for each core").range(0, 4096);
}

}  // namespace lossmith::cli
