#include "tests/unit/devices/MachineTest.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "core/engine/devices/Machine.h"

using namespace lossmith::engine;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t gibibyte = 1LL << 30;

/// A root folder with 16 GiB of memory, 10 GiB of them free.
class Tree {
public:
    Tree() {
        write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Example 3000\nprocessor\t: 1\nmodel name\t: Example 3000\n");
        write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:   10485760 kB\n");
        write("proc/loadavg", "2.00 1.00 0.50 1/100 1234\n");
    }

    Tree& write(const fs::path& path, const std::string& text) {
        fs::create_directories((root() / path).parent_path());
        std::ofstream(root() / path) << text;
        return *this;
    }
    [[nodiscard]] fs::path root() const { return m_folder.path().toStdString(); }
    [[nodiscard]] Machine read(int cores = 8) const { return read_machine(root(), cores); }

private:
    QTemporaryDir m_folder;
};

}  // namespace

void MachineTest::a_plain_machine_is_read_from_proc() {
    const Machine machine = Tree().read();
    QCOMPARE(machine.processor, std::string("Example 3000"));
    QCOMPARE(machine.cores, 8);
    QCOMPARE(machine.memory_bytes, 16 * gibibyte);
    QCOMPARE(machine.free_bytes, 10 * gibibyte);
    QCOMPARE(machine.load.value_or(-1), 0.25);
}

void MachineTest::a_version_2_group_narrows_memory_and_cores() {
    Tree tree;
    tree.write("proc/self/cgroup", "0::/box\n");
    tree.write("sys/fs/cgroup/box/memory.max", "4294967296\n").write("sys/fs/cgroup/box/memory.current", "1073741824\n");
    tree.write("sys/fs/cgroup/box/cpu.max", "250000 100000\n");
    const Machine machine = tree.read();
    QCOMPARE(machine.memory_bytes, 4 * gibibyte);
    QCOMPARE(machine.free_bytes, 3 * gibibyte);
    QCOMPARE(machine.cores, 3);
    QCOMPARE(tree.read(2).cores, 2);
}

void MachineTest::the_narrowest_group_on_the_way_up_counts() {
    Tree tree;
    tree.write("proc/self/cgroup", "0::/outer/inner\n");
    tree.write("sys/fs/cgroup/outer/inner/memory.max", "8589934592\n").write("sys/fs/cgroup/outer/inner/memory.current", "0\n");
    tree.write("sys/fs/cgroup/outer/memory.max", "6442450944\n").write("sys/fs/cgroup/outer/memory.current", "5368709120\n");
    tree.write("sys/fs/cgroup/outer/cpu.max", "100000 100000\n").write("sys/fs/cgroup/outer/inner/cpu.max", "400000 100000\n");
    const Machine machine = tree.read();
    QCOMPARE(machine.memory_bytes, 6 * gibibyte);
    QCOMPARE(machine.free_bytes, 1 * gibibyte);
    QCOMPARE(machine.cores, 1);
}

void MachineTest::file_cache_of_the_group_counts_as_free() {
    Tree tree;
    tree.write("proc/self/cgroup", "0::/\n");
    tree.write("sys/fs/cgroup/memory.max", "4294967296\n").write("sys/fs/cgroup/memory.current", "4294967296\n");
    tree.write("sys/fs/cgroup/memory.stat", "anon 5\ninactive_file 2147483648\nactive_file 7\n");
    QCOMPARE(tree.read().free_bytes, 2 * gibibyte);
}

void MachineTest::a_version_1_group_narrows_memory_and_cores() {
    Tree tree;
    tree.write("proc/self/cgroup", "4:memory:/box\n1:cpu,cpuacct:/box\n0::/\n");
    tree.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "2147483648\n");
    tree.write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1610612736\n");
    tree.write("sys/fs/cgroup/memory/box/memory.stat", "inactive_file 1\ntotal_inactive_file 536870912\n");
    tree.write("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "200000\n").write("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    const Machine machine = tree.read();
    QCOMPARE(machine.memory_bytes, 2 * gibibyte);
    QCOMPARE(machine.free_bytes, 1 * gibibyte);
    QCOMPARE(machine.cores, 2);
}

void MachineTest::a_path_that_only_the_host_has_falls_back_to_the_mount() {
    Tree tree;
    tree.write("proc/self/cgroup", "0::/docker/0123\n");
    tree.write("sys/fs/cgroup/memory.max", "1073741824\n").write("sys/fs/cgroup/memory.current", "0\n");
    QCOMPARE(tree.read().memory_bytes, 1 * gibibyte);
}

void MachineTest::limits_that_are_no_limits_change_nothing() {
    Tree tree;
    tree.write("proc/self/cgroup", "4:memory:/\n1:cpu:/\n0::/\n");
    tree.write("sys/fs/cgroup/memory.max", "max\n")
        .write("sys/fs/cgroup/memory.current", "5\n")
        .write("sys/fs/cgroup/cpu.max", "max 100000\n");
    tree.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    tree.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "5\n");
    tree.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n").write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    const Machine machine = tree.read();
    QCOMPARE(machine.memory_bytes, 16 * gibibyte);
    QCOMPARE(machine.free_bytes, 10 * gibibyte);
    QCOMPARE(machine.cores, 8);
}

void MachineTest::a_fraction_of_a_core_is_one_core() {
    Tree tree;
    tree.write("proc/self/cgroup", "0::/\n").write("sys/fs/cgroup/cpu.max", "20000 100000\n");
    QCOMPARE(tree.read().cores, 1);
}

void MachineTest::an_empty_tree_leaves_everything_unknown() {
    const QTemporaryDir empty;
    const Machine machine = read_machine(empty.path().toStdString(), 0);
    QCOMPARE(machine.processor, std::string("CPU"));
    QCOMPARE(machine.cores, 1);
    QCOMPARE(machine.memory_bytes, 0);
    QVERIFY(!machine.load);
}

void MachineTest::nonsense_in_the_files_is_survived() {
    Tree tree;
    tree.write("proc/self/cgroup", "\n:\n::\n0::\n0:memory\n0::/../../..\n9:memory:relative\n");
    tree.write("proc/meminfo", "MemTotal: lots\n").write("proc/loadavg", "busy\n");
    tree.write("sys/fs/cgroup/memory.max", "99999999999999999999999\n").write("sys/fs/cgroup/cpu.max", "x y\n");
    const Machine machine = tree.read();
    QCOMPARE(machine.cores, 8);
    QCOMPARE(machine.memory_bytes, 0);
    QVERIFY(!machine.load);
}

void MachineTest::this_machine_has_a_core_and_memory() {
    const Machine machine = read_machine();
    QVERIFY(machine.cores >= 1);
    QVERIFY(machine.memory_bytes > 0 && machine.free_bytes > 0 && machine.free_bytes <= machine.memory_bytes);
    QVERIFY(!machine.processor.empty());
}

#include "moc_MachineTest.cpp"
