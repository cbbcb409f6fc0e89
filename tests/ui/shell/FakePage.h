// A page that records what the window does to it.
#pragma once

#include <QUndoStack>

#include "ui/widgets/Page.h"

namespace lossmith::test {

class FakePage : public ui::Page {
    Q_OBJECT

public:
    FakePage(QString name, QWidget* parent) : ui::Page(parent), m_name(std::move(name)) { m_inspector = new QWidget(this); }

    [[nodiscard]] QString name() const override { return m_name; }
    [[nodiscard]] QString title() const override { return m_name; }
    [[nodiscard]] QString icon_name() const override { return QStringLiteral("table"); }
    [[nodiscard]] QWidget* inspector() override { return m_name == QLatin1String("second") ? m_inspector : nullptr; }
    void set_project(ui::ProjectSession* given) override { session = given; }
    [[nodiscard]] QUndoStack* undo_stack() override { return &undo; }
    [[nodiscard]] bool is_ready() const override { return is_read; }
    void open_file(const QString& path) override { opened = path; }

    ui::ProjectSession* session = nullptr;
    QUndoStack undo;
    QString opened;
    bool is_read = true;

private:
    QString m_name;
    QWidget* m_inspector;
};

}  // namespace lossmith::test
