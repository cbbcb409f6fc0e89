// `template`: how problem and solution become text in a project; shown, or changed field by field.
#include <memory>

#include "app/lossmith-cli/Verbs.h"
#include "core/project/Project.h"
#include "core/project/TemplateStore.h"

namespace lossmith::cli {

namespace {

struct TemplateCall {
    std::string project;
    std::string set;
    std::string name;
};

Result<Json> given(const std::string& text) {
    const bool is_json = text.find_first_not_of(" \t\r\n") != std::string::npos && text[text.find_first_not_of(" \t\r\n")] == '{';
    if (is_json) return parse_json(text, "--set");
    return read_json_file(text);
}

Status show_template(const TemplateCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    Json spec = LOSSMITH_TRY(project->templates().current());
    if (!call.set.empty()) {
        const Json changes = LOSSMITH_TRY(given(call.set));
        if (!changes.is_object()) return failure(Error::bad_input("A template is an object, e.g. {\"prompt\": \"Q: {problem}\"}."));
        // What is not named stays as it is.
        spec.update(changes);
        LOSSMITH_CHECK(project->templates().set_current(LOSSMITH_TRY(template_spec_from_json(spec)), call.name));
    }
    if (context.json())
        context.print_json(spec);
    else
        context.print(spec.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return {};
}

}  // namespace

void add_template(CLI::App& app, Context& context) {
    const auto call = std::make_shared<TemplateCall>();
    Verb verb = context.add_verb(app, "template", "How problem and solution become text in a project.",
                                 [call, &context] { return show_template(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("--set", call->set, "A JSON object with the fields to change, or a file with one").type_name("JSON|FILE");
    verb.add_option("--name", call->name, "A name for the changed template").needs("--set");
}

}  // namespace lossmith::cli
