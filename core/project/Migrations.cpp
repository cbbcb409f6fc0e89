// Each migration is a list of statements; one that was released is never edited, a change is a new one at the end.
#include "core/project/Migrations.h"

#include "core/project/Sql.h"

namespace lossmith {

namespace {

using Migration = std::vector<const char*>;

// 1: data, templates, models, runs and what runs write.
const Migration& the_ground() {
    static const Migration statements = {
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",

        // forced_split: the split all rows of the source were sent to; NULL: by hash.
        "CREATE TABLE sources (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, imported_at TEXT NOT NULL, sha256 TEXT NOT NULL,"
        " options TEXT NOT NULL, notes TEXT NOT NULL, forced_split INTEGER, rows INTEGER NOT NULL DEFAULT 0,"
        " set_aside INTEGER NOT NULL DEFAULT 0)",

        // content: 64 bits of the digest of problem and solution, to find equal rows and to digest all of them quickly.
        "CREATE TABLE rows (id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,"
        " line INTEGER NOT NULL, problem TEXT NOT NULL, solution TEXT NOT NULL, others TEXT, split INTEGER NOT NULL,"
        " forced INTEGER NOT NULL DEFAULT 0, content INTEGER NOT NULL)",
        "CREATE INDEX rows_by_source ON rows (source)",
        "CREATE INDEX rows_by_split ON rows (split, id, content)",

        "CREATE TABLE set_aside (id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,"
        " line INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL, raw TEXT NOT NULL)",
        "CREATE INDEX set_aside_by_source ON set_aside (source)",

        "CREATE TABLE templates (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, spec TEXT NOT NULL, created_at TEXT NOT NULL)",

        "CREATE TABLE models (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, path TEXT NOT NULL)",
        "INSERT INTO models (name, path) VALUES ('starter', 'starter')",

        // AUTOINCREMENT, so that the folder of a removed run is never taken for a new one's.
        "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, status TEXT NOT NULL, config TEXT NOT NULL,"
        " created_at TEXT NOT NULL, started_at TEXT NOT NULL DEFAULT '', ended_at TEXT NOT NULL DEFAULT '',"
        " process INTEGER NOT NULL DEFAULT 0, process_started INTEGER NOT NULL DEFAULT 0, host TEXT NOT NULL DEFAULT '',"
        " boot TEXT NOT NULL DEFAULT '', step INTEGER NOT NULL DEFAULT 0, total_steps INTEGER NOT NULL DEFAULT 0,"
        " best_step INTEGER NOT NULL DEFAULT 0, best_validation_loss REAL, message TEXT NOT NULL DEFAULT '',"
        " tags TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', provenance TEXT NOT NULL DEFAULT '{}')",

        "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " at TEXT NOT NULL, step INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL)",
        "CREATE INDEX events_by_run ON events (run, id)",

        "CREATE TABLE samples (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, prompt INTEGER NOT NULL,"
        " problem TEXT NOT NULL, solution TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run, step, prompt)) WITHOUT ROWID",

        "CREATE TABLE checkpoints (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " step INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, validation_loss REAL,"
        " created_at TEXT NOT NULL, UNIQUE (run, step, kind))",

        "CREATE TABLE commands (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
        " command TEXT NOT NULL)",
        "CREATE INDEX commands_by_run ON commands (run, id)",

        // A value that is not a number is NULL here: SQLite has no NaN.
        "CREATE TABLE metrics (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, name TEXT NOT NULL, step INTEGER NOT NULL,"
        " value REAL, PRIMARY KEY (run, name, step)) WITHOUT ROWID",
    };
    return statements;
}

// 2: prompts of one's own and the texts had from them.
const Migration& prompts_and_generations() {
    static const Migration statements = {
        "CREATE TABLE prompts (id INTEGER PRIMARY KEY AUTOINCREMENT, problem TEXT NOT NULL, solution TEXT NOT NULL)",

        // lookup: the digest of weights, prompt and settings together.
        "CREATE TABLE generations (id INTEGER PRIMARY KEY AUTOINCREMENT, lookup TEXT NOT NULL, model TEXT NOT NULL, weights TEXT NOT NULL,"
        " prompt TEXT NOT NULL, settings TEXT NOT NULL, text TEXT NOT NULL, details TEXT NOT NULL, created_at TEXT NOT NULL)",
        "CREATE INDEX generations_by_lookup ON generations (lookup, id)",
    };
    return statements;
}

// 3: losses of one's own.
const Migration& own_losses() {
    static const Migration statements = {
        "CREATE TABLE losses (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
        " parameters TEXT NOT NULL, labels TEXT NOT NULL, created_at TEXT NOT NULL, changed_at TEXT NOT NULL)",
    };
    return statements;
}

// 4: what runs by reward wrote and learnt from.
const Migration& rewarded_completions() {
    static const Migration statements = {
        "CREATE TABLE completions (run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, prompt INTEGER NOT "
        "NULL,"
        " completion INTEGER NOT NULL, problem TEXT NOT NULL, solution TEXT NOT NULL, text TEXT NOT NULL, reward REAL, advantage REAL,"
        " ended INTEGER NOT NULL, parts TEXT NOT NULL, tokens TEXT NOT NULL, PRIMARY KEY (run, step, prompt, completion)) WITHOUT ROWID",
    };
    return statements;
}

// 5: label masks drawn by hand, the tokens of fixed prompts as a run learns, and what the Doctor found.
const Migration& inspection() {
    static const Migration statements = {
        // labels: JSON, which stretches of the row's tokens are labelled, in the form of core/data.
        "CREATE TABLE row_labels (row INTEGER PRIMARY KEY REFERENCES rows (id) ON DELETE CASCADE, labels TEXT NOT NULL)",
        // tokens: JSON, each token of the prompt and the true solution with its probability, rank and entropy at that step.
        "ALTER TABLE samples ADD COLUMN tokens TEXT NOT NULL DEFAULT '[]'",
        "CREATE TABLE diagnoses (run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, at TEXT NOT NULL, report TEXT NOT NULL)",
    };
    return statements;
}

const std::vector<const Migration*>& migrations() {
    static const std::vector<const Migration*> all = {&the_ground(), &prompts_and_generations(), &own_losses(), &rewarded_completions(),
                                                      &inspection()};
    return all;
}

}  // namespace

