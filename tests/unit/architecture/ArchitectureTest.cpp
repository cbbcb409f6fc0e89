// The arrows between folders: app → ui → core and app → core/engine → core, and nothing the other way.
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

namespace {

struct Include {
    QString file;  // relative to the repository
    int line = 0;
    QString target;  // as written between the quotes or brackets
};

QList<Include> includes_in(const QString& text, const QString& file) {
    static const QRegularExpression pattern(QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"));
    QList<Include> found;
    int line = 0;
    const QStringList lines = text.split(QLatin1Char('\n'));
    for (const QString& one : lines) {
        ++line;
        const auto match = pattern.match(one);
        if (match.hasMatch()) found.append({file, line, match.captured(1)});
    }
    return found;
}

bool is_torch(const QString& target) {
    return target.startsWith(QLatin1String("torch/")) || target.startsWith(QLatin1String("ATen/")) ||
           target.startsWith(QLatin1String("c10/"));
}

bool is_widgets_or_gui(const QString& target) {
    static const QRegularExpression pattern(
        QStringLiteral("^(QtWidgets|QtGui|QWidget|QApplication|QGuiApplication|QMainWindow|QDialog|QMessageBox|QPainter|QPixmap|QImage|"
                       "QColor|QFont|QIcon|QLabel|QPushButton|QLayout|qcustomplot)"));
    return pattern.match(target).hasMatch();
}

/// Why this include is wrong; empty when it is right.
QString fault_of(const Include& include) {
    const QString& file = include.file;
    const QString& target = include.target;
    const bool engine = file.startsWith(QLatin1String("core/engine/"));
    const bool core = file.startsWith(QLatin1String("core/"));
    const bool ui = file.startsWith(QLatin1String("ui/"));
    const bool window = file.startsWith(QLatin1String("app/lossmith/"));
    if (is_torch(target) && !engine) return QStringLiteral("only core/engine includes LibTorch");
    if (target.startsWith(QLatin1String("core/engine/")) && (ui || window || (core && !engine)))
        return QStringLiteral("only core/engine and lossmith-cli include core/engine");
    if (core && is_widgets_or_gui(target)) return QStringLiteral("core knows no widgets and no painting");
    if (core && (target.startsWith(QLatin1String("ui/")) || target.startsWith(QLatin1String("app/"))))
        return QStringLiteral("core includes neither ui nor app");
    if (ui && target.startsWith(QLatin1String("app/"))) return QStringLiteral("ui does not include app");
    // The lower parts of core do not look up.
    static const QStringList order = {QStringLiteral("base"),   QStringLiteral("tokenizer"), QStringLiteral("data"),
                                      QStringLiteral("config"), QStringLiteral("project"),   QStringLiteral("engine")};
    if (core && target.startsWith(QLatin1String("core/"))) {
        const auto from = order.indexOf(file.section(QLatin1Char('/'), 1, 1));
        const auto to = order.indexOf(target.section(QLatin1Char('/'), 1, 1));
        if (from >= 0 && to > from) return QStringLiteral("core/%1 is below core/%2").arg(order[from], order[to]);
    }
    return {};
}

}  // namespace

class ArchitectureTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void every_include_follows_the_arrows() {
        const QDir root(QStringLiteral(LOSSMITH_SOURCE));
        QStringList faults;
        int files = 0;
        for (const char* folder : {"app", "core", "ui"}) {
            QDirIterator walk(root.filePath(QString::fromLatin1(folder)), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                              QDirIterator::Subdirectories);
            while (walk.hasNext()) {
                const QString path = walk.next();
                QFile file(path);
                QVERIFY(file.open(QIODevice::ReadOnly));
                ++files;
                for (const Include& include : includes_in(QString::fromUtf8(file.readAll()), root.relativeFilePath(path)))
                    if (const QString fault = fault_of(include); !fault.isEmpty())
                        faults.append(
                            QStringLiteral("%1:%2 includes %3: %4").arg(include.file).arg(include.line).arg(include.target, fault));
            }
        }
        QVERIFY(files > 100);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
    }

    void no_loop_is_shared_out_by_a_header_that_may_be_serial() {
        const QDir root(QStringLiteral(LOSSMITH_SOURCE));
        QStringList users;
        QDirIterator walk(root.filePath(QStringLiteral("core")), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                          QDirIterator::Subdirectories);
        while (walk.hasNext()) {
            QFile file(walk.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            if (file.readAll().contains("at::parallel_for(")) users.append(root.relativeFilePath(file.fileName()));
        }
        QCOMPARE(users, QStringList{QStringLiteral("core/engine/devices/Parallel.cpp")});
    }

    void every_window_test_is_watched_for_blocking() {
        static const QRegularExpression unwatched(QStringLiteral("QTEST_MAIN\\(|\\bQApplication \\w+\\("));
        QStringList faults;
        int watched = 0;
        const QDir root(QStringLiteral(LOSSMITH_SOURCE));
        QDirIterator walk(root.filePath(QStringLiteral("tests/ui")), {QStringLiteral("*.cpp")}, QDir::Files, QDirIterator::Subdirectories);
        while (walk.hasNext()) {
            QFile file(walk.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString text = QString::fromUtf8(file.readAll());
            if (text.contains(unwatched)) faults.append(root.relativeFilePath(file.fileName()));
            watched += text.contains(QLatin1String("run_window_tests<")) || text.contains(QLatin1String("WatchedApplication ")) ? 1 : 0;
        }
        QVERIFY(watched >= 8);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
    }

    void a_wrong_arrow_is_found_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("target");
        QTest::newRow("torch in the window") << QStringLiteral("ui/train/TrainPage.cpp") << QStringLiteral("ATen/ATen.h");
        QTest::newRow("engine in a page") << QStringLiteral("ui/train/TrainPage.cpp") << QStringLiteral("core/engine/model/Gpt2.h");
        QTest::newRow("engine in the window's main")
            << QStringLiteral("app/lossmith/main.cpp") << QStringLiteral("core/engine/model/Gpt2.h");
        QTest::newRow("torch outside the engine") << QStringLiteral("core/data/Import.cpp") << QStringLiteral("torch/torch.h");
        QTest::newRow("widgets in core") << QStringLiteral("core/project/Project.cpp") << QStringLiteral("QMessageBox");
        QTest::newRow("page in core") << QStringLiteral("core/project/Project.cpp") << QStringLiteral("ui/data/DataPage.h");
        QTest::newRow("program in a page") << QStringLiteral("ui/data/DataPage.cpp") << QStringLiteral("app/lossmith/Pages.h");
        QTest::newRow("store in base") << QStringLiteral("core/base/Files.cpp") << QStringLiteral("core/project/Project.h");
    }
    void a_wrong_arrow_is_found() {
        QFETCH(QString, file);
        QFETCH(QString, target);
        QVERIFY(!fault_of({file, 1, target}).isEmpty());
    }
};

QTEST_APPLESS_MAIN(ArchitectureTest)
#include "ArchitectureTest.moc"
