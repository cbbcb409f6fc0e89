#include "tests/unit/model/Bfloat16Test.h"

#include <ATen/ATen.h>

#include <QTest>
#include <limits>

#include "core/engine/model/Bfloat16.h"

namespace lossmith::engine {
namespace {

at::Tensor bits(const at::Tensor& x) {
    return x.contiguous().view(at::kShort);
}

/// Powers from the smallest to the largest, both signs, ties in both directions, and more than one stretch of work.
at::Tensor all_kinds() {
    const at::Tensor exponents = at::linspace(-149, 127, 300).unsqueeze(1);
    const at::Tensor fractions = 1 + at::arange(0, 512, at::kFloat).unsqueeze(0) / 512;
    const at::Tensor sizes = (at::exp2(exponents) * fractions).flatten();
    const float ends[] = {0.0F, -0.0F, INFINITY, -INFINITY, std::numeric_limits<float>::max(), 1.00390625F, 1.01171875F};
    return at::cat({sizes, -sizes, at::tensor(at::ArrayRef<float>(ends))});
}

}  // namespace

void Bfloat16Test::every_kind_of_number_is_rounded_as_libtorch_does() {
    const at::Tensor x = all_kinds();
    QVERIFY(at::equal(bits(rounded(x)), bits(x.to(at::kBFloat16))));
    QVERIFY(rounded(at::full({33}, std::numeric_limits<float>::quiet_NaN())).to(at::kFloat).isnan().all().item<bool>());
}

void Bfloat16Test::widening_gives_the_very_number_and_adds_the_bias() {
    const at::Tensor x = all_kinds().slice(0, 0, 1200).view({40, 30}).to(at::kBFloat16);
    QVERIFY(at::equal(widened(x), x.to(at::kFloat)));
    const at::Tensor bias = at::arange(30, at::kFloat);
    QVERIFY(at::equal(widened(x, bias), x.to(at::kFloat) + bias));
    const at::Tensor plain = at::rand({3, 4});
    QVERIFY(widened(plain).is_same(plain));
}

void Bfloat16Test::a_transposed_matrix_keeps_its_strides() {
    const at::Tensor x = at::randn({70, 50});
    const at::Tensor turned = rounded(x.t());
    QCOMPARE(turned.stride(0), std::int64_t{1});
    QVERIFY(at::equal(bits(turned), bits(x.t().to(at::kBFloat16))));
    QVERIFY(at::equal(bits(rounded(x.slice(1, 0, 20))), bits(x.slice(1, 0, 20).to(at::kBFloat16))));
}

void Bfloat16Test::sums_are_taken_in_full_precision() {
    const at::Tensor x = at::randn({300, 300}).to(at::kBFloat16);
    const at::Tensor before = at::randn({300, 300});
    at::Tensor sum = before.clone();
    add_widened(sum, x);
    QVERIFY(at::equal(sum, before + x.to(at::kFloat)));
    widen_into(sum, x);
    QVERIFY(at::equal(sum, x.to(at::kFloat)));
}

}  // namespace lossmith::engine

#include "moc_Bfloat16Test.cpp"
