# What most files include is parsed once for each kind of target instead of once for each target: Qt's, nlohmann's, CLI11's and
# LibTorch's headers are most of what a file here costs. A kind is an owner target whose precompiled header others reuse.
#   core      core's libraries
#   widgets   the window's libraries
#   engine    what includes LibTorch
#   cli       the command line
#   test_…    the same for test programs, which are compiled at -O1 and include Qt Test
# GCC refuses a precompiled header made under other code-generation flags, so all is compiled as -fPIC, as Qt asks.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
target_compile_options(lossmith_options INTERFACE -fPIC)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lossmith_options INTERFACE -fpch-preprocess)  # lets ccache see through a precompiled header
endif()

# Code that runs once, where the compiler's time counts for more than the program's.
add_library(lossmith_quick_build INTERFACE)
target_compile_options(lossmith_quick_build INTERFACE "$<$<CONFIG:Release>:-O1>")

function(lossmith_precompiled_kind kind)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  set(owner lossmith_precompiled_${kind})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp" CONTENT "// Owns the precompiled header of this kind.\n")
  add_library(${owner} OBJECT "${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp")
  set_target_properties(${owner} PROPERTIES AUTOMOC OFF)
  target_link_libraries(${owner} PRIVATE ${ARG_LINK} lossmith_options)
  target_precompile_headers(${owner} PRIVATE ${ARG_HEADERS})
endfunction()

# lossmith_precompile(TARGET KIND): TARGET's files start from KIND's precompiled header.
function(lossmith_precompile target kind)
  target_precompile_headers(${target} REUSE_FROM lossmith_precompiled_${kind})
endfunction()

# Which kind a target is by what it links.
function(lossmith_kind_of result)
  if("${ARGN}" MATCHES "ui_|Widgets|pages")
    set(${result} widgets PARENT_SCOPE)
  elseif("${ARGN}" MATCHES "lossmith::(torch|engine)")
    set(${result} engine PARENT_SCOPE)
  else()
    set(${result} core PARENT_SCOPE)
  endif()
endfunction()

set(_core_headers "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledCore.h")
set(_core_links Qt6::Core nlohmann_json::nlohmann_json)
set(_widgets_headers "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledWidgets.h")
set(_widgets_links ${_core_links} Qt6::Widgets)
set(_engine_headers ${_core_headers} "${PROJECT_SOURCE_DIR}/core/engine/Precompiled.h")
set(_engine_links ${_core_links} lossmith::torch)
foreach(_kind core widgets engine)
  lossmith_precompiled_kind(${_kind} HEADERS ${_${_kind}_headers} LINK ${_${_kind}_links})
  if(LOSSMITH_TESTS)
    lossmith_precompiled_kind(test_${_kind} HEADERS ${_${_kind}_headers} <QtTest> LINK ${_${_kind}_links} Qt6::Test lossmith_quick_build)
  endif()
endforeach()
lossmith_precompiled_kind(cli HEADERS ${_core_headers} <CLI/CLI.hpp> LINK ${_core_links} CLI11::CLI11 lossmith_quick_build)
