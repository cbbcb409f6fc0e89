#pragma once

#include <QObject>
#include <QTemporaryDir>

class LoadedArgumentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void a_tensor_is_read_from_each_kind_of_file_data();
    void a_tensor_is_read_from_each_kind_of_file();
    void a_list_of_words_becomes_ids();
    void what_is_wrong_with_a_file_is_said_data();
    void what_is_wrong_with_a_file_is_said();
    void a_loss_learns_from_its_files();
    void a_files_digest_is_told();

private:
    [[nodiscard]] QString file(const char* name, const QByteArray& content) const;
    QTemporaryDir m_folder;
};
