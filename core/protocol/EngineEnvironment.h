// The environment that lossmith-cli is started in by the window.
#pragma once

#include <QProcessEnvironment>

namespace lossmith {

/// This process's environment, with OpenMP's threads told to sleep soon instead of spinning at each barrier (GOMP_SPINCOUNT, unless it is
/// set already): beside other work on the machine, spinning threads take the cores from the very thread they wait for, and a run
/// becomes several times slower.
[[nodiscard]] inline QProcessEnvironment engine_environment() {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QString spin_count = QStringLiteral("GOMP_SPINCOUNT");
    if (!environment.contains(spin_count)) environment.insert(spin_count, QStringLiteral("20000"));
    return environment;
}

}  // namespace lossmith
