// A project with rows held back, one finished run and its two checkpoints, in a folder of its own; and settings that touch nobody's.
#pragma once

#include <QTemporaryDir>
#include <memory>
#include <string>

#include "ui/shell/ProjectSession.h"

namespace lossmith::ui {

class FakeProject {
public:
    struct Row {
        std::string problem;
        std::string solution;
    };

    /// `held_out` become test rows. Without a run there is only the starter.
    explicit FakeProject(const std::vector<Row>& held_out = {{"Wipe the vase", "Please wipe the vase."},
                                                             {"An odd smell in the kettle", "Please wipe the kettle."},
                                                             {"Clean the mirror", "Please wipe the mirror."}},
                         bool with_run = true);

    [[nodiscard]] ProjectSession& session() { return *m_session; }
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }
    [[nodiscard]] static QString engine_program();
    /// QSettings in a folder that goes when the test program ends.
    static void use_own_settings();

private:
    QTemporaryDir m_folder;
    std::unique_ptr<ProjectSession> m_session;
};

}  // namespace lossmith::ui
