// Products of bfloat16 numbers, on a processor's tiles and with its vectors, against sums in double.
#include "Bf16ProductTest.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include <QTest>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "core/engine/model/Bf16Product.h"
#include "core/engine/model/Product.h"

using namespace lossmith::engine;

namespace {

std::vector<float> normal_numbers(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, 1.0F);
    std::vector<float> numbers(static_cast<std::size_t>(count));
    for (float& number : numbers) number = normal(random);
    return numbers;
}

Bf16Operand operand_of(const std::vector<float>& values, std::int64_t rows, std::int64_t columns, bool transposed) {
    return transposed ? Bf16Operand{values.data(), false, rows, columns, 1, rows}
                      : Bf16Operand{values.data(), false, rows, columns, columns, 1};
}

double element(const Bf16Operand& of, std::int64_t row, std::int64_t column) {
    return static_cast<double>(static_cast<const float*>(of.values)[row * of.row_stride + column * of.column_stride]);
}

/// The square root of the errors' squares over that of the results'.
double error_of(const Bf16Product& product, const std::vector<float>& before) {
    double error = 0.0;
    double whole = 0.0;
    for (std::int64_t r = 0; r < product.a.rows; ++r)
        for (std::int64_t c = 0; c < product.b.columns; ++c) {
            double sum = product.bias != nullptr ? static_cast<double>(product.bias[c]) : 0.0;
            if (product.add) sum += static_cast<double>(before[static_cast<std::size_t>(r * product.out_stride + c)]);
            for (std::int64_t k = 0; k < product.a.columns; ++k) sum += element(product.a, r, k) * element(product.b, k, c);
            const double found = static_cast<double>(product.out[r * product.out_stride + c]);
            error += (found - sum) * (found - sum);
            whole += sum * sum;
        }
    return std::sqrt(error / whole);
}

bool has_kernel(bool with_tiles) {
    return with_tiles ? processor_multiplies_tiles() : processor_multiplies_bf16();
}

void add_kernels() {
    QTest::addColumn<bool>("with_tiles");
    QTest::newRow("vectors") << false;
    QTest::newRow("tiles") << true;
}

}  // namespace

void Bf16ProductTest::a_product_is_that_of_the_numbers_parts_data() {
    QTest::addColumn<bool>("with_tiles");
    QTest::addColumn<int>("m");
    QTest::addColumn<int>("k");
    QTest::addColumn<int>("n");
    QTest::addColumn<bool>("a_transposed");
    QTest::addColumn<bool>("b_transposed");
    QTest::addColumn<bool>("add");
    const struct {
        int m, k, n;
    } shapes[] = {{1, 1, 1}, {16, 32, 16}, {37, 45, 71}, {33, 1700, 65}, {900, 40, 33}, {48, 64, 300}};
    for (const bool with_tiles : {false, true})
        for (const auto& [m, k, n] : shapes)
            for (int kind = 0; kind < 8; ++kind)
                QTest::addRow("%s, %d %d %d, %d", with_tiles ? "tiles" : "vectors", m, k, n, kind)
                    << with_tiles << m << k << n << ((kind & 1) != 0) << ((kind & 2) != 0) << ((kind & 4) != 0);
}

