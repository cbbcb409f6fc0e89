#include "tests/ui/logits/LogitsProject.h"

#include <QFile>
#include <QProcess>

namespace lossmith::ui {

namespace {

constexpr int command_patience = 120'000;
constexpr int lines_taken = 41;

}  // namespace

QByteArray LogitsProject::run(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(LOSSMITH_BIN "/lossmith-cli"), arguments);
    if (!process.waitForFinished(command_patience) || process.exitCode() != 0)
        m_error = arguments.join(QLatin1Char(' ')) + QStringLiteral(": ") + QString::fromUtf8(process.readAllStandardError());
    return process.readAllStandardOutput();
}

LogitsProject::LogitsProject() {
    QFile sample(QStringLiteral(LOSSMITH_SOURCE "/resources/samples/complaints.csv"));
    QFile part(file(QStringLiteral("part.csv")));
    if (!sample.open(QIODevice::ReadOnly) || !part.open(QIODevice::WriteOnly)) {
        m_error = QStringLiteral("The sample cannot be read.");
        return;
    }
    for (int line = 0; line < lines_taken; ++line) part.write(sample.readLine());
    part.close();
    run({QStringLiteral("import"), path(), part.fileName()});
    QStringList train{QStringLiteral("train"), path()};
    for (const QString& field :
         {QStringLiteral("max_steps=%1").arg(steps), QStringLiteral("learning_rate=2e-3"), QStringLiteral("warmup_steps=0"),
          QStringLiteral("per_device_train_batch_size=4"), QStringLiteral("sampling.max_new_tokens=4"), QStringLiteral("sample_steps=2"),
          QStringLiteral("sample_prompts=2"), QStringLiteral("eval_steps=6"), QStringLiteral("name=\"solution only\"")})
        train << QStringLiteral("--set") << field;
    run(train);
}

}  // namespace lossmith::ui
