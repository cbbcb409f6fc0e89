#pragma once

#include <QObject>

/// The snippets of tests/data/loss-snippets: values, types, shapes and gradients as PyTorch gives them.
class SnippetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_snippet_gives_what_pytorch_gives_data();
    void a_snippet_gives_what_pytorch_gives();
};
