// `data`: what rows a project has and where they came from.
#include <memory>

#include "app/lossmith-cli/Table.h"
#include "app/lossmith-cli/Verbs.h"
#include "core/project/DataStore.h"
#include "core/project/Project.h"

namespace lossmith::cli {

namespace {

struct DataCall {
    std::string project;
    std::int64_t rows = 0;
    std::int64_t offset = 0;
    std::string split;
    std::int64_t remove_source = 0;
};

Json in_json(const DataSource& source) {
    return {{"id", source.id},         {"path", source.path},          {"imported_at", source.imported_at},
            {"sha256", source.sha256}, {"options", source.options},    {"notes", source.notes},
            {"rows", source.rows},     {"set_aside", source.set_aside}};
}

Json in_json(const Row& row) {
    return {{"id", row.id},           {"source", row.source},     {"line", row.line},    {"split", name_of(row.split)},
            {"problem", row.problem}, {"solution", row.solution}, {"others", row.others}};
}

Status data(const DataCall& call, const Context& context) {
    const auto project = LOSSMITH_TRY(Project::open(call.project));
    DataStore& store = project->data();
    if (call.remove_source > 0) LOSSMITH_CHECK(store.remove_source(call.remove_source));
    std::optional<Split> split;
    for (const Split one : {Split::Train, Split::Validation, Split::Test})
        if (call.split == name_of(one)) split = one;
    const auto sources = LOSSMITH_TRY(store.sources());
    std::vector<Row> rows;
    if (call.rows != 0) rows = LOSSMITH_TRY(store.rows(split, call.rows, call.offset));
    const SplitConfig rule = LOSSMITH_TRY(store.split_config());
    Json splits = Json::object();
    for (const Split one : {Split::Train, Split::Validation, Split::Test}) splits[name_of(one)] = LOSSMITH_TRY(store.count(one));

    if (context.json()) {
        Json answer = {{"rows", LOSSMITH_TRY(store.count())}, {"splits", splits}, {"split", rule}, {"sources", Json::array()}};
        for (const DataSource& source : sources) answer["sources"].push_back(in_json(source));
        if (call.rows != 0) answer["listed"] = Json::array();
        for (const Row& row : rows) answer["listed"].push_back(in_json(row));
        context.print_json(answer);
        return {};
    }
    if (call.rows != 0) {
        Table table({"id", "line", "split", "problem", "solution"});
        for (const Row& row : rows)
            table.add({std::to_string(row.id), std::to_string(row.line), name_of(row.split), row.problem, row.solution});
        context.print(table.text());
        return {};
    }
    context.print(with_commas(LOSSMITH_TRY(store.count())) + " rows: " + with_commas(splits["train"].get<std::int64_t>()) + " train, " +
                  with_commas(splits["validation"].get<std::int64_t>()) + " validation, " +
                  with_commas(splits["test"].get<std::int64_t>()) + " test.\n");
    Table table({"source", "rows", "set aside", "imported", "file"});
    for (const DataSource& source : sources)
        table.add({std::to_string(source.id), with_commas(source.rows), with_commas(source.set_aside), source.imported_at, source.path});
    if (!sources.empty()) context.print(table.text());
    return {};
}

}  // namespace

void add_data(CLI::App& app, Context& context) {
    const auto call = std::make_shared<DataCall>();
    Verb verb =
        context.add_verb(app, "data", "The rows of a project and where they came from.", [call, &context] { return data(*call, context); });
    verb.add_option("project", call->project, "The project file").required().type_name("PROJECT");
    verb.add_option("--rows", call->rows, "List so many rows; -1 for all").type_name("COUNT");
    verb.add_option("--offset", call->offset, "Leave out so many rows first").type_name("COUNT").non_negative();
    verb.add_option("--split", call->split, "Only rows of this split").one_of({"train", "validation", "test"});
    verb.add_option("--remove-source", call->remove_source, "Take a source and all its rows out of the project").type_name("ID");
}

}  // namespace lossmith::cli
