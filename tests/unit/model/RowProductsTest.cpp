// Products of rows with matrices in fp32, bf16 and int8, against sums in double.
#include "RowProductsTest.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/engine/devices/Processor.h"
#include "core/engine/model/RowProducts.h"

using namespace lossmith::engine;

namespace {

// Nothing divides anything, so that panels and blocks are filled up.
constexpr std::int64_t in = 75;
constexpr std::int64_t out = 45;

struct Numbers {
    std::vector<float> weights, bias, x;
    explicit Numbers(std::int64_t rows) : weights(in * out), bias(out), x(static_cast<std::size_t>(rows * in)) {
        std::mt19937 random(3);
        std::normal_distribution<float> normal(0.0F, 1.0F);
        for (auto* all : {&weights, &bias, &x})
            for (float& one : *all) one = normal(random);
    }
    /// As [in, out], or as [out, in].
    [[nodiscard]] PlainMatrix matrix(bool transposed) const {
        return transposed ? PlainMatrix{weights.data(), in, out, 1, in} : PlainMatrix{weights.data(), in, out, out, 1};
    }
};

float element(const PlainMatrix& matrix, std::int64_t k, std::int64_t c) {
    return matrix.values[k * matrix.in_stride + c * matrix.out_stride];
}

float as_bf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7fffU + ((bits >> 16U) & 1U)) & 0xffff0000U);
}

struct Rounded {
    std::vector<float> values;
    std::vector<std::uint16_t> bits;
    RoundedRows rows;
    Rounded(const std::vector<float>& x, std::int64_t count)
        : values(static_cast<std::size_t>((count + row_block - 1) / row_block * row_block * padded_inputs(in))),
          bits(values.size()),
          rows{values.data(), bits.data(), padded_inputs(in)} {
        for (std::int64_t row = 0; row < count; ++row) round_row(x.data() + row * in, in, rows, row);
    }
};

struct Quantized {
    std::vector<std::int8_t> bytes;
    std::vector<float> values, scales;
    std::vector<std::int32_t> offsets;
    QuantizedRows rows;
    Quantized(const std::vector<float>& x, std::int64_t count)
        : bytes(static_cast<std::size_t>(count * padded_inputs(in))),
          values(bytes.size()),
          scales(bytes.size() / quantization_block),
          offsets(scales.size()),
          rows{bytes.data(), values.data(), scales.data(), offsets.data(), padded_inputs(in)} {
        for (std::int64_t row = 0; row < count; ++row) quantize_row(x.data() + row * in, in, rows, row);
    }
    [[nodiscard]] double value(std::int64_t row, std::int64_t k) const {
        const auto blocks = rows.stride / quantization_block;
        return static_cast<double>(bytes[static_cast<std::size_t>(row * rows.stride + k)]) *
               static_cast<double>(scales[static_cast<std::size_t>(row * blocks + k / quantization_block)]);
    }
};

struct EightBits {
    std::vector<std::uint8_t> panels;
    std::vector<float> scales;
    explicit EightBits(const PlainMatrix& matrix)
        : panels(static_cast<std::size_t>(panels_of(out) * panel_width * padded_inputs(in))),
          scales(static_cast<std::size_t>(panels_of(out) * panel_width)) {
        for (std::int64_t panel = 0; panel < panels_of(out); ++panel)
            lay_out_int8(matrix, panel, panels.data() + panel * panel_width * padded_inputs(in), scales.data() + panel * panel_width);
    }
    [[nodiscard]] double weight(std::int64_t k, std::int64_t c) const {
        const std::int64_t place = c / panel_width * panel_width * padded_inputs(in) + (k / 4 * panel_width + c % panel_width) * 4 + k % 4;
        return (panels[static_cast<std::size_t>(place)] - 128.0) * static_cast<double>(scales[static_cast<std::size_t>(c)]);
    }
};

std::vector<float> product(const Numbers& numbers, std::int64_t rows, const std::string& precision, bool transposed) {
    std::vector<float> result(static_cast<std::size_t>(rows * out), -77.0F);
    const PlainMatrix matrix = numbers.matrix(transposed);
    const PanelRange range{in, out, 0, panels_of(out), numbers.bias.data()};
    if (precision == "fp32 panels") {
        multiply_panels({numbers.x.data(), in, rows}, matrix, range, result.data(), out);
    } else if (precision == "fp32") {
        (transposed ? multiply_transposed : multiply_columns)({numbers.x.data(), in, rows}, matrix, numbers.bias.data(), 0, out,
                                                              result.data(), out);
    } else if (precision == "bf16") {
        std::vector<std::uint16_t> panels(static_cast<std::size_t>(panels_of(out) * panel_width * padded_inputs(in)));
        for (std::int64_t panel = 0; panel < panels_of(out); ++panel)
            lay_out_bf16(matrix, panel, panels.data() + panel * panel_width * padded_inputs(in));
        const Rounded rounded(numbers.x, rows);
        multiply_bf16(rounded.rows, rows, panels.data(), range, result.data(), out);
    } else {
        const EightBits held(matrix);
        const Quantized quantized(numbers.x, rows);
        multiply_int8(quantized.rows, rows, held.panels.data(), held.scales.data(), range, result.data(), out);
    }
    return result;
}

}  // namespace

void RowProductsTest::a_product_is_that_of_the_numbers_as_they_are_held_data() {
    QTest::addColumn<QString>("precision");
    QTest::addColumn<bool>("transposed");
    QTest::addColumn<int>("rows");
    std::vector<const char*> precisions = {"fp32", "bf16", "int8"};
    if (processor_has_avx512()) precisions.push_back("fp32 panels");
    for (const char* precision : precisions)
        for (const bool transposed : {false, true})
            for (const int rows : {1, 2, 3, 4, 5, 23, 70})
                QTest::addRow("%s %d rows%s", precision, rows, transposed ? ", [out, in]" : "")
                    << QString::fromLatin1(precision) << transposed << rows;
}

