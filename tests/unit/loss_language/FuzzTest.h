#pragma once

#include <QObject>

/// Text that nobody would write: it may fail, it may not crash, hang or use more than its budget.
class FuzzTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mutated_snippets_end();
    void random_tokens_end();
    void random_bytes_end();
    void allowed_functions_with_odd_arguments_end();
};
