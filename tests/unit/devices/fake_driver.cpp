// The functions of NVIDIA's libraries that are used, for two cards that do not exist.
#include <cstddef>
#include <cstdio>
#include <cstring>

extern "C" {

int cuInit(unsigned) {
    return 0;
}
int cuDeviceGetCount(int* count) {
    *count = 2;
    return 0;
}
int cuDeviceGet(int* device, int ordinal) {
    *device = 10 + ordinal;
    return 0;
}
int cuDeviceGetName(char* name, int length, int device) {
    std::snprintf(name, static_cast<std::size_t>(length), "%s", device == 10 ? "Example 100" : "Example 200 slice");
    return 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
    *bytes = (device == 10 ? std::size_t{8} : std::size_t{2}) << 30U;
    return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int device) {
    if (attribute != 75 && attribute != 76) return 1;
    *value = attribute == 75 ? (device == 10 ? 9 : 7) : (device == 10 ? 0 : 5);
    return 0;
}
int cuDeviceGetPCIBusId(char* bus, int length, int device) {
    std::snprintf(bus, static_cast<std::size_t>(length), "0000:%02d:00.0", device);
    return 0;
}

struct FakeMemory {
    unsigned long long total, free, used;
};
struct FakeUtilization {
    unsigned device, memory;
};

int nvmlInit_v2() {
    return 0;
}
int nvmlSystemGetDriverVersion(char* version, unsigned length) {
    std::snprintf(version, length, "123.45");
    return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** handle) {
    static int first = 0;
    static int second = 0;
    *handle = std::strcmp(bus, "0000:10:00.0") == 0 ? &first : &second;
    return 0;
}
int nvmlDeviceGetMemoryInfo(void*, FakeMemory* memory) {
    *memory = {8ULL << 30U, 3ULL << 30U, 5ULL << 30U};
    return 0;
}
int nvmlDeviceGetUtilizationRates(void* handle, FakeUtilization* utilization) {
    void* first = nullptr;
    nvmlDeviceGetHandleByPciBusId_v2("0000:10:00.0", &first);
    if (handle != first) return 3;
    *utilization = {40, 20};
    return 0;
}
}
