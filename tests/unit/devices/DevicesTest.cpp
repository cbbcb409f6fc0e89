#include "tests/unit/devices/DevicesTest.h"

#include <ATen/Parallel.h>

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "core/engine/devices/Blas.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/devices/Nvidia.h"
#include "core/engine/devices/Parallel.h"
#include "core/engine/devices/Visibility.h"

using namespace lossmith;
using namespace lossmith::engine;

namespace {

const std::string openmp = "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3";
const std::string pthread = "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so";
const std::string reference = "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0";

std::string warning_for(const std::vector<std::string>& libraries, const std::string& core_type = {}) {
    return blas_warning(libraries, core_type);
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

void DevicesTest::cards_are_read_from_the_drivers_libraries() {
    const auto cards = nvidia_devices(LOSSMITH_FAKE_DRIVER, LOSSMITH_FAKE_DRIVER);
    QCOMPARE(cards.size(), std::size_t{2});
    QCOMPARE(cards[0].name, std::string("Example 100"));
    QCOMPARE(cards[0].memory_bytes, std::int64_t{8} << 30);
    QCOMPARE(cards[0].free_bytes, std::int64_t{3} << 30);
    QCOMPARE(cards[0].load.value_or(-1), 0.4);
    QCOMPARE(cards[0].driver, std::string("123.45"));
    QCOMPARE(cards[0].compute_capability, 90);
    QCOMPARE(cards[1].compute_capability, 75);
    // A slice: the whole card has more free memory than the slice has at all.
    QCOMPARE(cards[1].name, std::string("Example 200 slice"));
    QCOMPARE(cards[1].memory_bytes, std::int64_t{2} << 30);
    QCOMPARE(cards[1].free_bytes, std::int64_t{2} << 30);
    QVERIFY(!cards[1].load);
}

void DevicesTest::a_card_without_management_library_still_has_its_memory() {
    const auto cards = nvidia_devices(LOSSMITH_FAKE_DRIVER, "/nowhere/libnvidia-ml.so");
    QCOMPARE(cards.size(), std::size_t{2});
    QCOMPARE(cards[0].memory_bytes, std::int64_t{8} << 30);
    QCOMPARE(cards[0].free_bytes, std::int64_t{8} << 30);
    QVERIFY(!cards[0].load && cards[0].driver.empty());
}

void DevicesTest::a_machine_without_driver_has_no_cards() {
    QVERIFY(nvidia_devices("/nowhere/libcuda.so", "/nowhere/libnvidia-ml.so").empty());
    QVERIFY(nvidia_devices("libc.so.6", "libc.so.6").empty());
}

void DevicesTest::cards_the_kernel_knows_are_counted() {
    const QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    QCOMPARE(nvidia_devices_installed(root), 0);
    std::filesystem::create_directories(root / "proc/driver/nvidia/gpus/0000:01:00.0");
    std::filesystem::create_directories(root / "proc/driver/nvidia/gpus/0000:02:00.0");
    QCOMPARE(nvidia_devices_installed(root), 2);
}

void DevicesTest::a_run_sees_just_the_cards_it_names_data() {
    QTest::addColumn<QString>("devices");
    QTest::addColumn<QString>("limit");
    QTest::addColumn<QString>("visible");
    QTest::newRow("the processor") << "cpu" << "none" << "";
    QTest::newRow("one card") << "cuda:2" << "none" << "2";
    QTest::newRow("cards in their order") << "cuda:3 cuda:1" << "none" << "3,1";
    QTest::newRow("of those that are left") << "cuda:1" << "1,2,3" << "2";
    QTest::newRow("by name") << "cuda:0" << "GPU-8932f937,GPU-1" << "GPU-8932f937";
    QTest::newRow("beyond them") << "cuda:3" << "1,2,3" << "!cannot be seen";
    QTest::newRow("none is left") << "cuda:0" << "" << "!cannot be seen";
    QTest::newRow("both kinds") << "cpu cuda:0" << "none" << "!not on both";
    QTest::newRow("another word") << "gpu" << "none" << "!There is no device";
    QTest::newRow("no number") << "cuda:one" << "none" << "!There is no device";
    QTest::newRow("a negative number") << "cuda:-1" << "none" << "!There is no device";
}

void DevicesTest::a_run_sees_just_the_cards_it_names() {
    QFETCH(QString, devices);
    QFETCH(QString, limit);
    QFETCH(QString, visible);
    std::vector<std::string> named;
    for (const QString& device : devices.split(QLatin1Char(' '))) named.push_back(device.toStdString());
    const auto seen = visible_cards(named, limit == QStringLiteral("none") ? std::nullopt : std::optional(limit.toStdString()));
    if (visible.startsWith(QLatin1Char('!'))) {
        QVERIFY(!seen && seen.error().kind == ErrorKind::BadInput);
        QVERIFY(contains(seen.error().message, visible.mid(1).toUtf8().constData()));
    } else {
        QVERIFY(seen.has_value());
        QCOMPARE(*seen, visible.toStdString());
    }
}

void DevicesTest::the_one_card_that_a_launcher_shows_stays() {
    const bool was_set = qEnvironmentVariableIsSet("CUDA_VISIBLE_DEVICES");
    const QByteArray before = qgetenv("CUDA_VISIBLE_DEVICES");
    const std::vector<std::string> two{"cuda:0", "cuda:1"};
    qputenv("CUDA_VISIBLE_DEVICES", "3");
    QVERIFY(!show_only(two));
    QCOMPARE(show_only(two, true).value(), std::string("3"));
    QCOMPARE(show_only({"cpu"}, true).value(), std::string());
    qputenv("CUDA_VISIBLE_DEVICES", "5,7");
    QCOMPARE(show_only(two, true).value(), std::string("5,7"));
    if (was_set)
        qputenv("CUDA_VISIBLE_DEVICES", before);
    else
        qunsetenv("CUDA_VISIBLE_DEVICES");
}

void DevicesTest::the_reference_blas_is_warned_of() {
    QVERIFY(contains(warning_for({"/usr/lib/x86_64-linux-gnu/libtorch.so", reference}), "libopenblas0-openmp"));
    QVERIFY(contains(warning_for({reference, openmp}), "reference BLAS"));
}

void DevicesTest::the_pthread_openblas_is_warned_of() {
    QVERIFY(contains(warning_for({pthread}), "libopenblas0-pthread"));
}

void DevicesTest::a_fixed_core_type_is_warned_of_only_with_openblas() {
    QVERIFY(contains(warning_for({openmp}, "Prescott"), "OPENBLAS_CORETYPE is set to Prescott"));
    QCOMPARE(warning_for({"/opt/torch/lib/libtorch_cpu.so"}, "Prescott"), std::string());
}

void DevicesTest::the_openmp_openblas_is_fine() {
    QCOMPARE(warning_for({openmp, "/usr/lib/x86_64-linux-gnu/libgomp.so.1"}), std::string());
}

void DevicesTest::the_processor_is_the_first_device() {
    const Json list = devices();
    QVERIFY(list.is_array() && !list.empty());
    const Json& first = list[0];
    QCOMPARE(first.at("id").get<std::string>(), std::string("cpu"));
    QCOMPARE(first.at("kind").get<std::string>(), std::string("cpu"));
    QVERIFY(first.at("memory_bytes").get<std::int64_t>() > 0);
    QVERIFY(first.at("free_bytes").get<std::int64_t>() > 0);
    QCOMPARE(first.at("cores").get<int>(), read_machine().cores);
}

void DevicesTest::threads_are_set_as_asked_or_to_the_cores() {
    QCOMPARE(set_up_cpu(1), 1);
    QCOMPARE(at::get_num_threads(), 1);
    QCOMPARE(set_up_cpu(0), read_machine().cores);
    QCOMPARE(at::get_num_threads(), read_machine().cores);
}

void DevicesTest::a_loop_is_shared_out_among_the_threads() {
#if defined(__SANITIZE_THREAD__)
    QSKIP("The thread sanitizer takes OpenMP's barriers for races, so that loops are serial under it.");
#endif
    const int before = at::get_num_threads();
    at::set_num_threads(2);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::vector<int> visits(1000, 0);
    parallel_for(0, 1000, 1, [&](std::int64_t first, std::int64_t last) {
        const std::scoped_lock lock(mutex);
        threads.insert(std::this_thread::get_id());
        for (std::int64_t i = first; i < last; ++i) ++visits[static_cast<std::size_t>(i)];
    });
    at::set_num_threads(before);
    QCOMPARE(threads.size(), std::size_t{2});
    QVERIFY(std::ranges::all_of(visits, [](int count) { return count == 1; }));
}

void DevicesTest::what_a_shared_loop_throws_comes_out_of_it() {
    const auto fail = [](std::int64_t, std::int64_t) { throw std::runtime_error("no"); };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, parallel_for(0, 100, 1, fail));
}

#include "moc_DevicesTest.cpp"
