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

# Tests are compiled in a third to a half less time by optimizing them less; the libraries that they test are the programs' own. A precompiled
# header holds only for the optimization it was made under, so tests have two of theirs.
set(LOSSMITH_OPTIMIZATION_core_tests "$<$<CONFIG:Release>:-O0>")
set(LOSSMITH_OPTIMIZATION_widgets_tests "$<$<CONFIG:Release>:-O1>")  # they share the window's thread, which is timed

function(lossmith_precompiled_kind kind)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  foreach(owner lossmith_precompiled_${kind} lossmith_precompiled_${kind}_tests)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/precompiled/${owner}.cpp" CONTENT "// Owns the precompiled header of this kind.\n")
    add_library(${owner} OBJECT "${CMAKE_BINARY_DIR}/precompiled/${owner}.cpp")
    set_target_properties(${owner} PROPERTIES AUTOMOC OFF)
    target_link_libraries(${owner} PRIVATE ${ARG_LINK} lossmith_options)
    target_precompile_headers(${owner} PRIVATE ${ARG_HEADERS})
  endforeach()
  set_target_properties(lossmith_precompiled_${kind}_tests PROPERTIES EXCLUDE_FROM_ALL ON)
  target_compile_options(lossmith_precompiled_${kind}_tests PRIVATE ${LOSSMITH_OPTIMIZATION_${kind}_tests})
endfunction()

# lossmith_precompile(TARGET libraries it links…): TARGET's files start from the precompiled header of its kind; where LOSSMITH_FOR_TESTS is set,
# from that for tests.
function(lossmith_precompile target)
  set(kind core)
  if("${ARGN}" MATCHES "ui_|Widgets|pages")
    set(kind widgets)
  endif()
  if(LOSSMITH_FOR_TESTS)
    set(kind ${kind}_tests)
    target_compile_options(${target} PRIVATE ${LOSSMITH_OPTIMIZATION_${kind}})
  endif()
  target_precompile_headers(${target} REUSE_FROM lossmith_precompiled_${kind})
endfunction()

lossmith_precompiled_kind(core
  HEADERS "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledCore.h"
  LINK Qt6::Core nlohmann_json::nlohmann_json)
lossmith_precompiled_kind(widgets
  HEADERS "${PROJECT_SOURCE_DIR}/packaging/cmake/PrecompiledWidgets.h"
  LINK Qt6::Core Qt6::Widgets nlohmann_json::nlohmann_json)