int newest_schema() {
    return static_cast<int>(migrations().size());
}

Result<int> schema_of(const QSqlDatabase& database) {
    return static_cast<int>(LOSSMITH_TRY(sql::first_integer(database, "PRAGMA user_version")).value_or(0));
}

Status migrate(const QSqlDatabase& database, int target) {
    for (int version = 0; version < target; ++version) {
        auto transaction = LOSSMITH_TRY(sql::WriteTransaction::begin(database));
        if (LOSSMITH_TRY(schema_of(database)) > version) continue;
        for (const char* statement : *migrations()[static_cast<std::size_t>(version)]) LOSSMITH_CHECK(sql::run(database, statement));
        LOSSMITH_CHECK(sql::run(database, ("PRAGMA application_id = " + std::to_string(application_id)).c_str()));
        LOSSMITH_CHECK(sql::run(database, ("PRAGMA user_version = " + std::to_string(version + 1)).c_str()));
        LOSSMITH_CHECK(transaction.commit());
    }
    return {};
}

const std::vector<std::string>& tables_of_newest_schema() {
    static const std::vector<std::string> tables = {"settings", "sources",     "rows",    "set_aside",   "templates",  "models",
                                                    "runs",     "events",      "samples", "checkpoints", "commands",   "metrics",
                                                    "prompts",  "generations", "losses",  "completions", "row_labels", "diagnoses"};
    return tables;
}

}  // namespace lossmith
