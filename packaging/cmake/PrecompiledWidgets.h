// Precompiled for the window's libraries and their tests; no file relies on it.
#pragma once

#include <QtGui>
#include <QtWidgets>

#include "packaging/cmake/PrecompiledCore.h"
