# lossmith::torch, made from one prefix only: with two LibTorches installed, find_package(Torch) may mix their parts.
# -DTorch_ROOT=…/torch (the folder that holds include/ and lib/) takes a LibTorch of one's own; otherwise the system's.
set(Torch_ROOT "" CACHE PATH "The folder of a LibTorch with include/ and lib/; empty: the system's")
set(_torch_prefixes /usr)
if(Torch_ROOT)
  set(_torch_prefixes "${Torch_ROOT}")
else()
  foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
    if(EXISTS "${_prefix}/include/torch/csrc/api/include/torch/torch.h")
      list(PREPEND _torch_prefixes "${_prefix}")
    endif()
  endforeach()
endif()
list(GET _torch_prefixes 0 _torch_prefix)

find_path(LOSSMITH_TORCH_INCLUDE ATen/ATen.h PATHS "${_torch_prefix}/include" NO_DEFAULT_PATH REQUIRED)
foreach(_part torch torch_cpu c10)
  find_library(LOSSMITH_${_part}_LIBRARY ${_part} PATHS "${_torch_prefix}/lib" "${_torch_prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE}"
               NO_DEFAULT_PATH REQUIRED)
endforeach()
set(_torch_version_header "${LOSSMITH_TORCH_INCLUDE}/torch/headeronly/version.h")  # since 2.10
if(NOT EXISTS "${_torch_version_header}")
  set(_torch_version_header "${LOSSMITH_TORCH_INCLUDE}/torch/csrc/api/include/torch/version.h")
endif()
file(STRINGS "${_torch_version_header}" _torch_version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX MATCHALL "[0-9]+" _torch_numbers "${_torch_version}")
list(JOIN _torch_numbers "." LOSSMITH_TORCH_VERSION)
message(STATUS "LibTorch ${LOSSMITH_TORCH_VERSION} in ${_torch_prefix}")

add_library(lossmith_torch INTERFACE)
add_library(lossmith::torch ALIAS lossmith_torch)
target_include_directories(lossmith_torch SYSTEM INTERFACE
  "${LOSSMITH_TORCH_INCLUDE}" "${LOSSMITH_TORCH_INCLUDE}/torch/csrc/api/include")
target_link_libraries(lossmith_torch INTERFACE
  "${LOSSMITH_torch_LIBRARY}" "${LOSSMITH_torch_cpu_LIBRARY}" "${LOSSMITH_c10_LIBRARY}")
if(Torch_ROOT)
  # A pip wheel's libtorch.so hands out parts of an old libstdc++ (std::filesystem::remove_all), which do not fit; the system's comes first.
  target_link_options(lossmith_torch INTERFACE -Wl,--push-state,--no-as-needed,-lstdc++,--pop-state)
endif()
if(EXISTS "${_torch_prefix}/lib/libtorch_cuda.so")
  target_link_options(lossmith_torch INTERFACE "-Wl,--push-state,--no-as-needed,${_torch_prefix}/lib/libtorch_cuda.so,--pop-state")
endif()
# A pip wheel's LibTorch may be built with the old string ABI; it says so in its own CMake file.
if(EXISTS "${_torch_prefix}/share/cmake/Torch/TorchConfig.cmake")
  file(STRINGS "${_torch_prefix}/share/cmake/Torch/TorchConfig.cmake" _torch_abi REGEX "GLIBCXX_USE_CXX11_ABI=[01]")
  string(REGEX MATCH "_GLIBCXX_USE_CXX11_ABI=[01]" _torch_abi "${_torch_abi}")
  if(_torch_abi)
    target_compile_definitions(lossmith_torch INTERFACE ${_torch_abi})
  endif()
endif()
