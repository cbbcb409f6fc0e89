# lossmith_options: what every target of ours is compiled with. Warnings are errors in our own code.
add_library(lossmith_options INTERFACE)
target_compile_options(lossmith_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wcast-align -Wunused -Wextra-semi -Wformat=2 -Wimplicit-fallthrough -Werror
  # GCC 12 to 14 see overlaps and overruns in inlined std::string that are not there (bugs 105329, 105651)
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>")
target_compile_definitions(lossmith_options INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_USE_QSTRINGBUILDER)
target_include_directories(lossmith_options INTERFACE "${PROJECT_SOURCE_DIR}")

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

set(LOSSMITH_SANITIZER "" CACHE STRING "address, thread, or empty")
if(LOSSMITH_SANITIZER STREQUAL "address")
  target_compile_options(lossmith_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(lossmith_options INTERFACE -fsanitize=address,undefined)
elseif(LOSSMITH_SANITIZER STREQUAL "thread")
  target_compile_options(lossmith_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(lossmith_options INTERFACE -fsanitize=thread)
endif()

find_program(LOSSMITH_CCACHE ccache)
if(LOSSMITH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cached too once ccache is told that its macros and times may be trusted.
  set(CMAKE_CXX_COMPILER_LAUNCHER env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${LOSSMITH_CCACHE}")
endif()
find_program(LOSSMITH_MOLD mold)
if(LOSSMITH_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

option(LOSSMITH_UNITY "Compile the files of a target some at a time: a full build takes half as long" ON)
# lossmith_batches(TARGET [COUNT]): TARGET's files are compiled COUNT at a time, which pays for the headers they share once.
function(lossmith_batches target)
  set(count 8)
  if(ARGC GREATER 1)
    set(count ${ARGV1})
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${LOSSMITH_UNITY} UNITY_BUILD_BATCH_SIZE ${count})
  if(LOSSMITH_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)  # GCC takes a .cpp in a batch for a header
  endif()
endfunction()

# Each .cpp includes the meta-objects of its own header, so what AUTOMOC gathers is empty and needs no precompiled header.
function(lossmith_no_moc_file target)
  set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${target}_autogen/mocs_compilation.cpp" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# lossmith_library(NAME [MOC] SOURCES… LINK targets…): a static library of ours, named lossmith_NAME, alias lossmith::NAME.
# MOC for those that declare QObjects.
function(lossmith_library name)
  cmake_parse_arguments(ARG "MOC" "" "SOURCES;LINK" ${ARGN})
  add_library(lossmith_${name} STATIC ${ARG_SOURCES})
  set_target_properties(lossmith_${name} PROPERTIES AUTOMOC ${ARG_MOC} AUTORCC OFF)
  add_library(lossmith::${name} ALIAS lossmith_${name})
  target_link_libraries(lossmith_${name} PUBLIC ${ARG_LINK} PRIVATE lossmith_options)
  target_include_directories(lossmith_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  lossmith_precompile(lossmith_${name} ${ARG_LINK})
  lossmith_batches(lossmith_${name})
  lossmith_no_moc_file(lossmith_${name})
endfunction()
