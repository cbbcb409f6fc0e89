// Precompiled for core's libraries and their tests; no file relies on it.
#pragma once

#include <QByteArray>
#include <QString>
#include <algorithm>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
