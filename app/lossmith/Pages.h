// Which pages the window has, in the order of the rail.
#pragma once

#include <vector>

#include "ui/shell/PageEntry.h"

namespace lossmith {
class EngineClient;
namespace ui {
class RecentProjects;
}
}  // namespace lossmith

namespace lossmith::app {

[[nodiscard]] std::vector<ui::PageEntry> page_entries(EngineClient& engine, ui::RecentProjects& recent);

}  // namespace lossmith::app