void Bf16ProductTest::a_product_is_that_of_the_numbers_parts() {
    QFETCH(bool, with_tiles);
    if (!has_kernel(with_tiles)) QSKIP("This processor has no such kernel.");
    QFETCH(int, m);
    QFETCH(int, k);
    QFETCH(int, n);
    QFETCH(bool, a_transposed);
    QFETCH(bool, b_transposed);
    QFETCH(bool, add);
    const std::vector<float> a = normal_numbers(std::int64_t{m} * k, 1);
    const std::vector<float> b = normal_numbers(std::int64_t{k} * n, 2);
    const std::vector<float> bias = normal_numbers(n, 3);
    const std::vector<float> before = normal_numbers(std::int64_t{m} * n, 4);
    // What is left out is at most 2^-8 of each term with one part, 2^-16 with two, and nothing that fp32 would keep with three.
    const double wanted[] = {4e-3, 1.5e-5, 1e-6};
    for (int parts = 1; parts <= 3; ++parts) {
        std::vector<float> out = before;
        const Bf16Product product{operand_of(a, m, k, a_transposed),
                                  operand_of(b, k, n, b_transposed),
                                  parts,
                                  add ? nullptr : bias.data(),
                                  add,
                                  out.data(),
                                  n,
                                  with_tiles};
        multiply_in_bf16(product);
        const double error = error_of(product, before);
        QVERIFY2(error < wanted[parts - 1], qPrintable(QStringLiteral("%1 parts: %2").arg(parts).arg(error)));
    }
}

void Bf16ProductTest::numbers_beside_the_result_are_left_alone_data() {
    add_kernels();
}

void Bf16ProductTest::numbers_beside_the_result_are_left_alone() {
    QFETCH(bool, with_tiles);
    if (!has_kernel(with_tiles)) QSKIP("This processor has no such kernel.");
    constexpr std::int64_t m = 35, k = 40, n = 37, stride = 50;
    const std::vector<float> a = normal_numbers(m * k, 1);
    const std::vector<float> b = normal_numbers(k * n, 2);
    std::vector<float> out(static_cast<std::size_t>((m + 1) * stride), 7.0F);
    multiply_in_bf16({operand_of(a, m, k, false), operand_of(b, k, n, false), 2, nullptr, false, out.data(), stride, with_tiles});
    for (std::int64_t r = 0; r <= m; ++r)
        for (std::int64_t c = 0; c < stride; ++c) QCOMPARE(out[static_cast<std::size_t>(r * stride + c)] == 7.0F, r == m || c >= n);
}

void Bf16ProductTest::what_is_not_finite_stays_so_data() {
    add_kernels();
}

void Bf16ProductTest::what_is_not_finite_stays_so() {
    QFETCH(bool, with_tiles);
    if (!has_kernel(with_tiles)) QSKIP("This processor has no such kernel.");
    constexpr std::int64_t size = 40;
    std::vector<float> a(static_cast<std::size_t>(size * size), 1.0F);
    const std::vector<float> b(a.size(), 1.0F);
    a[0] = std::numeric_limits<float>::infinity();
    a[size] = std::numeric_limits<float>::quiet_NaN();
    for (int parts = 1; parts <= 3; ++parts) {
        std::vector<float> out(a.size());
        multiply_in_bf16(
            {operand_of(a, size, size, false), operand_of(b, size, size, false), parts, nullptr, false, out.data(), size, with_tiles});
        QVERIFY(!std::isfinite(out[0]));
        QVERIFY(std::isnan(out[size]));
        QCOMPARE(out[2 * size], static_cast<float>(size));
    }
}

void Bf16ProductTest::the_precision_of_products_holds_while_it_is_asked_for() {
    const at::Tensor a = at::randn({70, 300});
    const at::Tensor b = at::randn({300, 130});
    const at::Tensor exact = at::mm(a.to(at::kDouble), b.to(at::kDouble));
    const auto error = [&] { return ((product(a, b, false) - exact).norm() / exact.norm()).item<double>(); };
    QVERIFY(error() < 1e-6);
    {
        const MatmulPrecision precision("high", at::kCPU);
        QCOMPARE(at::globalContext().float32MatmulPrecision(), at::Float32MatmulPrecision::HIGH);
        QVERIFY(error() < 1.5e-5);
        QCOMPARE(error() > 1e-6, processor_multiplies_tiles());
    }
    QVERIFY(error() < 1e-6);
    const MatmulPrecision precision("auto", at::kCPU);
    QCOMPARE(at::globalContext().float32MatmulPrecision() == at::Float32MatmulPrecision::HIGH, processor_multiplies_tiles());
}

#include "moc_Bf16ProductTest.cpp"
