# QScintilla::QScintilla, the editor widget of the loss page, built for Qt 6. Debian's package comes without CMake files of its own.
find_path(QSCINTILLA_INCLUDE Qsci/qsciscintilla.h
  HINTS ${Qt6Core_INCLUDE_DIRS} PATH_SUFFIXES qt6 "${CMAKE_LIBRARY_ARCHITECTURE}/qt6" x86_64-linux-gnu/qt6)
find_library(QSCINTILLA_LIBRARY NAMES qscintilla2_qt6 qscintilla2-qt6)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QScintilla
  REQUIRED_VARS QSCINTILLA_LIBRARY QSCINTILLA_INCLUDE
  REASON_FAILURE_MESSAGE "On Debian the package is libqscintilla2-qt6-dev: packaging/setup.sh installs it.")

if(QScintilla_FOUND AND NOT TARGET QScintilla::QScintilla)
  add_library(QScintilla::QScintilla UNKNOWN IMPORTED)
  set_target_properties(QScintilla::QScintilla PROPERTIES
    IMPORTED_LOCATION "${QSCINTILLA_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${QSCINTILLA_INCLUDE}"
    INTERFACE_LINK_LIBRARIES "Qt6::Widgets;Qt6::PrintSupport")
endif()
mark_as_advanced(QSCINTILLA_INCLUDE QSCINTILLA_LIBRARY)
