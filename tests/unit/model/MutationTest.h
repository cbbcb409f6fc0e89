#pragma once

#include <QObject>

/// Valid files with a few bytes changed at random, the same ones at each run: whatever comes of it, a sentence or a model.
class MutationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_changed_safetensors_file_is_read_or_refused();
    void a_changed_pickle_is_read_or_refused();
    void a_changed_archive_is_read_or_refused();
    void a_changed_config_is_read_or_refused();
};