void RowProductsTest::a_product_is_that_of_the_numbers_as_they_are_held() {
    QFETCH(QString, precision);
    QFETCH(bool, transposed);
    QFETCH(int, rows);
    const Numbers numbers(rows);
    const PlainMatrix matrix = numbers.matrix(transposed);
    const EightBits held(matrix);
    const Quantized quantized(numbers.x, rows);
    const auto got = product(numbers, rows, precision.toStdString(), transposed);
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t c = 0; c < out; ++c) {
            double sum = static_cast<double>(numbers.bias[static_cast<std::size_t>(c)]);
            for (std::int64_t k = 0; k < in; ++k) {
                const float x = numbers.x[static_cast<std::size_t>(row * in + k)];
                if (precision == QStringLiteral("int8"))
                    sum += quantized.value(row, k) * held.weight(k, c);
                else if (precision == QStringLiteral("bf16"))
                    sum += static_cast<double>(as_bf16(x)) * static_cast<double>(as_bf16(element(matrix, k, c)));
                else
                    sum += static_cast<double>(x) * static_cast<double>(element(matrix, k, c));
            }
            QVERIFY(std::abs(sum - static_cast<double>(got[static_cast<std::size_t>(row * out + c)])) < 2e-5);
        }
}

void RowProductsTest::panels_of_more_inputs_than_are_copied_at_a_time() {
    if (!processor_has_avx512()) QSKIP("This processor has no AVX-512.");
    constexpr std::int64_t rows = 13;
    constexpr std::int64_t inputs = 2'070;
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0.0F, 1.0F);
    std::vector<float> weights(inputs * out), x(rows * inputs), one(rows * out), other(rows * out);
    for (auto* all : {&weights, &x})
        for (float& value : *all) value = normal(random);
    for (const bool transposed : {false, true}) {
        const PlainMatrix matrix =
            transposed ? PlainMatrix{weights.data(), inputs, out, 1, inputs} : PlainMatrix{weights.data(), inputs, out, out, 1};
        multiply_panels({x.data(), inputs, rows}, matrix, {inputs, out, 0, panels_of(out), nullptr}, one.data(), out);
        (transposed ? multiply_transposed : multiply_columns)({x.data(), inputs, rows}, matrix, nullptr, 0, out, other.data(), out);
        for (std::size_t i = 0; i < one.size(); ++i) QVERIFY(std::abs(one[i] - other[i]) < 1e-3F);
    }
}

void RowProductsTest::eight_bits_are_within_half_a_step_of_the_weights() {
    const Numbers numbers(2);
    const PlainMatrix matrix = numbers.matrix(false);
    const EightBits held(matrix);
    for (std::int64_t k = 0; k < in; ++k)
        for (std::int64_t c = 0; c < out; ++c)
            QVERIFY(std::abs(held.weight(k, c) - static_cast<double>(element(matrix, k, c))) <=
                    0.5001 * static_cast<double>(held.scales[static_cast<std::size_t>(c)]));
    const Quantized quantized(numbers.x, 2);
    for (std::int64_t k = 0; k < in; ++k) {
        const auto own = static_cast<double>(quantized.scales[static_cast<std::size_t>(3 + k / quantization_block)]);
        QVERIFY(std::abs(quantized.value(1, k) - static_cast<double>(numbers.x[static_cast<std::size_t>(in + k)])) <= 0.5001 * own);
    }
}

void RowProductsTest::processors_without_special_products_agree() {
    constexpr std::int64_t rows = 7;
    const Numbers numbers(rows);
    const EightBits held(numbers.matrix(false));
    const Quantized quantized(numbers.x, rows);
    const PanelRange range{in, out, 0, panels_of(out), nullptr};
    std::vector<float> one(rows * out), other(rows * out);
    multiply_int8(quantized.rows, rows, held.panels.data(), held.scales.data(), range, one.data(), out);
    multiply_int8_with_floats(quantized.rows, rows, held.panels.data(), held.scales.data(), range, other.data(), out);
    for (std::size_t i = 0; i < one.size(); ++i) QVERIFY(std::abs(one[i] - other[i]) <= 1e-5F);

    std::vector<std::uint16_t> panels(static_cast<std::size_t>(panels_of(out) * panel_width * padded_inputs(in)));
    for (std::int64_t panel = 0; panel < panels_of(out); ++panel)
        lay_out_bf16(numbers.matrix(false), panel, panels.data() + panel * panel_width * padded_inputs(in));
    const Rounded rounded(numbers.x, rows);
    multiply_bf16(rounded.rows, rows, panels.data(), range, one.data(), out);
    multiply_bf16_with_floats(rounded.rows, rows, panels.data(), range, other.data(), out);
    for (std::size_t i = 0; i < one.size(); ++i) QVERIFY(std::abs(one[i] - other[i]) <= 1e-5F);
}

void RowProductsTest::what_is_not_a_number_stays_so() {
    Numbers numbers(2);
    numbers.x[40] = std::numeric_limits<float>::quiet_NaN();
    for (const char* precision : {"fp32", "bf16", "int8"}) {
        const auto got = product(numbers, 2, precision, false);
        QVERIFY(std::isnan(got[0]) && std::isnan(got[out - 1]));
        QVERIFY(std::isfinite(got[out]));
    }
}

#include "moc_RowProductsTest.cpp"
