#include "tests/ui/train/ChartTest.h"

#include <QFile>
#include <QImage>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <QtTest>
#include <cmath>
#include <limits>
#include <vector>

#include "ui/charts/CurveChart.h"
#include "ui/charts/ExponentialAverage.h"
#include "ui/widgets/Chip.h"

namespace lossmith::ui {
namespace {

const QString train = QStringLiteral("train");
const QString validation = QStringLiteral("validation");

CurveSpec curve(const QString& name) {
    CurveSpec spec;
    spec.name = name;
    spec.label = name;
    return spec;
}

std::vector<QPointF> line(int first, int last, double value = 1.0) {
    std::vector<QPointF> points;
    for (int x = first; x <= last; ++x) points.emplace_back(x, value * x);
    return points;
}

/// A chart with one curve, on show.
struct Shown {
    Shown() : chart(QStringLiteral("Loss")) {
        chart.resize(640, 320);
        chart.add_curve(curve(train));
        chart.show();
    }
    [[nodiscard]] QWidget* plot() const {
        for (QWidget* child : chart.findChildren<QWidget*>()) {
            if (QByteArray(child->metaObject()->className()) == "QCustomPlot") return child;
        }
        return nullptr;
    }
    CurveChart chart;
};

QByteArray bytes_of(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

void ChartTest::points_are_kept_and_the_view_follows_them() {
    Shown shown;
    shown.chart.append(train, line(1, 10));
    shown.chart.append(train, line(11, 40));
    QCOMPARE(shown.chart.point_count(train), 40);
    shown.chart.draw_now();
    QCOMPARE(shown.chart.x_range().second, 40.0);
    QVERIFY(shown.chart.y_range().second > 40.0);
    shown.chart.set_expected_end(100);
    shown.chart.draw_now();
    QCOMPARE(shown.chart.x_range().second, 100.0);
    QVERIFY(shown.chart.is_following());
}

void ChartTest::a_zoomed_view_stays_until_a_double_click() {
    Shown shown;
    shown.chart.append(train, line(0, 100));
    shown.chart.draw_now();
    QWidget* plot = shown.plot();
    QVERIFY(plot);
    const QPointF middle(plot->width() / 2.0, plot->height() / 2.0);
    QWheelEvent wheel(middle, plot->mapToGlobal(middle), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(plot, &wheel);
    QVERIFY(!shown.chart.is_following());
    const auto zoomed = shown.chart.x_range();
    QVERIFY(zoomed.second - zoomed.first < 100.0);
    shown.chart.append(train, line(101, 200));
    shown.chart.draw_now();
    QCOMPARE(shown.chart.x_range(), zoomed);
    QTest::mouseDClick(plot, Qt::LeftButton, {}, middle.toPoint());
    QVERIFY(shown.chart.is_following());
    QCOMPARE(shown.chart.x_range().second, 200.0);
}

void ChartTest::points_at_earlier_steps_replace_what_came_after() {
    Shown shown;
    shown.chart.append(train, line(1, 50));
    shown.chart.append(train, line(31, 35, 2.0));
    QCOMPARE(shown.chart.point_count(train), 35);
    QCOMPARE(shown.chart.last_point(train), QPointF(35, 70));
    shown.chart.draw_now();
    QVERIFY(shown.chart.y_range().second < 80.0);
}

void ChartTest::an_average_is_right_from_its_first_value() {
    ExponentialAverage average(0.9);
    QCOMPARE(average.add(3.0), 3.0);
    // (0.9 · 0.1 · 3 + 0.1 · 5) / (1 - 0.81)
    QVERIFY(std::abs(average.add(5.0) - (0.27 + 0.5) / 0.19) < 1e-12);
    const double before = average.add(4.0);
    QCOMPARE(average.add(std::nan("")), before);
}

void ChartTest::smoothing_goes_on_as_points_come() {
    Shown together;
    Shown bit_by_bit;
    for (Shown* shown : {&together, &bit_by_bit}) {
        shown->chart.set_smoothing(0.9);
        shown->chart.append(train, line(1, 40));
    }
    together.chart.append(train, line(41, 80));
    for (int x = 41; x <= 80; ++x) bit_by_bit.chart.append(train, line(x, x));
    together.chart.draw_now();
    bit_by_bit.chart.draw_now();
    const QImage smoothed = together.chart.grab().toImage();
    QCOMPARE(smoothed, bit_by_bit.chart.grab().toImage());
    together.chart.set_smoothing(0.0);
    together.chart.draw_now();
    QVERIFY(together.chart.grab().toImage() != smoothed);
}

void ChartTest::a_value_that_is_not_finite_leaves_the_axis_alone() {
    Shown shown;
    shown.chart.append(train, std::vector<QPointF>{{1, 2.0}, {2, std::numeric_limits<double>::infinity()}, {3, std::nan("")}, {4, 3.0}});
    shown.chart.draw_now();
    QCOMPARE(shown.chart.point_count(train), 4);
    QVERIFY(shown.chart.y_range().second < 4.0);
    QVERIFY(shown.chart.values_at(2).contains(QStringLiteral("not a number")));
}

void ChartTest::a_logarithmic_axis_holds_only_what_is_above_zero() {
    Shown shown;
    shown.chart.append(train, std::vector<QPointF>{{1, 100.0}, {2, 0.0}, {3, -5.0}, {4, 0.01}});
    shown.chart.set_log_scale(true);
    shown.chart.draw_now();
    QVERIFY(shown.chart.y_range().first > 0.0);
    QVERIFY(shown.chart.y_range().first <= 0.01);
    QVERIFY(shown.chart.y_range().second >= 100.0);
}

void ChartTest::toggles_hide_and_show_their_curves() {
    Shown shown;
    CurveSpec part = curve(QStringLiteral("loss/one"));
    part.group = QStringLiteral("parts");
    shown.chart.add_curve(part);
    part.name = QStringLiteral("loss/other");
    shown.chart.add_curve(part);
    Chip* chip = nullptr;
    for (Chip* candidate : shown.chart.findChildren<Chip*>()) {
        if (candidate->text() == QStringLiteral("parts")) chip = candidate;
    }
    QVERIFY(chip);
    QTest::mouseClick(chip, Qt::LeftButton);
    QVERIFY(!shown.chart.is_curve_visible(QStringLiteral("loss/one")));
    QVERIFY(!shown.chart.is_curve_visible(QStringLiteral("loss/other")));
    QVERIFY(shown.chart.is_curve_visible(train));
    QTest::mouseClick(chip, Qt::LeftButton);
    QVERIFY(shown.chart.is_curve_visible(QStringLiteral("loss/other")));
}

void ChartTest::the_values_at_a_step_are_said() {
    Shown shown;
    shown.chart.add_curve(curve(validation));
    shown.chart.append(train, line(1, 10));
    shown.chart.append(validation, std::vector<QPointF>{{10, 0.25}});
    QCOMPARE(shown.chart.values_at(10), QStringLiteral("step 10 · train 10.00 · validation 0.250"));
    shown.chart.draw_now();
    QCOMPARE(shown.chart.accessibleDescription(), shown.chart.values_at(10));
}

void ChartTest::arrow_keys_move_the_crosshair() {
    Shown shown;
    shown.chart.append(train, line(0, 10));
    shown.chart.draw_now();
    QTest::keyClick(&shown.chart, Qt::Key_Right);
    QCOMPARE(shown.chart.accessibleDescription(), shown.chart.values_at(6));
    QTest::keyClick(&shown.chart, Qt::Key_Left);
    QCOMPARE(shown.chart.accessibleDescription(), shown.chart.values_at(5));
}

void ChartTest::a_hundred_thousand_points_are_drawn() {
    Shown shown;
    constexpr int count = 100'000;
    std::vector<QPointF> points;
    for (int x = 0; x < count; ++x) points.emplace_back(x, 2.0 + std::sin(x * 0.37));
    shown.chart.append(train, points);
    shown.chart.draw_now();
    QCOMPARE(shown.chart.point_count(train), count);
    // The curve oscillates between 1 and 3 in every pixel column: decimation must keep both ends of each.
    const QImage image = shown.plot()->grab().toImage();
    const QRgb paper = image.pixel(2, 2);
    int full = 0;
    for (int x = image.width() / 4; x < image.width() * 3 / 4; ++x) {
        int inked = 0;
        for (int y = 0; y < image.height(); ++y) inked += image.pixel(x, y) != paper ? 1 : 0;
        full += inked > image.height() / 3 ? 1 : 0;
    }
    QVERIFY2(full > image.width() / 2 * 9 / 10, qPrintable(QString::number(full)));
    shown.chart.append(train, line(count, count));
    shown.chart.draw_now();
    QCOMPARE(shown.chart.x_range().second, static_cast<double>(count));
}

void ChartTest::what_is_written_as_csv_is_every_point() {
    Shown shown;
    shown.chart.add_curve(curve(QStringLiteral("a, \"b\"")));
    shown.chart.append(train, std::vector<QPointF>{{1, 0.1}, {2, 0.2}, {4, std::nan("")}});
    shown.chart.append(QStringLiteral("a, \"b\""), std::vector<QPointF>{{2, 7}, {3, 8}});
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("loss.csv"));
    QVERIFY(shown.chart.export_csv(path));
    QCOMPARE(bytes_of(path),
             QByteArray("step,train,\"a, \"\"b\"\"\"\r\n1,0.10000000000000001,\r\n2,0.20000000000000001,7\r\n3,,8\r\n4,nan,\r\n"));
}

void ChartTest::pictures_are_written() {
    Shown shown;
    shown.chart.append(train, line(1, 40));
    const QTemporaryDir folder;
    const QString png = folder.filePath(QStringLiteral("loss.png"));
    const QString svg = folder.filePath(QStringLiteral("loss.svg"));
    QVERIFY(shown.chart.export_png(png));
    QVERIFY(shown.chart.export_svg(svg));
    const QImage image(png);
    QCOMPARE(image.width(), shown.chart.width() * 2);
    QVERIFY(bytes_of(svg).contains("<polyline"));
    QVERIFY(bytes_of(svg).contains(">Loss<"));
}

void ChartTest::a_folder_that_is_not_there_is_said() {
    Shown shown;
    const Status written = shown.chart.export_csv(QStringLiteral("/no/such/folder/loss.csv"));
    QVERIFY(!written);
    QVERIFY(!written.error().message.empty());
}

}  // namespace lossmith::ui

#include "moc_ChartTest.cpp"
