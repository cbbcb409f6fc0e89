// Precompiled for the window's libraries and their tests; no file relies on it.
#pragma once

#include <QtWidgets>

#include "packaging/cmake/PrecompiledCore.h"
