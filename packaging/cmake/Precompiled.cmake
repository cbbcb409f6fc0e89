# What most files include is parsed once for each kind of target instead of once for each target. A kind is an owner target
# whose precompiled header others reuse.
#   core      what shows no window: core's libraries, the command line and their tests
#   widgets   the window's libraries and their tests
# GCC refuses a precompiled header made under other code-generation flags, so all is compiled as -fPIC, as Qt asks.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
target_compile_options(lossmith_options INTERFACE -fPIC)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lossmith_options INTERFACE -fpch-preprocess)  # lets ccache see through a precompiled header
endif()

function(lossmith_precompiled_kind kind)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  set(owner lossmith_precompiled_${kind})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp" CONTENT "// Owns the precompiled header of this kind.\n")
  add_library(${owner} OBJECT "${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp")
  set_target_properties(${owner} PROPERTIES AUTOMOC OFF)
  target_link_libraries(${owner} PRIVATE ${ARG_LINK} lossmith_options)
  target_precompile_headers(${owner} PRIVATE ${ARG_HEADERS})
endfunction()

# lossmith_precompile(TARGET libraries it links…): TARGET's files start from the precompiled header of its kind.
function(lossmith_precompile target)
  if("${ARGN}" MATCHES "ui_|Widgets|pages")
    target_precompile_headers(${target} REUSE_FROM lossmith_precompiled_widgets)
  else()
    target_precompile_headers(${target} REUSE_FROM lossmith_precompiled_core)
  endif()
endfunction()

lossmith_precompiled_kind(core
  HEADERS "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledCore.h"
  LINK Qt6::Core nlohmann_json::nlohmann_json)
lossmith_precompiled_kind(widgets
  HEADERS "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledWidgets.h"
  LINK Qt6::Core Qt6::Widgets nlohmann_json::nlohmann_json)
