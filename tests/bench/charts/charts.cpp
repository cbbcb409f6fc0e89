// What it costs to add a point to a long curve and draw it again, and to draw it at all.
#include <benchmark/benchmark.h>

#include <QApplication>
#include <cmath>
#include <vector>

#include "ui/charts/CurveChart.h"

namespace {

using lossmith::ui::CurveChart;
using lossmith::ui::CurveSpec;

const QString curve_name = QStringLiteral("train/loss");

double noisy_loss(double step) {
    return 0.3 + 3.6 * std::exp(-step / 2e4) + 0.1 * std::sin(step * 1.7);
}

std::unique_ptr<CurveChart> chart_of(std::int64_t points, double smoothing) {
    auto chart = std::make_unique<CurveChart>(QStringLiteral("Loss"));
    chart->resize(1000, 320);
    CurveSpec spec;
    spec.name = curve_name;
    spec.label = QStringLiteral("train");
    chart->add_curve(spec);
    chart->set_smoothing(smoothing);
    std::vector<QPointF> all;
    for (std::int64_t step = 0; step < points; ++step) all.emplace_back(static_cast<double>(step), noisy_loss(static_cast<double>(step)));
    chart->append(curve_name, all);
    chart->show();
    chart->draw_now();
    return chart;
}

void append_alone(benchmark::State& state) {
    const auto chart = chart_of(state.range(0), 0.0);
    double step = static_cast<double>(state.range(0));
    for (auto _ : state) {
        const QPointF point[] = {{step, noisy_loss(step)}};
        chart->append(curve_name, point);
        step += 1.0;
    }
}

void append_and_draw(benchmark::State& state) {
    const auto chart = chart_of(state.range(0), 0.0);
    double step = static_cast<double>(state.range(0));
    for (auto _ : state) {
        const QPointF point[] = {{step, noisy_loss(step)}};
        chart->append(curve_name, point);
        chart->draw_now();
        step += 1.0;
    }
}

void append_and_draw_smoothed(benchmark::State& state) {
    const auto chart = chart_of(state.range(0), 0.95);
    double step = static_cast<double>(state.range(0));
    for (auto _ : state) {
        const QPointF point[] = {{step, noisy_loss(step)}};
        chart->append(curve_name, point);
        chart->draw_now();
        step += 1.0;
    }
}

}  // namespace

BENCHMARK(append_alone)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(append_and_draw)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(append_and_draw_smoothed)->Arg(100'000)->Unit(benchmark::kMillisecond);

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
