#include "TensorMemoryTest.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <QTest>
#include <random>
#include <vector>

#include "core/engine/devices/FirstFit.h"
#include "core/engine/devices/TensorMemory.h"

using namespace lossmith::engine;

void TensorMemoryTest::stretches_are_given_from_the_beginning_on() {
    FirstFit places(100);
    QCOMPARE(places.take(40), std::optional<std::size_t>(0));
    QCOMPARE(places.take(40), std::optional<std::size_t>(40));
    QCOMPARE(places.take(21), std::optional<std::size_t>());
    QCOMPARE(places.take(20), std::optional<std::size_t>(80));
    QCOMPARE(places.taken(), std::size_t{100});
    places.give_back(0);
    QCOMPARE(places.take(10), std::optional<std::size_t>(0));
    QCOMPARE(places.take(30), std::optional<std::size_t>(10));
    QCOMPARE(places.taken(), std::size_t{100});
}

void TensorMemoryTest::what_is_given_back_joins_its_neighbours() {
    FirstFit places(90);
    for (const std::size_t begin : {0, 30, 60}) QCOMPARE(places.take(30), std::optional<std::size_t>(begin));
    places.give_back(0);
    places.give_back(60);
    QCOMPARE(places.take(31), std::optional<std::size_t>());
    places.give_back(30);
    QCOMPARE(places.take(90), std::optional<std::size_t>(0));
    QCOMPARE(places.reached(), std::size_t{90});
}

void TensorMemoryTest::any_order_of_taking_and_giving_back_leaves_all_free() {
    constexpr std::size_t size = 10'000;
    FirstFit places(size);
    std::mt19937 random(1);
    std::vector<std::pair<std::size_t, std::size_t>> held;  // begin, size
    for (int turn = 0; turn < 20'000; ++turn) {
        if (held.empty() || random() % 2 == 0) {
            const std::size_t wanted = 1 + random() % 900;
            const auto begin = places.take(wanted);
            if (!begin) continue;
            QVERIFY(*begin + wanted <= size);
            for (const auto& [other, length] : held) QVERIFY(*begin + wanted <= other || other + length <= *begin);
            held.emplace_back(*begin, wanted);
        } else {
            std::swap(held[random() % held.size()], held.back());
            places.give_back(held.back().first);
            held.pop_back();
        }
        std::size_t all = 0;
        for (const auto& [begin, length] : held) all += length;
        QCOMPARE(places.taken(), all);
    }
    for (const auto& [begin, length] : held) places.give_back(begin);
    QCOMPARE(places.take(size), std::optional<std::size_t>(0));
}

void TensorMemoryTest::large_tensors_lie_side_by_side() {
    keep_tensors_together();
    constexpr std::int64_t count = 1 << 20;
    const at::Tensor first = at::full({count}, 1.0F);
    at::Tensor second = at::full({count}, 2.0F);
    const at::Tensor third = at::full({count}, 3.0F);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QCOMPARE(second.data_ptr<float>() - first.data_ptr<float>(), std::ptrdiff_t{count});
    QCOMPARE(third.data_ptr<float>() - second.data_ptr<float>(), std::ptrdiff_t{count});
    const float* place = second.data_ptr<float>();
    second.reset();
    const at::Tensor smaller = at::full({count / 2}, 4.0F);
    QCOMPARE(smaller.data_ptr<float>(), place);
    QCOMPARE(smaller.sum().item<float>(), 4.0F * count / 2);
#endif
    QCOMPARE(first.sum().item<float>(), 1.0F * count);
    QCOMPARE(third.sum().item<float>(), 3.0F * count);
}

void TensorMemoryTest::more_than_there_is_comes_from_elsewhere_or_is_told() {
    keep_tensors_together();
    bool told = false;
    try {
        static_cast<void>(at::empty({std::int64_t{1} << 60}));
    } catch (const std::exception&) {
        told = true;
    }
    QVERIFY(told);
}

#include "moc_TensorMemoryTest.cpp"
